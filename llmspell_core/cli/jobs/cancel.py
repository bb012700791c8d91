"""``llmspell jobs cancel``: have jobs not begin, or end."""

from __future__ import annotations

import click

from llmspell_core.cli.jobs.ledgers import opened
from llmspell_core.cli.journaling import journal_option

__all__ = ["command"]


@click.command()
@click.argument("ids", nargs=-1, required=True)
@journal_option
def command(ids: tuple[str, ...], journal: str | None) -> None:
    """Have the jobs IDS not begin; those at work end within a second or so. `llmspell jobs retry` has them go on."""
    with opened(journal) as ledger:
        for job in ids:
            click.echo(f"cancelled {job}, which was {ledger.cancel(job).status}")
