"""``llmspell jobs prune``: drop old jobs."""

from __future__ import annotations

import time

import click

from llmspell_core.cli.jobs.ledgers import opened
from llmspell_core.cli.journaling import journal_option

__all__ = ["command"]

_DAY = 86400.0


@click.command()
@click.option("--older-than", type=click.FloatRange(0), required=True, metavar="DAYS", help="Over for so many days.")
@journal_option
def command(older_than: float, journal: str | None) -> None:
    """Drop jobs that were over so many days ago, with their runs."""
    with opened(journal) as ledger:
        click.echo(f"dropped {ledger.prune(time.time() - older_than * _DAY)} jobs")
