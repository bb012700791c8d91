"""``llmspell runs list``: the runs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.cli.listing import format_option, show
from llmspell_core.cli.runs.telling import cost, moment, state

if TYPE_CHECKING:
    from llmspell_core.journal import Run

__all__ = ["command"]


@click.command()
@click.option("--status", type=click.Choice(["running", "ok", "failed", "interrupted"]), help="Only these.")
@click.option("--parent", metavar="ID", help="The runs that this one has cast.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="At most so many.")
@format_option
@journal_option
def command(status: Any, parent: str | None, most: int, output: str, journal: str | None) -> None:
    """List runs, the newest first. A run that is `killed` can go on: llmspell runs resume ID."""
    with opened(journal) as runs:
        found = runs.runs(status=status, parent=parent, most=most)
    show("runs", [_row(run) for run in found], output, "no runs")


def _row(run: Run) -> dict[str, Any]:
    name = run.spell.manifest.name or run.spell.file
    return {
        "id": run.id,
        "began": moment(run.created),
        "spell": name,
        "engine": run.engine,
        "status": state(run),
        "seconds": round(run.duration, 3),
        "cost": cost(run),
    }
