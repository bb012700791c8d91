"""The bridge ``guardrails``: rules that what goes to a model, and what comes back, has to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return the bridge."""
    from llmspell_bridges.guardrails.bridge import GuardrailsBridge

    return [GuardrailsBridge]
