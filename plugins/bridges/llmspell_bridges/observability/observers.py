"""What the command line switches on: ``--otel ENDPOINT`` and ``--metrics PORT``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from llmspell_bridges.observability.otel import OpenTelemetry
    from llmspell_bridges.observability.prometheus import Prometheus

__all__ = ["metrics", "otel"]


def otel(endpoint: str) -> OpenTelemetry:
    """Return what tells a collector of every run.

    :param endpoint: as ``http://localhost:4318``
    """
    from llmspell_bridges.observability.otel import OpenTelemetry

    if not endpoint.startswith(("http://", "https://")):
        raise UsageError(f"--otel takes the URL of a collector, as http://localhost:4318, not {endpoint!r}")
    content = os.environ.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "").lower() in (
        "true",
        "1",
        "span_only",
    )
    return OpenTelemetry.exporting(endpoint, content=content, shortest=_shortest())


def metrics(address: str) -> Prometheus:
    """Return what serves ``/metrics`` and ``/healthz``.

    :param address: a port, of this machine alone; or ``HOST:PORT``
    """
    from llmspell_bridges.observability.prometheus import Prometheus

    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--metrics takes a port or HOST:PORT, not {address!r}")
    made = Prometheus()
    made.serve(int(port), host or "127.0.0.1")
    return made


def _shortest() -> float:
    said = os.environ.get("LLMSPELL_OTEL_SHORTEST", "0.001")
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise UsageError(f"LLMSPELL_OTEL_SHORTEST is seconds, as 0.001, not {said!r}")
    return seconds
