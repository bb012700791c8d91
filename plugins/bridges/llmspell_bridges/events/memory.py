"""The bus of one runner: events reach all of its runs, and their past is in memory."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from llmspell_bridges.events.bus import Bounds, Bus

if TYPE_CHECKING:
    from llmspell_bridges.events.bus import Receiver, Wanted
    from llmspell_bridges.events.event import Event

__all__ = ["MemoryBus", "open_memory"]


def open_memory(url: str, space: str, bounds: Bounds) -> MemoryBus:
    """Return a bus of its own; nothing but the bounds is looked at."""
    return MemoryBus(bounds)


class MemoryBus(Bus):
    """Keeps the last events; whoever is in this process hears of them without it.

    Runs of several threads may share it.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._kept: deque[Event] = deque()
        self._ids: set[str] = set()
        self._bytes = 0
        self._lock = Lock()

    async def publish(self, event: Event, node: str) -> None:
        size = event.size
        with self._lock:
            if event.id in self._ids:
                return
            self._kept.append(event)
            self._ids.add(event.id)
            self._bytes += size
            while self._kept and (len(self._kept) > self._bounds.events or self._bytes > self._bounds.bytes):
                oldest = self._kept.popleft()
                self._ids.discard(oldest.id)
                self._bytes -= oldest.size

    async def listen(self, receiver: Receiver) -> None:
        pass  # there is nobody else

    async def history(self, pattern: str, wanted: Wanted, limit: int) -> list[Event]:
        found: list[Event] = []
        for event in reversed(tuple(self._kept)):
            if len(found) == limit:
                break
            if wanted(event):
                found.append(event)
        return found[::-1]

    async def close(self) -> None:
        pass  # its past lasts
