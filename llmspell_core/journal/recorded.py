"""What a run that was exported has asked for and got, for playing a spell on it as on a cassette.

What it asked for stands there as it was passed. What the parameters are called, the bridges know: whoever plays it
asks for what is recorded of a bridge, or of a type of handles, when that is first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.facts import Fact, fact
from llmspell_core.journal.past import Done
from llmspell_core.protocol import Call, Reject, Resolve
from llmspell_core.values import HandleRef
from llmspell_core.wire import decode_inbox, decode_outbox, encode_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmspell_core.journal.records import Entry

__all__ = ["Recorded", "recorded"]


@fact
class Recorded(Fact):
    """What came of one call, or of something that was done once within one.

    :param method: that was called, as it was spelled
    :param args: as they were passed; None for what was done once
    :param key: what was done once; None for the call itself
    """

    method: str
    args: Sequence[Any] | None
    key: str | None
    done: Done


def recorded(lines: Iterable[str], file: str) -> dict[str, list[Recorded]]:
    """Return what the runs of a file have, by bridge or type of handle, in order.

    :raises NoTranscript: naming the line that is wrong
    """
    from llmspell_core.journal.transcript import read

    found: dict[str, list[Recorded]] = {}
    for _, entries in read(lines, file):
        for owner, each in _of_run(entries):
            found.setdefault(owner, []).append(each)
    return found


def _of_run(entries: Sequence[Entry]) -> Iterable[tuple[str, Recorded]]:
    made: dict[int, Call] = {}
    types: dict[int, str] = {}
    replaced = {number for entry in entries if entry.kind == "once" for each in entry.about[4:] for number in each}
    for entry in entries:
        if entry.kind == "asked":
            made.update({each.id: each for each in decode_outbox(entry.body).requests if isinstance(each, Call)})
        elif entry.kind == "fed":
            for event in decode_inbox(entry.body).events:
                if isinstance(event, Resolve) and isinstance(event.value, HandleRef):
                    types[event.value.id] = event.value.type
                elif isinstance(event, Resolve | Reject) and event.id in made:
                    call = made[event.id]
                    ok = isinstance(event, Resolve)
                    done = Done(ok, encode_value(event.value if isinstance(event, Resolve) else event.error))
                    yield _owner(call, types), Recorded(call.method, call.args, None, done)
        elif entry.kind == "once":
            number, key, ok, *_ = entry.about
            # What was done once within that has no call of its own, and comes back with it.
            if number in made and entry.number not in replaced:
                yield _owner(made[number], types), Recorded(made[number].method, None, key, Done(ok, entry.body))


def _owner(call: Call, types: dict[int, str]) -> str:
    return call.target if isinstance(call.target, str) else types.get(call.target, "")
