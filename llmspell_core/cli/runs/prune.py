"""``llmspell runs prune``: drop old runs."""

from __future__ import annotations

import time

import click

from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.errors import UsageError

__all__ = ["command"]

_DAY = 86400.0


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS", help="All that ended so many days ago.")
@journal_option
def command(ids: tuple[str, ...], older_than: float | None, journal: str | None) -> None:
    """Drop runs with all that they have cast: those named, or those that ended long ago.

    One that a process works at is not dropped, nor for its age one that a job in a queue can go on with.
    """
    if not ids and older_than is None:
        raise UsageError("name runs, or say --older-than 30")
    with opened(journal) as runs:
        for each in ids:
            runs.delete(each)
        gone = len(ids)
        if older_than is not None:
            from llmspell_core.queue.takeover import needed

            gone += runs.prune(time.time() - older_than * _DAY, needed(runs.database))
    click.echo(f"dropped {gone} runs")
