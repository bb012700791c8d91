"""Prometheus: metrics of every run and of what spells measure, fetched from ``/metrics``; health, at ``/healthz``."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability.figures import BY_POINT, INSTRUMENTS, at_begin, at_end
from llmspell_bridges.observability.health import Health
from llmspell_bridges.observability.measures import OTHER, Check, Instrument, Measurement
from llmspell_bridges.observability.naming import error_type
from llmspell_core.actions import Action, Watcher
from llmspell_core.errors import UsageError
from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from types import TracebackType

    from prometheus_client import CollectorRegistry

    from llmspell_bridges.observability.served import Server

__all__ = ["Prometheus", "metric_name"]

_MOST = 2000
"""Series of one metric; what comes after them is counted, and not told apart."""
_log = logging.getLogger("llmspell")
_UNITS = {"s": "_seconds", "USD": "_dollars", "By": "_bytes"}


class Prometheus(Watcher):
    """Counts what runs do, for ``Runner(plugins=[Prometheus()])``.

    :param registry: where the metrics are registered; None makes one
    :raises UsageError: when the client of Prometheus is not installed
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        try:
            import prometheus_client
        except ModuleNotFoundError as error:
            words = "the client of Prometheus is not installed; run: pip install 'llmspell-bridges[metrics]'"
            raise UsageError(words) from error
        self._client: Any = prometheus_client
        self.registry: Any = registry or prometheus_client.CollectorRegistry()
        self.health = Health()
        self._made: dict[str, tuple[Any, dict[tuple[str, ...], Any]]] = {}
        self._lock = Lock()
        self._server: Server | None = None
        for instrument in INSTRUMENTS:
            self._metric(instrument)

    @hookimpl
    def llmspell_watcher(self) -> Watcher:
        """Return this."""
        return self

    def began(self, action: Action) -> None:
        """Count what begins."""
        if action.point == "spell":
            for measurement in at_begin(action):
                self._measure(measurement)

    def ended(self, action: Action) -> None:
        """Measure what has ended."""
        if (instrument := BY_POINT.get(action.point)) is not None:
            self._one(instrument, (action.clean(action.name), error_type(action))).observe(action.duration)
            return
        for measurement in at_end(action):
            self._measure(measurement)

    def told(self, fact: object) -> None:
        """Take a spell's measurement, or its health check."""
        if isinstance(fact, Measurement):
            self._measure(fact)
        elif isinstance(fact, Check):
            self.health.tell(fact)

    def text(self) -> str:
        """Return all metrics as Prometheus reads them."""
        made: bytes = self._client.generate_latest(self.registry)
        return made.decode()

    def serve(self, port: int = 9464, host: str = "127.0.0.1") -> int:
        """Answer ``/metrics`` and ``/healthz`` until :meth:`close`, and return the port.

        :param port: 0 takes a free one
        :raises UsageError: when nobody can listen there
        """
        from llmspell_bridges.observability.served import Server

        if self._server is not None:
            raise UsageError(f"the metrics are served at port {self._server.port} already; close that first")
        self._server = Server(host, port, self.registry, self.health)
        return self._server.port

    def close(self) -> None:
        """Serve no more. A second call does nothing."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def __enter__(self) -> Prometheus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _measure(self, measurement: Measurement) -> None:
        instrument = measurement.instrument
        one = self._one(instrument, measurement.labels)
        if one is None:
            return
        if instrument.kind == "histogram":
            one.observe(measurement.amount)
        elif measurement.sets:
            one.set(measurement.amount)
        else:
            one.inc(measurement.amount)

    def _one(self, instrument: Instrument, labels: tuple[str, ...]) -> Any:
        """Return one series of an instrument's; None where it is left out."""
        metric, series = self._metric(instrument)
        if metric is None:
            return None
        one = series.get(labels)
        if one is None:
            is_other = len(series) >= _MOST
            one = metric.labels(*((OTHER,) * len(labels) if is_other else labels)) if labels else metric
            if not is_other:
                series[labels] = one
        return one

    def _metric(self, instrument: Instrument) -> tuple[Any, dict[tuple[str, ...], Any]]:
        made = self._made.get(instrument.name)
        if made is None:
            # Runs of several threads may use one registry.
            with self._lock:
                made = self._made.get(instrument.name) or (self._registered(instrument), {})
                self._made[instrument.name] = made
        return made

    def _registered(self, instrument: Instrument) -> Any:
        try:
            return self._register(instrument)
        except ValueError as error:
            # As a gauge x_total, where there is a counter x: Prometheus would take one for the other.
            _log.warning("the metric %r is left out: %s", instrument.name, error)
            return None

    def _register(self, instrument: Instrument) -> Any:
        labels = [label.replace(".", "_") for label in instrument.labels]
        about = (metric_name(instrument), instrument.description or instrument.name, labels)
        if instrument.kind == "histogram":
            more = {"buckets": instrument.buckets} if instrument.buckets else {}
            return self._client.Histogram(*about, registry=self.registry, **more)
        kind = self._client.Counter if instrument.kind == "counter" else self._client.Gauge
        return kind(*about, registry=self.registry)


def metric_name(instrument: Instrument) -> str:
    """Return what Prometheus calls a metric, without the endings that it adds itself."""
    return instrument.name.replace(".", "_") + _UNITS.get(instrument.unit, "")
