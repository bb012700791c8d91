"""The command ``llmspell mcp``: serve spells over the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from click import Command


@hookimpl
def llmspell_commands() -> list[Command]:
    """Return the command group ``mcp``."""
    from llmspell_bridges.mcp.serve_command import mcp

    return [mcp]
