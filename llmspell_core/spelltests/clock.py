"""A clock that a test can take over: time then passes only when the test says so."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

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
        self._watching: list[asyncio.Future[None]] = []

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
        self.changed()
        return timer

    @property
    def sleepers(self) -> int:
        """How many sleep by it."""
        return sum(not timer.cancelled for timer in self._timers)

    def waits(self) -> None:
        """Note that a session has done all it can."""
        waiting, self._waiting = self._waiting, []
        _wake(waiting)

    def changed(self) -> None:
        """Have those look again who wait until something holds."""
        watching, self._watching = self._watching, []
        _wake(watching)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that sleepers, or whoever calls :meth:`changed`, may change."""
        while not holds():
            self._watching.append(asyncio.get_running_loop().create_future())
            await self._watching[-1]

    async def advance(self, seconds: float) -> None:
        """Let time pass: whatever sleeps until then wakes in its order, and does what it does at that time."""
        assert self.taken is not None
        end = self.taken + seconds
        while self.taken is not None and self._next() <= end:
            await self.go_on()
        if self.taken is not None:
            self.taken = end

    async def go_on(self) -> None:
        """Let time pass until the next sleeper wakes, and come back when that has done what it does."""
        assert self.taken is not None
        due = self._next()
        timer = heapq.heappop(self._timers)
        self.taken = max(self.taken, due)
        self._waiting.append(asyncio.get_running_loop().create_future())
        waits = self._waiting[-1]
        timer.landed()
        await waits

    def give_back(self) -> None:
        """Go on with the machine's time; whoever still sleeps does so for the rest of theirs."""
        timers, self._timers = self._timers, []
        taken, self.taken = self.taken, None
        self.waits()
        self.changed()
        for timer in timers:
            if not timer.cancelled and taken is not None:
                asyncio.get_running_loop().call_later(timer.due - taken, timer.landed)

    def _next(self) -> float:
        """Return when the next sleeper wakes."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0].due if self._timers else float("inf")


def _wake(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


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
    async def until_asleep(self, count: int = 1) -> float:
        """Wait until so many sleep, of the spell and of those that it casts, and return the time."""
        if count < 1:
            from llmspell_core.errors import BadArgument

            raise BadArgument("until_asleep", 1, "count", f"must be 1 at least, not {count}")
        await self._clock.until(lambda: self._clock.sleepers >= count)
        return self._clock()

    @expose
    def restore(self) -> None:
        """Go on with real time."""
        self._clock.give_back()
