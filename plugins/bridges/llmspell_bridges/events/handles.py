"""What spells hold of events: subscriptions and recordings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llmspell_bridges.events.failures import check_seconds
from llmspell_bridges.events.records import Recorded, RecordingRecord, StatusRecord
from llmspell_core.bridge import Handle, expose
from llmspell_core.wire import encode_value

if TYPE_CHECKING:
    from llmspell_bridges.events.backlog import Room
    from llmspell_bridges.events.pump import Pump
    from llmspell_bridges.events.records import EventRecord
    from llmspell_core.bridge import Context

__all__ = ["Recording", "Subscription"]


class Subscription(Handle):
    """A callback that is called with events. It goes on when nobody holds it any more, until the run ends."""

    def __init__(self, pump: Pump) -> None:
        self.pump = pump

    @expose(redo=True)
    def off(self) -> None:
        """End it: the callback is not called any more. One that runs comes to its end."""
        self.pump.stop()

    @expose
    async def join(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the name that scripts know
        """Wait until it has ended, so that the spell goes on listening; return false when it has not in time.

        :param timeout: how many seconds to wait, without end when left out
        """
        check_seconds("join", timeout, "timeout", 1)
        try:
            async with asyncio.timeout(timeout):
                await self.pump.stopped.wait()
        except TimeoutError:
            return False
        return True

    @expose
    def status(self) -> StatusRecord:
        """Return how it fares."""
        pump = self.pump
        return StatusRecord(
            pattern=pump.pattern,
            active=not pump.stopped.is_set(),
            waiting=pump.waiting,
            handled=pump.handled,
            failed=pump.failed,
            missed=pump.missed,
        )


class Recording(Handle):
    """Events that are being recorded, until it is stopped or nobody holds it any more."""

    def __init__(self, context: Context, room: Room, most: int) -> None:
        self._context, self._room, self._most = context, room, most
        self._events: list[Recorded] = []
        self._bytes = self._missed = 0
        self.pump: Pump

    async def keep(self, _: Pump, events: list[EventRecord]) -> None:
        """Keep events that have come, where there is room."""
        for event in events:
            size = len(encode_value(event))
            if len(self._events) < self._most and self._room.take(size):
                self._bytes += size
                self._events.append(event)  # type: ignore[arg-type]  # an event has that form
            else:
                self._missed += 1

    @expose(redo=True)
    async def stop(self) -> RecordingRecord:
        """Stop recording, and return what was recorded; a second time too."""
        await self._context.once("recorded", self.pump.idle)
        self.pump.stop()
        missed = self._missed + self.pump.missed
        return RecordingRecord(pattern=self.pump.pattern, events=list(self._events), missed=missed)

    async def close(self) -> None:
        self.pump.stop()
        self._room.give_back(self._bytes)
        self._events, self._bytes = [], 0
