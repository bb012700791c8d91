"""``llmspell runs fork``: go on from an entry of a run, with a future of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.casts import run_id as usable_id
from llmspell_core.cli.casting import perform
from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.cli.permissions import CastCommand
from llmspell_core.cli.runs.resume import Resuming
from llmspell_core.cli.runs.telling import check_language
from llmspell_core.cli.wishes import Wishes, output_option, serving_options

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit

__all__ = ["command"]


@click.command(cls=CastCommand)
@click.argument("id")
@click.option(
    "--at", type=click.IntRange(0), required=True, metavar="N", help="The last entry that both have; 0: none."
)
@click.option("-p", "--param", multiple=True, metavar="KEY=VALUE", help="A parameter that is to be otherwise.")
@click.option("--run-id", metavar="ID", help="What to call the new run; a new name when not given.")
@serving_options
@output_option
@journal_option
def command(id: str, at: int, param: tuple[str, ...], run_id: str | None, **wishes: Any) -> Exit:
    """Go on from entry N of the run ID as a new run; ID stays as it is. `llmspell runs show ID` has the numbers."""
    from llmspell_core.cli.given import parameters
    from llmspell_core.journal.forks import fork

    new_id = usable_id(run_id)
    with opened(wishes["journal"]) as journal:
        run = journal.run(id)
        check_language(run)
        manifest = run.spell.manifest
        fork(journal, id, at, new_id, parameters(manifest, param, None) if param else None)
    click.echo(f"run {new_id}", err=True)
    return perform(Resuming(Wishes(**wishes), new_id))
