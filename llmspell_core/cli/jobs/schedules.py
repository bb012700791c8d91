"""``llmspell jobs schedules``: what is submitted by itself."""

from __future__ import annotations

import click

from llmspell_core.cli.jobs.ledgers import opened
from llmspell_core.cli.journaling import journal_option
from llmspell_core.cli.listing import format_option, show

__all__ = ["command"]


@click.command()
@click.option("--drop", metavar="NAME", help="Drop this one.")
@click.option("--pause", metavar="NAME", help="Have this one submit nothing.")
@click.option("--go-on", metavar="NAME", help="Have this one, which was paused, go on.")
@format_option
@journal_option
def command(drop: str | None, pause: str | None, go_on: str | None, output: str, journal: str | None) -> None:
    """List schedules, made with `llmspell submit --every`, when what was asked for is done."""
    with opened(journal) as ledger:
        for name, act in ((drop, ledger.unschedule), (pause, ledger.pause), (go_on, ledger.go_on)):
            if name is not None:
                act(name)
        rows = [vars(each) for each in ledger.schedules()]
    show("schedules", rows, output, "no schedules")
