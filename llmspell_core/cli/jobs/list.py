"""``llmspell jobs list``: the jobs there are."""

from __future__ import annotations

from typing import Any

import click

from llmspell_core.cli.jobs.ledgers import opened, row
from llmspell_core.cli.journaling import journal_option
from llmspell_core.cli.listing import format_option, show

__all__ = ["command"]

_STATUSES = ["delayed", "waiting", "running", "ok", "failed", "cancelled", "parked"]


@click.command()
@click.option("--status", type=click.Choice(_STATUSES), help="Only these.")
@click.option("--queue", metavar="NAME", help="Only those of this queue.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="At most so many.")
@format_option
@journal_option
def command(status: Any, queue: str | None, most: int, output: str, journal: str | None) -> None:
    """List jobs, the newest first. One that is `parked` has taken too many workers down: llmspell jobs show ID."""
    with opened(journal) as ledger:
        found = ledger.jobs(status=status, queue=queue, most=most)
    show("jobs", [row(job) for job in found], output, "no jobs")
