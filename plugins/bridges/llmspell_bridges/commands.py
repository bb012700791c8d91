"""The command ``llmspell keys``: keep the API keys of providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from click import Command


@hookimpl
def llmspell_commands() -> list[Command]:
    """Return the command group ``keys``."""
    from llmspell_bridges.llm.keys_command import keys

    return [keys]
