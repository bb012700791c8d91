"""``llmspell runs import``: add the runs of a file."""

from __future__ import annotations

from typing import TextIO

import click

from llmspell_core.cli.journaling import journal_option, opened

__all__ = ["command"]


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@journal_option
def command(file: TextIO, journal: str | None) -> None:
    """Add the runs that `llmspell runs export` has written to FILE."""
    from llmspell_core.journal.transcript import read

    found = read(file, file.name)
    with opened(journal) as runs:
        for run, entries in found:
            runs.add(run, entries)
    click.echo(f"added {', '.join(run.id for run, _ in found)}")
