"""What tells that a run goes on otherwise than its journal says: both requests, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.errors import LlmspellError
from llmspell_core.protocol import Call, Reject, Resolve
from llmspell_core.wire import encode_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.journal.past import Step
    from llmspell_core.protocol import Event

__all__ = ["ReplayMismatch", "check", "shown"]

_OTHER = "it is another spell, engine or bridge than before; resume with what the run began with, or fork it"


class ReplayMismatch(LlmspellError):
    """A run that goes on asks for something else than its journal holds; ``data`` is ``{entry, journal, spell}``.

    :param journal: what the journal holds
    :param spell: what the spell asks for now
    :param so: what follows from that
    """

    kind = "replay"

    def __init__(self, entry: int, journal: str, spell: str, so: str = _OTHER) -> None:
        self.entry, self.journal, self.spell = entry, journal, spell
        self.data = {"entry": entry, "journal": journal, "spell": spell}
        super().__init__(
            f"at entry {entry} the journal holds\n    {journal}\nand the spell asks for\n    {spell}\nso {so}"
        )


def check(step: Step, calls: Sequence[Call]) -> None:
    """Do nothing when a step asks for what it asked for before; :raises ReplayMismatch: when it does not."""
    before = step.calls or ()
    for n in range(max(len(calls), len(before))):
        was, now = (each[n] if n < len(each) else None for each in (before, calls))
        same = was is not None and now is not None and (was.target, was.method) == (now.target, now.method)
        told = tuple("nothing" if call is None else shown(call) for call in (was, now))
        if not same or (told[0] != told[1] and not step.loosely):
            raise ReplayMismatch(step.number, *told)


def shown(what: Call | Event) -> str:
    """Return a request or an event as a person reads it."""
    if isinstance(what, Call):
        return f"call {what.id}: {what.target}.{what.method} {encode_value(what.args)}"
    if isinstance(what, Resolve):
        return f"the answer of call {what.id}: {encode_value(what.value)}"
    if isinstance(what, Reject):
        return f"the error of call {what.id}: {what.error.kind}: {what.error.message}"
    return f"a call of function {what.function}: {encode_value(what.args)}"  # type: ignore[union-attr]
