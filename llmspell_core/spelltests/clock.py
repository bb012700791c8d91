"""A clock that a test can take over: time then passes only when the test says so."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from llmspell_core.bridge import Handle, expose

__all__ = ["FakeClock", "TestClock"]


@dataclass(order=True)
class _Timer:
    due: float
    number: int
    landed: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Have it never land."""
        self.cancelled = True


class TestClock:
    """The clock of a runner: that of the machine until a test takes it over."""

    __test__ = False

    def __init__(self) -> None:
        self.taken: float | None = None
        self._timers: list[_Timer] = []
        self._number = 0
        self._waiting: list[asyncio.Future[None]] = []

    def __call__(self) -> float:
        """Return the time, Unix seconds."""
        return time.time() if self.taken is None else self.taken

    def call_later(self, seconds: float, landed: Callable[[], None]) -> _Timer | None:
        """Return a timer of the test's own time; None where that is the machine's."""
        if self.taken is None:
            return None
        self._number += 1
        timer = _Timer(self.taken + seconds, self._number, landed)
        heapq.heappush(self._timers, timer)
        return timer

    def waits(self) -> None:
        """Note that the session has done all it can."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def advance(self, seconds: float) -> None:
        """Let time pass: whatever sleeps until then wakes in its order, and does what it does at that time."""
        assert self.taken is not None
        end = self.taken + seconds
        while self._timers and self._timers[0].due <= end:
            timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            self.taken = max(self.taken, timer.due)
            waits: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waits)
            timer.landed()
            await waits
        self.taken = end

    def give_back(self) -> None:
        """Go on with the machine's time."""
        self.taken, self._timers = None, []
        self.waits()


class FakeClock(Handle):
    """Time that passes only when the test says so. Sleeps, timers and timeouts of the spell go by it."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock

    @expose
    def now(self) -> float:
        """Return the time."""
        return self._clock()

    @expose
    async def advance(self, seconds: float) -> float:
        """Let so many seconds pass, and return the time: whatever sleeps until then has woken, in its order."""
        if not 0 <= seconds < 1e12:
            from llmspell_core.errors import BadArgument

            raise BadArgument("advance", 1, "seconds", "must be seconds from 0 on; time does not go back")
        await self._clock.advance(seconds)
        return self._clock()

    @expose
    def restore(self) -> None:
        """Go on with real time."""
        self._clock.give_back()

    def close(self) -> Any:
        """Go on with real time when nobody holds it any more."""
        self._clock.give_back()
        return _nothing()


async def _nothing() -> None:
    return None
