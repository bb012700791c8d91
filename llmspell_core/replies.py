"""The events of a run's next inbox, gathered while its session waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import mark
from llmspell_core.errors import ConversionError
from llmspell_core.protocol import Inbox, Reject, Resolve
from llmspell_core.values import ErrorValue, readable

if TYPE_CHECKING:
    import asyncio

    from llmspell_core.crossing import Crossing
    from llmspell_core.protocol import Event

__all__ = ["Replies"]


class Replies:
    """Answers and other events, as script values, in the order they came."""

    def __init__(self, crossing: Crossing) -> None:
        self._crossing = crossing
        self._events: list[Event] = []
        self._plain = True
        self.delivered: set[int] = set()
        """The marks of the errors that the session was told of."""
        self.came: asyncio.Event | None = None
        """Set with each event, once there is a loop to wait in."""

    def __bool__(self) -> bool:
        return bool(self._events)

    def add(self, event: Event, *, plain: bool) -> None:
        """Add an event whose values have been lowered."""
        self._events.append(event)
        self._plain = self._plain and plain
        if self.came is not None:
            self.came.set()

    def resolve(self, id: int, value: Any) -> None:
        """Answer a call with a value; one that may not cross is an error instead."""
        try:
            lowered, plain = self._crossing.lower(value)
        except ConversionError as error:
            self.reject(id, error, "the result")
        else:
            self.add(Resolve(id, lowered), plain=plain)

    def reject(self, id: int, error: BaseException, where: str) -> None:
        """Answer a call with an error.

        :param where: which call it was
        """
        value = self._crossing.error(error, where)
        try:
            value, _ = self._crossing.lower(value)
        except ConversionError:
            value = ErrorValue(readable(value.kind), readable(value.message))
        self.delivered.add(mark(value))
        self.add(Reject(id, value), plain=False)

    def take(self, now: float) -> Inbox:
        """Return the inbox of all that has come, and begin the next."""
        if forgotten := self._crossing.forgotten():
            # First of all: an answer in the same inbox may have the session hand over one of them again.
            self._events.insert(0, forgotten)
        inbox = Inbox(now, tuple(self._events), self._plain)
        self._events, self._plain = [], True
        return inbox
