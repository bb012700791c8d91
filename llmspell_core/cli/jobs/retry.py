"""``llmspell jobs retry``: have jobs go on that did not end by themselves."""

from __future__ import annotations

import click

from llmspell_core.cli.jobs.ledgers import opened
from llmspell_core.cli.journaling import journal_option

__all__ = ["command"]


@click.command()
@click.argument("ids", nargs=-1, required=True)
@journal_option
def command(ids: tuple[str, ...], journal: str | None) -> None:
    """Put the jobs IDS back into their queues: those parked, cancelled, or stopped by a limit or a crash.

    They go on where they were; nothing that had ended is done again.
    """
    with opened(journal) as ledger:
        for job in ids:
            click.echo(f"waiting {job}, which was {ledger.retry(job).status}")
