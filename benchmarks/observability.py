"""What it costs that a run is watched: a short call of a bridge, cast as the command line casts it, with nobody looking
and with each observer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from llmspell_bridges.observability.otel import OpenTelemetry
from llmspell_bridges.observability.prometheus import Prometheus
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider

from benchmarks.timing import Figure
from llmspell_core.runner import Runner

CALLS, ROUNDS = 300, 60
"""Many short rounds in turn: what else the machine does then slows all down alike."""
LOOP = {
    "lua": "local get = state.get for i = 1, params.n do get('x') end",
    "js": "for (let i = 0; i < params.n; i++) await state.get('x')",
}


def figures() -> Iterator[Figure]:
    for engine in LOOP:
        alone, *added = per_call(engine)
        for name, more in zip(("Prometheus", "OpenTelemetry", "OpenTelemetry, all spans"), added, strict=True):
            yield Figure(f"{engine}: a call, {name} watching", alone + more, "us", "1.05x", alone)


def per_call(engine: str) -> list[float]:
    """Microseconds a call, as the command line casts it, and what each observer adds to that.

    An observer does the same wherever a spell runs: what it adds is timed inline, where least else is done beside it.
    """
    observers = [[], [Prometheus()], [_opentelemetry(0.001)], [_opentelemetry(0.0)]]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        usual = stack.enter_context(Runner(journal=f"sqlite:///{folder}/runs.db"))
        inline = [stack.enter_context(Runner(plugins=plugins, isolation="inline")) for plugins in observers]
        alone, unwatched, *watched = _timed(engine, [usual, *inline])
    return [alone, *(each - unwatched for each in watched)]


def _timed(engine: str, runners: list[Runner]) -> list[float]:
    """Microseconds a call with each runner, beyond what the same cast takes without calls."""
    took: list[list[float]] = [[] for _ in runners]
    for _ in range(ROUNDS):
        for runner, each in zip(runners, took, strict=True):
            empty, full = (runner.cast(LOOP[engine], engine=engine, params={"n": n}) for n in (0, CALLS))
            each.append((full.duration - empty.duration) / CALLS * 1e6)
    return [median(each) for each in took]


def _opentelemetry(shortest: float) -> OpenTelemetry:
    return OpenTelemetry(TracerProvider(), MeterProvider([InMemoryMetricReader()]), shortest=shortest)
