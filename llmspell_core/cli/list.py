"""``llmspell list``: the spells that have a name, and where they are."""

from __future__ import annotations

import click

from llmspell_core.cli.listing import format_option, show
from llmspell_core.cli.shown import shown

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> None:
    """List the spells that can be run by name: of $LLMSPELL_PATH, of ./spells, your own, and of Python packages."""
    from llmspell_core.packages import every

    rows = [
        {
            "name": found.name,
            "version": found.version,
            "place": found.place,
            "description": f"broken: {found.problem}" if found.problem else found.description,
            "folder": found.folder,
        }
        for found in every()
    ]
    if output == "text":
        rows = [{key: shown(" ".join(value.split()))[:100] for key, value in row.items()} for row in rows]
    show("spells", rows, output, "no spells; install one with `llmspell install`, or put its folder into ./spells")
