"""OpenTelemetry: spans and metrics of every run, to whatever the program has set up or to an endpoint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability import conventions as names
from llmspell_bridges.observability.figures import BY_POINT, SHORT_CALLS, SHORT_SECONDS, at_begin, at_end
from llmspell_bridges.observability.measures import OTHER, Instrument, Labels, Measurement
from llmspell_bridges.observability.naming import error_type
from llmspell_core.actions import Action, Watcher
from llmspell_core.errors import UsageError
from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from types import TracebackType

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ["OpenTelemetry"]

_PATIENCE = 5.0
"""Seconds that a collector may take for what is sent to it."""
_MOST_GAUGES = 1000
"""Values of one gauge that are told apart: spells choose the labels. Series of all else OpenTelemetry bounds itself."""


class OpenTelemetry(Watcher):
    """Tells OpenTelemetry of every run, for ``Runner(plugins=[OpenTelemetry()])``.

    :param tracer_provider: makes the spans; None is the program's own
    :param meter_provider: makes the metrics; None is the program's own
    :param content: tell also what was said to models and tools and what came back, without the secrets
    :param shortest: seconds; calls of bridges that took less have no span of their own, unless they failed or did
        something that has one: the span around them says how many they were, and how long they took together, and so
        do counters in the place of the histogram
    :raises UsageError: when OpenTelemetry is not installed
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        content: bool = False,
        shortest: float = 0.001,
    ) -> None:
        try:
            from opentelemetry import metrics
        except ModuleNotFoundError as error:
            raise _missing() from error
        from llmspell_bridges.observability.spans import Spans

        self._spans = Spans(tracer_provider, content=content, shortest=shortest, counted=self._counted)
        self._meter = metrics.get_meter(names.SCOPE, "", meter_provider, names.SCHEMA)
        self._instruments: dict[str, Any] = {}
        self._gauges: dict[str, dict[Labels, float]] = {}
        self._own: list[Any] = []

    @classmethod
    def exporting(cls, endpoint: str | None = None, *, content: bool = False, shortest: float = 0.001) -> OpenTelemetry:
        """Return one that sends all to a collector, by OTLP over HTTP.

        The environment's ``OTEL_...`` variables say the rest: headers, the service's name, how often.

        :param endpoint: ``http://localhost:4318``; None leaves it to the environment
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.metrics import MeterProvider
            from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ModuleNotFoundError as error:
            raise _missing() from error
        spans, metrics = _urls(endpoint)
        named = "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        resource = Resource.create(None if named else {"service.name": "llmspell"})
        tracer = TracerProvider(resource=resource)
        tracer.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(spans, timeout=_PATIENCE)))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(metrics, timeout=_PATIENCE))
        meter = MeterProvider([reader], resource)
        made = cls(tracer, meter, content=content, shortest=shortest)
        made._own = [tracer, meter]
        return made

    @hookimpl
    def llmspell_watcher(self) -> Watcher:
        """Return this."""
        return self

    def began(self, action: Action) -> None:
        """Begin a span."""
        self._spans.began(action)
        if action.point == "spell":
            for measurement in at_begin(action):
                self._measure(measurement)

    def ended(self, action: Action) -> None:
        """End a span, and measure."""
        if not self._spans.ended(action):
            return
        if (instrument := BY_POINT.get(action.point)) is not None:
            labels, error = {instrument.labels[0]: action.clean(action.name)}, error_type(action)
            if error:
                labels[names.ERROR_TYPE] = error
            self._made(instrument).record(action.duration, labels)
            return
        for measurement in at_end(action):
            self._measure(measurement)

    def told(self, fact: object) -> None:
        """Take a spell's measurement."""
        if isinstance(fact, Measurement):
            self._measure(fact)

    def close(self) -> None:
        """Send what is still to be sent, and stop. A second call does nothing."""
        own, self._own = self._own, []
        for provider in own:
            provider.shutdown()

    def __enter__(self) -> OpenTelemetry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _counted(self, name: str, count: int, seconds: float) -> None:
        """Measure short calls of one name, all at once: a histogram would take longer for each than the call."""
        self._measure(Measurement(SHORT_CALLS, count, (name,)))
        self._measure(Measurement(SHORT_SECONDS, seconds, (name,)))

    def _measure(self, measurement: Measurement) -> None:
        instrument, amount = measurement.instrument, measurement.amount
        made, labels = self._made(instrument), measurement.labels
        if instrument.kind == "gauge":
            labels, amount = self._gauged(instrument.name, labels, amount, sets=measurement.sets)
        said = dict(pair for pair in zip(instrument.labels, labels, strict=True) if pair[1])
        if instrument.kind == "histogram":
            made.record(amount, said)
        elif instrument.kind == "counter":
            made.add(amount, said)
        else:
            made.set(amount, said)

    def _gauged(self, name: str, labels: Labels, amount: float, *, sets: bool) -> tuple[Labels, float]:
        """Return the labels of a gauge that are told apart, and its value now."""
        known = self._gauges.setdefault(name, {})
        if labels not in known and len(known) >= _MOST_GAUGES:
            labels = (OTHER,) * len(labels)
        known[labels] = amount if sets else known.get(labels, 0.0) + amount
        return labels, known[labels]

    def _made(self, instrument: Instrument) -> Any:
        made = self._instruments.get(instrument.name)
        if made is None:
            made = self._instruments[instrument.name] = self._make(instrument)
        return made

    def _make(self, instrument: Instrument) -> Any:
        about = (instrument.name, instrument.unit, instrument.description)
        if instrument.kind == "histogram":
            return self._meter.create_histogram(*about, explicit_bucket_boundaries_advisory=instrument.buckets or None)
        return self._meter.create_counter(*about) if instrument.kind == "counter" else self._meter.create_gauge(*about)


def _urls(endpoint: str | None) -> tuple[str | None, str | None]:
    if endpoint is None:
        return None, None
    base = endpoint.rstrip("/")
    return f"{base}/v1/traces", f"{base}/v1/metrics"


def _missing() -> UsageError:
    return UsageError("OpenTelemetry is not installed; run: pip install 'llmspell-bridges[otel]'")
