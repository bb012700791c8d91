"""``llmspell runs diff``: where two runs differ."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from llmspell_core.cli.exits import Exit
from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.cli.runs.telling import shown_calls
from llmspell_core.cli.shown import shown
from llmspell_core.wire import encode_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.journal import Journal

__all__ = ["command"]


@click.command()
@click.argument("one")
@click.argument("other")
@journal_option
def command(one: str, other: str, journal: str | None) -> Exit:
    """Show where the calls, the output and the ends of two runs differ; the status is 1 when they do."""
    with opened(journal) as runs:
        before, after = list(_lines(runs, one)), list(_lines(runs, other))
    found = list(difflib.unified_diff(before, after, one, other, lineterm="", n=2))
    for line in found:
        click.echo(shown(line))
    return Exit.OWN_FAULT if found else Exit.DONE


def _lines(journal: Journal, id: str) -> Iterator[str]:
    from llmspell_core.journal.past import Past

    run, entries = journal.run(id), journal.entries(id)
    Past(id, entries)
    yield f"{run.engine} {encode_value(run.params)}"
    for call in shown_calls(entries):
        yield f"{call.name}({call.args})"
        yield f"    -> {call.answer}" if call.ok else f"    ! {call.answer}"
    yield from run.output.splitlines()
    yield f"{run.status} {encode_value(run.value) if run.error is None else run.error['message']}"
