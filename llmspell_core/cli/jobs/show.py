"""``llmspell jobs show``: one job, and why it stands as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmspell_core.cli.jobs.ledgers import opened
from llmspell_core.cli.journaling import journal_option
from llmspell_core.cli.listing import format_option
from llmspell_core.cli.outcome import json_line
from llmspell_core.cli.runs.telling import moment
from llmspell_core.cli.shown import shown

if TYPE_CHECKING:
    from llmspell_core.queue import JobState, Ledger

__all__ = ["command"]


@click.command()
@click.argument("id")
@format_option
@journal_option
def command(id: str, output: str, journal: str | None) -> None:
    """Show the job ID and why it stands as it does; `llmspell runs show ID` has all its calls."""
    with opened(journal) as ledger:
        job = ledger.find(id)
        fields = {**vars(job), "why": _why(ledger, job)}
    if output == "json":
        click.echo(json_line({"ok": True, "job": fields}))
        return
    for name, value in fields.items():
        if value not in (None, ""):
            told = moment(value) if name in ("created", "began", "ended") else value
            click.echo(shown(f"{name}: {told if isinstance(told, str) else json_line(told)}"))


def _why(ledger: Ledger, job: JobState) -> str:
    """Return why a job is not simply done, in a sentence."""
    if job.status == "failed" and job.error is not None:
        return f"{job.error['kind']}: {job.error['message']}"
    if job.status != "parked":
        return ""
    return (
        f"{job.tries} tries came to no end, the last one {_when(ledger, job)}: "
        "their workers died, or could not write its journal"
    )


def _when(ledger: Ledger, job: JobState) -> str:
    """Return how far a job had come, by the last of its calls that was answered."""
    from llmspell_core.journal.told import calls

    made = [] if ledger.journal.find(job.id) is None else calls(ledger.journal.entries(job.id))
    answered = sorted((call.entry, call.name) for call in made if call.entry is not None)
    return f"after the answer to {answered[-1][1]}" if answered else "before any of its calls was answered"
