"""A span of OpenTelemetry for each action of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability import conventions as names
from llmspell_bridges.observability.naming import content, error_type, said_at_begin, said_at_end, span_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, TracerProvider

    from llmspell_core.actions import Action

__all__ = ["Spans"]

_NANO = 1_000_000_000
_MANY = 1000
"""Calls without spans that are made known before the span around them has ended."""


class Spans:
    """Makes spans, each within that of the action that it is a part of; a run's own is within the caller's current one.

    :param content: tell also what was said to models and tools and what came back, without the secrets
    :param shortest: seconds; a call of a bridge that took less is only counted by the span around it, unless it failed
        or something was done within it
    :param counted: called with the name of such calls, how many there were and how long they took together, when the
        span around them ends or has counted many
    """

    def __init__(
        self,
        provider: TracerProvider | None,
        *,
        content: bool,
        shortest: float,
        counted: Callable[[str, int, float], None],
    ) -> None:
        from opentelemetry import trace

        self._tracer = trace.get_tracer(names.SCOPE, None, provider, names.SCHEMA)
        self._parent_of, self._kinds, self._status = trace.set_span_in_context, trace.SpanKind, trace.Status
        self._failed = trace.StatusCode.ERROR
        self._content, self._shortest, self._counted = content, shortest, counted
        self._open: dict[tuple[str, int], _Open | None] = {}
        """What goes on; None for a call of a bridge in which nothing was done yet."""

    def began(self, action: Action) -> None:
        """Note that an action goes on. A span with nothing in it is made at its end: said at once, it costs less."""
        if action.point == "bridge_call":
            self._open[action.run, action.number] = None
            return
        opened = self._opened(action)
        if not action.number:
            opened.span = self._made(opened, said_at_begin(action))

    def ended(self, action: Action) -> bool:
        """End the span of an action; return false where it has none, and was counted by the one around it."""
        key = action.run, action.number
        if key not in self._open:
            return True
        opened = self._open.pop(key)
        if (opened is None or opened.span is None) and self._is_short(action):
            around = self._nearest(action.within) if opened is None else opened.around
            if around is not None:
                around.count(action.name, action.duration, opened)
                if around.untold >= _MANY:
                    self._tell(around)
                return False
        self._end(action, opened or _Open(action, self._nearest(action.within)))
        return True

    def _opened(self, action: Action) -> _Open:
        opened = self._open[action.run, action.number] = _Open(action, self._nearest(action.within))
        return opened

    def _nearest(self, action: Action | None) -> _Open | None:
        """Return an action, or the nearest around it, that has not ended."""
        while action is not None:
            key = action.run, action.number
            if key in self._open:
                return self._open[key] or self._opened(action)
            action = action.within
        return None

    def _end(self, action: Action, opened: _Open) -> None:
        said: dict[str, Any] = said_at_end(action)
        if opened.short:
            self._tell(opened)
            said |= {names.SHORT_CALLS: opened.short, names.SHORT_SECONDS: round(opened.seconds, 6)}
        if self._content:
            said |= content(action)
        if opened.span is None:
            span = self._made(opened, said_at_begin(action) | said)
        else:
            span = opened.span
            span.set_attributes(action.clean(said))
        for time, name, attributes in action.facts.get("events", ()):
            span.add_event(action.clean(name), action.clean(attributes), int(time * _NANO))
        if action.error is not None:
            message = str(action.error)
            span.add_event("exception", {"exception.type": error_type(action), "exception.message": message})
            span.set_status(self._status(self._failed, message))
        span.end(int((action.began + action.duration) * _NANO))

    def _tell(self, opened: _Open) -> None:
        """Make known what has been counted since it was made known last."""
        for name, (count, seconds) in opened.by_name.items():
            self._counted(opened.action.clean(name), count, seconds)
        opened.by_name, opened.untold = {}, 0

    def _is_short(self, action: Action) -> bool:
        return action.point == "bridge_call" and action.duration < self._shortest and action.error is None

    def _made(self, opened: _Open, said: dict[str, Any]) -> Span:
        action = opened.action
        kind = self._kinds.CLIENT if action.point == "llm" else self._kinds.INTERNAL
        name, said = action.clean(span_name(action)), action.clean(said)
        around = self._context(opened.around)
        opened.span = self._tracer.start_span(name, around, kind, said, start_time=int(action.began * _NANO))
        return opened.span

    def _context(self, opened: _Open | None) -> Context | None:
        """Return what makes a span a child of that of an action, or of the nearest around it that has one."""
        while opened is not None and opened.is_passed_over:
            opened = opened.around
        if opened is None:
            return None
        if opened.inside is None:
            opened.inside = self._parent_of(opened.span or self._made(opened, said_at_begin(opened.action)))
        return opened.inside


class _Open:
    """An action's span: what it lies in, itself once it is made, what lies in it, and the calls that it counts."""

    __slots__ = ("action", "around", "by_name", "inside", "is_passed_over", "seconds", "short", "span", "untold")

    def __init__(self, action: Action, around: _Open | None) -> None:
        self.action, self.around = action, around
        self.span: Span | None = None
        self.inside: Context | None = None
        self.is_passed_over = False
        self.short = self.untold = 0
        self.seconds = 0.0
        self.by_name: dict[str, tuple[int, float]] = {}

    def count(self, name: str, seconds: float, call: _Open | None) -> None:
        """Count a call in this one that has no span of its own, and those that it has counted itself."""
        self.short += 1
        self.untold += 1
        self.seconds += seconds
        self._add(name, 1, seconds)
        if call is not None:
            call.is_passed_over = True
            self.short += call.short
            self.untold += call.untold
            for each, (count, took) in call.by_name.items():
                self._add(each, count, took)

    def _add(self, name: str, count: int, seconds: float) -> None:
        counted, took = self.by_name.get(name, (0, 0.0))
        self.by_name[name] = counted + count, took + seconds
