"""A run's journal as a person reads it: every call, what came of it, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.facts import Record, record
from llmspell_core.protocol import Call, Reject, Resolve
from llmspell_core.values import HandleRef
from llmspell_core.wire import decode_inbox, decode_outbox, encode_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_core.journal.records import Entry

__all__ = ["Told", "calls"]


@record
class Told(Record):
    """One call of a run.

    :param entry: of the journal where the answer stands, to go back to before it; None while there is none
    :param asked: when it was made, Unix seconds
    :param args: as text
    :param answer: what came of it, as text; None while there is nothing
    :param duration: seconds; None while it lasts
    """

    call: int
    name: str
    args: str
    asked: float
    entry: int | None = None
    ok: bool | None = None
    answer: str | None = None
    duration: float | None = None


def calls(entries: Sequence[Entry], args: Callable[[Call], Sequence[Any]] = lambda call: call.args) -> list[Told]:
    """Return the calls of a run, in the order in which they were made.

    :param args: returns the arguments of a call as they are to be told
    """
    made: dict[int, Told] = {}
    handles: dict[str | int, str] = {}
    for entry in entries:
        if entry.kind == "asked":
            for request in decode_outbox(entry.body).requests:
                if isinstance(request, Call):
                    name = f"{handles.get(request.target, request.target)}.{request.method}"
                    made[request.id] = Told(request.id, name, encode_value(list(args(request)))[1:-1], entry.at)
        elif entry.kind == "fed":
            for event in decode_inbox(entry.body).events:
                if isinstance(event, Resolve | Reject) and event.id in made:
                    _answer(made[event.id], event, entry)
                if isinstance(event, Resolve) and isinstance(event.value, HandleRef):
                    handles[event.value.id] = f"{event.value.type}#{event.value.id}"
    return list(made.values())


def _answer(told: Told, event: Resolve | Reject, entry: Entry) -> None:
    told.entry, told.duration = entry.number, max(0.0, entry.at - told.asked)
    told.ok = isinstance(event, Resolve)
    told.answer = (
        encode_value(event.value) if isinstance(event, Resolve) else f"{event.error.kind}: {event.error.message}"
    )
