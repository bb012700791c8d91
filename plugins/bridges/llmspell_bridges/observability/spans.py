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
        self._open: dict[tuple[str, int], Span] = {}

    def began(self, action: Action) -> None:
        """Begin the span of an action."""
        kind = self._kinds.CLIENT if action.point == "llm" else self._kinds.INTERNAL
        self._open[action.run, action.number] = self._tracer.start_span(
            action.clean(span_name(action)),
            self._context(action.within),
            kind,
            action.clean(said_at_begin(action)),
            start_time=int(action.began * _NANO),
        )

    def ended(self, action: Action) -> None:
        """End the span of an action."""
        span = self._open.pop((action.run, action.number), None)
        if span is None:
            return
        said: dict[str, Any] = said_at_end(action)
        if self._content:
            said |= content(action)
        for time, name, attributes in action.facts.get("events", ()):
            span.add_event(action.clean(name), action.clean(attributes), int(time * _NANO))
        span.set_attributes(action.clean(said))
        if action.error is not None:
            message = str(action.error)
            span.add_event("exception", {"exception.type": error_type(action), "exception.message": message})
            span.set_status(self._status(self._failed, message))
        span.end(int((action.began + action.duration) * _NANO))

    def _context(self, within: Action | None) -> Context | None:
        """Return what makes a span a child of that of the nearest action around it that has one still."""
        while within is not None:
            span = self._open.get((within.run, within.number))
            if span is not None:
                return self._parent_of(span)
            within = within.within
        return None
