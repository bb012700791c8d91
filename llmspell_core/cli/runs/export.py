"""``llmspell runs export``: a run as a file of JSON lines."""

from __future__ import annotations

import os
from typing import TextIO

import click

from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.errors import UsageError

__all__ = ["command"]


@click.command()
@click.argument("id")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@journal_option
def command(id: str, file: str, journal: str | None) -> None:
    """Write the run ID, and what it has cast, to FILE; `llmspell runs import` and `llmspell run --replay` read it.

    It holds all that the spell has seen, so only you can read the file.
    """
    from llmspell_core.journal.transcript import write

    with opened(journal) as runs:
        lines = list(write(runs, id))
    with click.open_file(file, "w", encoding="utf-8") if file == "-" else _private(file) as target:
        target.writelines(line + "\n" for line in lines)


def _private(path: str) -> TextIO:
    try:
        return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path!r}: {(error.strerror or str(error)).lower()}") from error
