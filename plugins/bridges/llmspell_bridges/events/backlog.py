"""The events that wait for one subscription: bounded, so that whoever emits never waits for whoever hears."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.events.event import Event
    from llmspell_bridges.events.records import EventRecord

__all__ = ["Backlog", "Come", "Room"]


class Room:
    """How much the events that one run holds on to may take together."""

    def __init__(self, bytes: int) -> None:
        self.bytes = bytes
        self._used = 0

    def take(self, size: int) -> bool:
        """Set so many bytes aside; return whether there was room."""
        if self._used + size > self.bytes:
            return False
        self._used += size
        return True

    def give_back(self, size: int) -> None:
        """Note that so many bytes are free again."""
        self._used -= size


@fact
class Come(Fact):
    """What has come: an event, or none where only such were missed as came last.

    :param missed: how many events there was no room for, before it
    :param size: what it takes of the room
    """

    event: EventRecord | None
    missed: int = 0
    size: int = 0


class Backlog:
    """Events in the order they came: first those that are not written down yet, then those that are.

    :param most: how many may wait; one that finds no room is counted and left out
    :param room: what all backlogs of a run have together
    """

    def __init__(self, most: int, room: Room) -> None:
        self._most, self._room = most, room
        self._fresh: deque[tuple[Event, int]] = deque()
        self._kept: deque[Come] = deque()
        self._writing: Come | None = None
        self._missed = 0
        self.changed = asyncio.Event()
        """Set whenever something has come or gone."""

    def __len__(self) -> int:
        return len(self._fresh) + len(self._kept) + (self._writing is not None)

    @property
    def kept(self) -> int:
        """How many are written down."""
        return len(self._kept)

    @property
    def is_written(self) -> bool:
        """Whether all are written down."""
        return not self._fresh and self._writing is None

    def put(self, event: Event) -> None:
        """Add an event that has come."""
        if len(self) < self._most and self._room.take(event.size):
            self._fresh.append((event, self._missed))
            self._missed = 0
        else:
            self._missed += 1
        self.changed.set()

    async def next(self) -> Come:
        """Return what has come first of what is not written down, when there is any."""
        await self.until(lambda: bool(self._fresh) or (self._missed > 0 and len(self) < self._most))
        if self._fresh:
            event, missed = self._fresh.popleft()
            self._writing = Come(event.as_map(), missed, event.size)
        else:
            self._writing, self._missed = Come(None, self._missed), 0
        return self._writing

    def keep(self, come: Come) -> None:
        """Add what was written down."""
        self._writing = None
        self._kept.append(come)
        self.changed.set()

    def take(self) -> Come:
        """Return what was written down first."""
        come = self._kept.popleft()
        self._room.give_back(come.size)
        self.changed.set()
        return come

    def clear(self) -> None:
        """Drop what waits, and what is being written down."""
        come = [*self._kept, *([] if self._writing is None else [self._writing])]
        self._room.give_back(sum(event.size for event, _ in self._fresh) + sum(each.size for each in come))
        self._fresh.clear()
        self._kept.clear()
        self._writing = None

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until something is so; it is looked at whenever something has changed."""
        while not ready():
            self.changed.clear()
            await self.changed.wait()
