"""``llmspell runs import``: add the runs of a file."""

from __future__ import annotations

from typing import TextIO

import click

from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.errors import UsageError

__all__ = ["command"]


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@journal_option
def command(file: TextIO, journal: str | None) -> None:
    """Add the runs that `llmspell runs export` has written to FILE."""
    from llmspell_core.journal.transcript import read

    found = read(file, file.name)
    with opened(journal) as runs:
        if there := [run.id for run, _ in found if runs.find(run.id) is not None]:
            cure = f"`llmspell runs prune {there[0]}` drops it"
            raise UsageError(f"there is a run {there[0]!r} in {runs.url} already; {cure}")
        known = {run.id for run, _ in found}
        for run, entries in found:
            # One that was exported without its caller has none here, and is a run like any other.
            if run.parent not in known and (run.parent is None or runs.find(run.parent) is None):
                run.parent = None
            runs.add(run, entries)
    click.echo(f"added {', '.join(run.id for run, _ in found)}")
