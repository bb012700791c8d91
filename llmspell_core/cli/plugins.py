"""``llmspell plugins``: list what is installed, and whether it works."""

from __future__ import annotations

from typing import Any

import click

from llmspell_core.cli.exits import Exit
from llmspell_core.cli.listing import format_option, show
from llmspell_core.inspection import report

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> Exit:
    """List what is installed, and whether it works. The exit status is 7 when something does not."""
    reports = report()
    rows: list[dict[str, Any]] = [
        {
            "group": each.entry.group,
            "name": each.entry.name,
            "distribution": each.entry.distribution,
            "version": each.entry.version,
            "status": "ok" if each.ok else "broken",
        }
        for each in reports
    ]
    if output == "json":
        rows = [{**row, "cause": each.cause, "cure": each.cure} for row, each in zip(rows, reports, strict=True)]
    show("plugins", rows, output, _NONE)
    broken = [each for each in reports if not each.ok]
    for each in broken:
        where = f"{each.entry.group}: {each.entry.name}"
        click.echo(f"{where}: {each.cause}; {each.cure}", err=True)
    return Exit.PLUGIN if broken else Exit.DONE


_NONE = "no plugins are installed; begin with: pip install llmspell-lua llmspell-js llmspell-bridges"
