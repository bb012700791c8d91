"""The bridge ``workflow``: steps in order, side by side, by choice and again, that can be stopped and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return the bridge."""
    from llmspell_bridges.workflow.bridge import WorkflowBridge

    return [WorkflowBridge]
