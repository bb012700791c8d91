"""The bridge ``mcp``: call the tools of servers of the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return the bridge."""
    from llmspell_bridges.mcp.bridge import McpBridge

    return [McpBridge]
