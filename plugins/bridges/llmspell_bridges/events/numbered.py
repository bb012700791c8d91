"""What drivers have in common that number the events of a space, one after the other: what is missing is known."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.bus import Bounds, Bus
from llmspell_bridges.events.event import Event

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from llmspell_bridges.events.bus import Receiver, Wanted

__all__ = ["Line", "NumberedBus", "at_least", "log"]

_TRANSIT = Bounds(1000, 16 * 2**20)
_PAGE = 500
log = logging.getLogger("llmspell.events")


def at_least(bounds: Bounds) -> Bounds:
    """Return how much is kept so that all who listen have the time to read it, however little history is wanted."""
    return Bounds(max(bounds.events, _TRANSIT.events), max(bounds.bytes, _TRANSIT.bytes))


class Line:
    """The numbers of the events of a space, one after the other, by which what was lost is known.

    :param last: the number of the last event that was read
    """

    def __init__(self, last: int) -> None:
        self.last = last

    def skipped(self, number: int) -> int:
        """Note that an event was read, and return how many before it were not."""
        gap, self.last = number - self.last - 1, max(number, self.last)
        return max(0, gap)


class NumberedBus(Bus):
    """Reads its history backwards, and does in the background what listening takes."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._tasks: list[asyncio.Task[None]] = []

    async def history(self, pattern: str, wanted: Wanted, limit: int) -> list[Event]:
        before, room = await self._last() + 1, self._bounds.bytes
        first = max(1, before - self._bounds.events)
        found: list[Event] = []
        while before > first and room > 0 and len(found) < limit:
            page = await self._between(max(first, before - _PAGE), before)
            for text in reversed(page):
                event = _event(text)
                room -= len(text)
                if event is not None and room >= 0 and wanted(event):
                    found.append(event)
            before -= _PAGE
        return found[:limit][::-1]

    @abstractmethod
    async def _last(self) -> int:
        """Return the number of the last event, 0 when there was none."""

    @abstractmethod
    async def _between(self, first: int, before: int) -> list[bytes]:
        """Return the texts of the events from one number up to before another."""

    def _came(self, receiver: Receiver, line: Line, number: int, node: str, text: bytes) -> None:
        """Tell of an event that was read; of one that is none as of one that was lost."""
        event = _event(text)
        if lost := line.skipped(number) + (event is None):
            receiver.lost(lost)
        if event is not None:
            receiver.received(node, event)

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine until :meth:`_stop`, as a task; one that fails is logged, since nobody waits for it."""
        task = asyncio.get_running_loop().create_task(coroutine)
        task.add_done_callback(_look_at)
        self._tasks.append(task)
        return task

    async def _stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            # Again and again: a library may have a cancellation end what it does, and not whoever called it.
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=0.05)


def _event(text: bytes) -> Event | None:
    """Return the event of a text; None for what somebody else wrote."""
    try:
        return Event.read(text)
    except ValueError:
        return None


def _look_at(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("an event bus broke: events of others are not heard any more", exc_info=error)
