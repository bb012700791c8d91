"""``llmspell stubs``: write declarations of everything spells can call, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from llmspell_core import declarations
from llmspell_core.cli.exits import Exit

__all__ = ["command"]


@click.command()
@click.option("-o", "--directory", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where they go.")
@click.option("--docs", is_flag=True, help="Write the reference pages of the bridges instead.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file is missing or stale.")
def command(directory: Path, docs: bool, check: bool) -> Exit:
    """Write declarations of everything that spells can call, so that editors complete and check it."""
    found = declarations.installed()
    problems = []
    if check:
        problems_in = declarations.check_reference if docs else declarations.check_stubs
        problems = problems_in(directory, found.bridges, found.engines)
    else:
        write = declarations.write_reference if docs else declarations.write_stubs
        for path in write(directory, found.bridges, found.engines):
            click.echo(path)
    for problem in (*problems, *(f"left out: {error}" for error in found.broken)):
        click.echo(problem, err=True)
    return Exit.OWN_FAULT if problems else Exit.PLUGIN if found.broken else Exit.DONE
