"""The command ``llmspell workflow``: run, show and draw workflows that are files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from click import Command


@hookimpl
def llmspell_commands() -> list[Command]:
    """Return the command group ``workflow``."""
    from llmspell_bridges.workflow.command import workflow

    return [workflow]
