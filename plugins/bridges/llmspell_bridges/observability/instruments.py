"""Counters, gauges, histograms and timers as spells hold them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeAlias

from llmspell_bridges.observability.measures import Measurement
from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function, Handle, ScriptValue

if TYPE_CHECKING:
    from llmspell_bridges.observability.measures import Instrument
    from llmspell_core.bridge import Context

__all__ = ["Counter", "Gauge", "Given", "Histogram", "Metric", "Stopwatch", "Timer"]

Given: TypeAlias = dict[str, str | int | float | bool]
_LONGEST = 200


class Metric:
    """What all instruments have in common."""

    def __init__(self, context: Context, instrument: Instrument) -> None:
        self._context, self._instrument = context, instrument

    def _tell(self, amount: float, labels: Given | None, *, sets: bool = False) -> None:
        known, given = self._instrument.labels, labels or {}
        where = self._instrument.name
        for name in given:
            if name not in known:
                words = f"is no label of it; it has {', '.join(known) or 'none'}, given when it was made"
                raise BadArgument(where, None, name, words)
        if amount != amount or amount in (float("inf"), float("-inf")):
            raise BadArgument(where, 1, "amount", f"must be a finite number, not {amount!r}")
        values = tuple(self._context.secrets.redact(_text(given.get(name, "")))[:_LONGEST] for name in known)
        self._context.points.tell(Measurement(self._instrument, amount, values, sets))


class Counter(Metric, Handle):
    """Counts what only grows."""

    unhooked = True

    @expose(aliases=("inc",))
    def add(self, amount: float = 1, labels: Given | None = None) -> None:
        """Count.

        :param amount: from 0 upwards
        :param labels: values of the labels, by name
        """
        if amount < 0:
            raise BadArgument(self._instrument.name, 1, "amount", f"must be 0 or more, not {amount!r}; take a gauge")
        self._tell(amount, labels)


class Gauge(Metric, Handle):
    """A number that goes up and down."""

    unhooked = True

    @expose
    def set(self, value: float, labels: Given | None = None) -> None:
        """Have it be a value.

        :param value: the value
        :param labels: values of the labels, by name
        """
        self._tell(value, labels, sets=True)

    @expose
    def add(self, amount: float = 1, labels: Given | None = None) -> None:
        """Have it be so much more, or less.

        :param amount: below 0 for less
        :param labels: values of the labels, by name
        """
        self._tell(amount, labels)


class Histogram(Metric, Handle):
    """Counts values by their size."""

    unhooked = True

    @expose(aliases=("observe",))
    def record(self, value: float, labels: Given | None = None) -> None:
        """Count a value.

        :param value: the value
        :param labels: values of the labels, by name
        """
        self._tell(value, labels)


class Timer(Metric, Handle):
    """A histogram of durations, in seconds."""

    unhooked = True

    @expose
    def record(self, seconds: float, labels: Given | None = None) -> None:
        """Count a duration.

        :param seconds: how long
        :param labels: values of the labels, by name
        """
        if seconds < 0:
            raise BadArgument(self._instrument.name, 1, "seconds", f"must be 0 or more, not {seconds!r}")
        self._tell(seconds, labels)

    @expose
    def start(self, labels: Given | None = None) -> Stopwatch:
        """Return a watch that runs; what it measures counts when it is stopped.

        :param labels: values of the labels, by name
        """
        return Stopwatch(self, labels)

    @expose
    async def time(self, f: Function, labels: Given | None = None) -> ScriptValue:
        """Return what a function returns, and count how long it took, also when it fails.

        :param f: the function
        :param labels: values of the labels, by name
        """
        watch = Stopwatch(self, labels)
        try:
            return await f()
        finally:
            watch.stop()


class Stopwatch(Handle):
    """A watch that runs."""

    unhooked = True

    def __init__(self, timer: Timer, labels: Given | None) -> None:
        self._timer, self._labels = timer, labels
        self._began = time.perf_counter()
        self._seconds: float | None = None

    @expose
    def stop(self) -> float:
        """Count how long it has run, and return that; a second call counts nothing."""
        return self.stopped(self._labels)

    def stopped(self, labels: Given | None) -> float:
        """Count as :meth:`stop` does, under labels that were not known before."""
        if self._seconds is None:
            self._seconds = time.perf_counter() - self._began
            self._timer.record(self._seconds, labels)
        return self._seconds


def _text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
