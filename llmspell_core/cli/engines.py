"""``llmspell engines``: list the languages that spells can be written in."""

from __future__ import annotations

from typing import Any

import click

from llmspell_core import plugins
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.listing import format_option, show
from llmspell_core.errors import PluginError

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> Exit:
    """List the languages that spells can be written in."""
    rows: list[dict[str, Any]] = []
    broken = []
    for name in plugins.engine_names():
        try:
            info = plugins.engine_class(name).info
        except PluginError as error:
            broken.append(error)
            continue
        rows.append(
            {
                "name": info.name,
                "language": info.language,
                "version": info.version,
                "extensions": list(info.extensions),
                "features": sorted(info.features),
            }
        )
    show("engines", rows, output, "no engines are installed; begin with: pip install llmspell-lua llmspell-js")
    for cause in broken:
        click.echo(cause, err=True)
    return Exit.PLUGIN if broken else Exit.DONE
