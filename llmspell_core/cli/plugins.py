"""``llmspell plugins``: list what is installed, and whether it works."""

from __future__ import annotations

from typing import Any

import click

from llmspell_core import plugins
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.listing import format_option, show

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> Exit:
    """List what is installed, and whether it works. The exit status is 7 when something does not."""
    reports = plugins.report()
    rows: list[dict[str, Any]] = [
        {
            "group": report.entry.group,
            "name": report.entry.name,
            "distribution": report.entry.distribution,
            "version": report.entry.version,
            "status": "ok" if report.ok else "broken",
        }
        for report in reports
    ]
    if output == "json":
        rows = [{**row, "cause": report.cause, "cure": report.cure} for row, report in zip(rows, reports, strict=True)]
    show("plugins", rows, output, _NONE)
    broken = [report for report in reports if not report.ok]
    for report in broken:
        where = f"{report.entry.group}: {report.entry.name}"
        click.echo(f"{where}: {report.cause}; {report.cure}", err=True)
    return Exit.PLUGIN if broken else Exit.DONE


_NONE = "no plugins are installed; begin with: pip install llmspell-lua llmspell-js llmspell-bridges"
