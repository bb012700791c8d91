"""Calls that are made to be measured: one after the other, or many at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import field
from math import ceil
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument, LlmspellError
from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.spelltests.clock import TestClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["BOUNDS", "Load", "Measured", "load_of", "measure"]

TIMES = 100
"""How often a function is called where nothing says it."""
AT_ONCE = 10
"""How many calls of a load test are made at once where it does not say."""
STANDSTILL = 1000
"""How many calls may end one after the other while a clock that was taken over stands still."""
BOUNDS = ("median", "p95", "p99")
"""What a load test may bound, in seconds."""


@fact
class Load(Fact):
    """How often a function is called to be measured, and what must hold of it.

    :param times: how often at the most; None where only the time bounds it
    :param duration: seconds after which no other call begins
    :param at_once: how many calls are under way at any time
    :param max_errors: how many calls may fail
    :param bounds: the most seconds that a figure may be, by its name
    :param per_second: the fewest calls
    """

    times: int | None = TIMES
    duration: float | None = None
    at_once: int = 1
    max_errors: int = 0
    bounds: Mapping[str, float] = field(default_factory=dict)
    per_second: float | None = None


@record
class Measured(Record):
    """What came of the calls.

    :param at_once: how many were under way at any time
    :param seconds: what each took that ended well
    :param errors: how many failed
    :param first: the error of the first that did
    :param elapsed: seconds from the first call's begin to the last one's end
    """

    at_once: int
    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    first: LlmspellError | None = None
    elapsed: float = 0.0

    @property
    def calls(self) -> int:
        """How many calls ended."""
        return len(self.seconds) + self.errors

    @property
    def per_second(self) -> float:
        """How many calls ended in a second."""
        return self.calls / self.elapsed if self.elapsed else float("inf")

    def figures(self) -> dict[str, float]:
        """Return the shortest, the median, the 95th and the 99th percentile; nothing where all calls failed."""
        if not self.seconds:
            return {}
        ordered = sorted(self.seconds)
        p95, p99 = (ordered[ceil(len(ordered) * part) - 1] for part in (0.95, 0.99))
        return {"min": ordered[0], "median": statistics.median(ordered), "p95": p95, "p99": p99}

    def fault(self, load: Load) -> str | None:
        """Return what does not hold of it, in words."""
        if self.errors > load.max_errors:
            cause = "" if self.first is None else f"; the first: {self.first}"
            return f"{self.errors} of {self.calls} calls failed, and at most {load.max_errors} may{cause}"
        for name, found in self.figures().items():
            if found > load.bounds.get(name, found):
                return f"{name} is {_time(found)}, and at most {_time(load.bounds[name])} is allowed"
        if load.per_second is not None and self.per_second < load.per_second:
            return f"{self.per_second:.1f} calls were made in a second, and at least {load.per_second:g} are wanted"
        return None

    def __str__(self) -> str:
        times = ", ".join(f"{name} {_time(value)}" for name, value in self.figures().items())
        if self.at_once == 1:
            return f"{self.calls} times, {times}"
        many = f"{self.calls} calls, {self.at_once} at once, {self.errors} failed, {self.per_second:.1f} in a second"
        return f"{many}, {times}" if times else many


def load_of(given: Mapping[str, Any], caller: str) -> Load:
    """Return how a function is measured as a spell says it; :raises BadArgument: naming what is wrong."""
    duration = _number(given, "duration", caller)
    times = _count(given, "times", caller, TIMES if duration is None else None, 1)
    at_once = _count(given, "at_once", caller, 1 if caller == "bench" else AT_ONCE, 1)
    errors = _count(given, "max_errors", caller, 0, 0)
    assert at_once is not None
    assert errors is not None
    bounds = {name: most for name in BOUNDS if (most := _number(given, name, caller)) is not None}
    return Load(times, duration, at_once, errors, bounds, _number(given, "per_second", caller))


async def measure(
    call: Callable[[], Awaitable[LlmspellError | None]], load: Load, clock: Callable[[], float]
) -> Measured:
    """Return what came of the calls of a load; they end early when too many have failed.

    They are measured by the real clock, or by the one that a test has taken over: then time passes by itself whenever
    every call that is under way sleeps.

    :param call: makes one call, and returns its error
    """
    taken = clock if isinstance(clock, TestClock) and clock.taken is not None else None
    return await _Measuring(call, load, taken).run()


class _Measuring:
    def __init__(
        self, call: Callable[[], Awaitable[LlmspellError | None]], load: Load, clock: TestClock | None
    ) -> None:
        self._call, self._load, self._clock = call, load, clock
        self._now: Callable[[], float] = time.perf_counter if clock is None else clock
        self._measured = Measured(load.at_once)
        self._begun = self._working = self._still = 0
        self._began = self._now()

    async def run(self) -> Measured:
        """Return what came of the calls."""
        self._began = self._now()
        workers = [asyncio.create_task(self._work()) for _ in range(self._load.at_once)]
        tasks = workers if self._clock is None else [*workers, asyncio.create_task(self._pace(self._clock))]
        try:
            await asyncio.gather(*workers)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._measured.elapsed = self._now() - self._began
        return self._measured

    async def _work(self) -> None:
        measured = self._measured
        while self._is_wanted():
            self._begun += 1
            self._working += 1
            began = self._now()
            error = await self._call()
            self._working -= 1
            took = self._now() - began
            if error is None:
                measured.seconds.append(took)
            else:
                measured.errors += 1
                measured.first = measured.first or error
            self._moved(took)
        if self._clock is not None:
            self._clock.changed()

    def _is_wanted(self) -> bool:
        load = self._load
        return (
            self._measured.errors <= load.max_errors
            and (load.times is None or self._begun < load.times)
            and (load.duration is None or self._now() - self._began < load.duration)
        )

    def _moved(self, took: float) -> None:
        """Note how much time a call took; :raises LlmspellError: when time would never pass."""
        self._still = 0 if took else self._still + 1
        if self._clock is not None and self._load.times is None and self._still > STANDSTILL:
            problem = "the fake clock stands still while the function runs; have it sleep, or say `times`"
            raise BadArgument("load_test", None, "duration", problem)

    async def _pace(self, clock: TestClock) -> None:
        """Let time pass whenever every call that is under way sleeps."""
        while True:
            await clock.until(lambda: clock.sleepers >= self._working > 0)
            await clock.go_on()


def _time(seconds: float) -> str:
    return f"{seconds:.3f} s" if seconds >= 1 else f"{seconds * 1000:.3f} ms"


def _number(given: Mapping[str, Any], name: str, caller: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 < value < 1e6:
        raise BadArgument(caller, None, name, f"must be a number above 0, not {value!r}")
    return float(value)


def _count(given: Mapping[str, Any], name: str, caller: str, usual: int | None, least: int) -> int | None:
    value = given.get(name)
    if value is None:
        return usual
    if type(value) not in (int, float) or value != value // 1 or not least <= value < 1e9:
        raise BadArgument(caller, None, name, f"must be a whole number from {least} on, not {value!r}")
    return int(value)
