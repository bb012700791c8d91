"""Time travel: a run that has the past of another up to some entry, and a future of its own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import UsageError
from llmspell_core.journal.past import Past
from llmspell_core.parameters import check
from llmspell_core.protocol import Start
from llmspell_core.wire import decode_inbox, encode_inbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.journal.journal import Journal
    from llmspell_core.journal.records import Entry, Run

__all__ = ["fork"]


def fork(journal: Journal, id: str, at: int, new_id: str, params: Mapping[str, Any] | None = None) -> Run:
    """Add a run that was interrupted where another had so many entries; resume it to have it go on from there.

    With other parameters it is told the answers of the old run as long as it calls the same methods, whatever the
    arguments; from the fork on it is on its own.

    :param at: the last entry that the runs have in common; 0 begins anew
    :param params: those that are to be otherwise
    :raises NoRun: when there is no such run
    :raises UsageError: when it has no such entry
    :raises ParameterError: when the parameters do not fit the spell's manifest
    """
    run, entries = journal.run(id), journal.entries(id)
    if not 0 <= at <= len(entries):
        raise UsageError(f"--at {at}: the run {id} has the entries 1 to {len(entries)}; 0 begins anew")
    kept = entries[:at]
    Past(id, kept)
    if params:
        run.params = check(run.spell.manifest, {**run.params, **params})
        kept = [_otherwise(entry, run.params) for entry in kept]
    now = time.time()
    gone: dict[str, Any] = {"value": None, "output": "", "error": None, "usage": None, "duration": 0.0, "epoch": 1}
    made = replace(run, id=new_id, parent=None, status="interrupted", created=now, changed=now, **gone)
    journal.add(made, kept)
    return made


def _otherwise(entry: Entry, params: dict[str, Any]) -> Entry:
    if entry.kind == "asked":
        return replace(entry, about="forked")
    if entry.kind != "fed":
        return entry
    inbox = decode_inbox(entry.body)
    events = tuple(replace(event, params=params) if isinstance(event, Start) else event for event in inbox.events)
    return replace(entry, body=encode_inbox(replace(inbox, events=events, plain=False)))
