"""``llmspell runs export``: a run as a file of JSON lines."""

from __future__ import annotations

from typing import TextIO

import click

from llmspell_core.cli.journaling import journal_option, opened

__all__ = ["command"]


@click.command()
@click.argument("id")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@journal_option
def command(id: str, file: TextIO, journal: str | None) -> None:
    """Write the run ID, and what it has cast, to FILE; `llmspell runs import` and `llmspell run --replay` read it."""
    from llmspell_core.journal.transcript import write

    with opened(journal) as runs:
        for line in write(runs, id):
            file.write(line + "\n")
