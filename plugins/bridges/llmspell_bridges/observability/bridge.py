"""The bridge ``observability``."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.observability.checking import HealthChecks
from llmspell_bridges.observability.instruments import Counter, Gauge, Histogram, Timer
from llmspell_bridges.observability.measures import Instrument
from llmspell_bridges.observability.span import Attributes, Span, attributes_of
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["ObservabilityBridge"]

_Names: TypeAlias = list[str]
_Bounds: TypeAlias = list[float]
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_LABEL = re.compile(r"[a-z][a-z0-9_]*")
_MOST, _MOST_LABELS, _MOST_BUCKETS, _LONGEST = 200, 8, 50, 63


class ObservabilityBridge(Bridge):
    """Measure what the spell does, and mark it in the trace of the run.

    Metrics are exported as ``spell.`` and their name, where the run is watched by OpenTelemetry or Prometheus; nothing
    is kept where it is not. Two of one name are one.
    """

    name = "observability"
    unhooked = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._known: dict[str, Instrument] = context.shared.get("observability", dict)
        self._checks = HealthChecks(context)

    @expose
    def counter(self, name: str, description: str = "", labels: _Names | None = None) -> Counter:
        """Return a counter.

        :param name: lower-case letters, digits, _ and dots
        :param description: what it counts
        :param labels: names of what tells its series apart
        """
        return Counter(self.context, self._instrument("counter", name, description, labels))

    @expose
    def gauge(self, name: str, description: str = "", labels: _Names | None = None) -> Gauge:
        """Return a gauge, a number that goes up and down.

        :param name: lower-case letters, digits, _ and dots
        :param description: what it is
        :param labels: names of what tells its series apart
        """
        return Gauge(self.context, self._instrument("gauge", name, description, labels))

    @expose
    def histogram(
        self, name: str, description: str = "", labels: _Names | None = None, *, buckets: _Bounds | None = None
    ) -> Histogram:
        """Return a histogram, which counts values by their size.

        :param name: lower-case letters, digits, _ and dots
        :param description: what the values are
        :param labels: names of what tells its series apart
        :param buckets: the upper bounds that it counts by
        """
        bounds = tuple(buckets or ())
        if len(bounds) > _MOST_BUCKETS or any(a >= b for a, b in pairwise(bounds)):
            problem = f"are at most {_MOST_BUCKETS} numbers, each more than the one before it"
            raise BadArgument("observability.histogram", None, "buckets", problem)
        return Histogram(self.context, self._instrument("histogram", name, description, labels, bounds))

    @expose
    def timer(self, name: str, description: str = "", labels: _Names | None = None) -> Timer:
        """Return a timer, a histogram of seconds.

        :param name: lower-case letters, digits, _ and dots
        :param description: what is timed
        :param labels: names of what tells its series apart
        """
        return Timer(self.context, self._timer(name, description, labels))

    @expose
    def span(self, name: str, *, attributes: Attributes | None = None) -> Span:
        """Return a span that begins now: ``event``, ``set`` and ``error`` say what happens, ``finish`` ends it.

        :param name: of what takes time
        :param attributes: facts, by name
        """
        return Span(self.context, name, attributes_of("observability.span", attributes))

    @expose
    async def trace(self, f: Function, name: str, *, attributes: Attributes | None = None) -> ScriptValue:
        """Return what a function returns; what it does is within a span of its own.

        :param f: the function
        :param name: of the span
        :param attributes: facts, by name
        """
        facts = {"attributes": attributes_of("observability.trace", attributes)}
        result: ScriptValue = await self.context.points.trace(self.context.secrets.redact(name), f, facts)
        return result

    @expose
    async def track(self, f: Function, name: str) -> ScriptValue:
        """Return what a function returns, in a span of its own; and time it, apart when it fails.

        :param f: the function
        :param name: of the span, and of the timer, whose label ``outcome`` is ``ok`` or ``error``
        """
        timer = Timer(self.context, self._timer(name, "", ["outcome"]))
        watch, outcome = timer.start(), "error"
        try:
            result: ScriptValue = await self.context.points.trace(name, f)
            outcome = "ok"
        finally:
            watch.stopped({"outcome": outcome})
        return result

    @expose(redo=True)
    async def health_check(self, name: str, f: Function) -> None:
        """Have a function asked whether all is well, whenever somebody fetches ``/healthz`` while the spell runs.

        It returns false, or a text that says why, where it is not; anything else where it is.

        :param name: of what is checked
        :param f: the function
        """
        self._checks.add(name, f)

    async def close(self) -> None:
        """Let go of the checks."""
        self._checks.close()

    def _timer(self, name: str, description: str, labels: _Names | None) -> Instrument:
        return self._instrument("histogram", name, description, labels, unit="s")

    def _instrument(
        self,
        kind: Any,
        name: str,
        description: str,
        labels: _Names | None,
        buckets: tuple[float, ...] = (),
        unit: str = "",
    ) -> Instrument:
        """Return the instrument of that name; :raises BadArgument: when it is another kind, or no good name."""
        for word, right, what in [(name, _NAME, "name"), *((label, _LABEL, "label") for label in labels or ())]:
            if not right.fullmatch(word) or len(word) > _LONGEST:
                dots = " and dots between them" if what == "name" else ""
                problem = f"is lower-case letters, digits and _{dots}, at most {_LONGEST}, not {word!r}"
                raise BadArgument(f"observability.{kind}", None, what, problem)
        if len(labels or ()) > _MOST_LABELS:
            raise BadArgument(f"observability.{kind}", 3, "labels", f"are at most {_MOST_LABELS}")
        made = Instrument(kind, f"spell.{name}", description, unit, tuple(labels or ()), buckets)
        if name not in self._known and len(self._known) >= _MOST:
            raise BadArgument(f"observability.{kind}", 1, "name", f"would be one of more than {_MOST} metrics")
        if any(each != name and each.replace(".", "_") == name.replace(".", "_") for each in self._known):
            problem = f"{name!r} is another metric's where dots are written as _; take another name"
            raise BadArgument(f"observability.{kind}", 1, "name", problem)
        known = self._known.setdefault(name, made)
        if (known.kind, known.labels, known.unit) != (kind, made.labels, unit):
            what = f"a {'timer' if known.unit else known.kind} with the labels {', '.join(known.labels) or '(none)'}"
            raise BadArgument(f"observability.{kind}", 1, "name", f"{name!r} is {what} already; take another name")
        return known
