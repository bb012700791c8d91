"""A span of OpenTelemetry for each action of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability import conventions as names
from llmspell_bridges.observability.naming import content, error_type, said_at_begin, said_at_end, span_name

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, TracerProvider

    from llmspell_core.points import Action

__all__ = ["Spans"]

_NANO = 1_000_000_000


class Spans:
    """Makes spans, each within that of the action that it is a part of; a run's own is within the caller's current one.

    :param content: tell also what was said to models and tools and what came back, without the secrets
    """

    def __init__(self, provider: TracerProvider | None, *, content: bool) -> None:
        from opentelemetry import trace

        self._tracer = trace.get_tracer(names.SCOPE, None, provider, names.SCHEMA)
        self._parent_of, self._kinds, self._status = trace.set_span_in_context, trace.SpanKind, trace.Status
        self._failed = trace.StatusCode.ERROR
        self._content = content
        self._open: dict[tuple[str, int], _Open] = {}

    def began(self, action: Action) -> None:
        """Note that an action goes on. A span with nothing in it is made at its end: said at once, it costs less."""
        opened = self._open[action.run, action.number] = _Open(self._context(action.within))
        if not action.number:
            opened.span = self._made(action, opened, said_at_begin(action))

    def ended(self, action: Action) -> None:
        """End the span of an action."""
        opened = self._open.pop((action.run, action.number), None)
        if opened is None:
            return
        said: dict[str, Any] = said_at_end(action)
        if self._content:
            said |= content(action)
        if opened.span is None:
            span = self._made(action, opened, said_at_begin(action) | said)
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

    def _made(self, action: Action, opened: _Open, said: dict[str, Any]) -> Span:
        kind = self._kinds.CLIENT if action.point == "llm" else self._kinds.INTERNAL
        name, said = action.clean(span_name(action)), action.clean(said)
        return self._tracer.start_span(name, opened.around, kind, said, start_time=int(action.began * _NANO))

    def _context(self, within: Action | None) -> Context | None:
        """Return what makes a span a child of that of the nearest action around it that has not ended."""
        while within is not None:
            opened = self._open.get((within.run, within.number))
            if opened is not None:
                if opened.span is None:
                    opened.span = self._made(within, opened, said_at_begin(within))
                if opened.inside is None:
                    opened.inside = self._parent_of(opened.span)
                return opened.inside
            within = within.within
        return None


class _Open:
    """A span whose action has not ended: what it lies in, itself once it is made, and what lies in it."""

    __slots__ = ("around", "inside", "span")

    def __init__(self, around: Context | None) -> None:
        self.around = around
        self.span: Span | None = None
        self.inside: Context | None = None
