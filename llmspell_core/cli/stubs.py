"""``llmspell stubs``: write declarations of everything spells can call, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmspell_core import declarations
from llmspell_core.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["command"]


@click.command()
@click.option("-o", "--directory", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where they go.")
@click.option("--docs", is_flag=True, help="Write the reference pages of the bridges instead.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file is missing or stale.")
def command(directory: Path, docs: bool, check: bool) -> Exit:
    """Write declarations of everything that spells can call, so that editors complete and check it."""
    if check:
        return _check(declarations.check_reference if docs else declarations.check_stubs, directory)
    write = declarations.write_reference if docs else declarations.write_stubs
    for path in write(directory):
        click.echo(path)
    return Exit.DONE


def _check(problems_in: Callable[[Path], list[str]], directory: Path) -> Exit:
    problems = problems_in(directory)
    for problem in problems:
        click.echo(problem, err=True)
    return Exit.OWN_FAULT if problems else Exit.DONE
