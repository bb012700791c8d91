"""The bridge ``observability``: what a spell measures; and what OpenTelemetry and Prometheus are told of every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return the bridge."""
    from llmspell_bridges.observability.bridge import ObservabilityBridge

    return [ObservabilityBridge]
