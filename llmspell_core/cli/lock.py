"""``llmspell lock``: pin the dependencies of a spell to exactly what they are now."""

from __future__ import annotations

import click

from llmspell_core.cli.listing import format_option, show

__all__ = ["command"]


@click.command()
@click.argument("folder", type=click.Path(), default=".")
@format_option
def command(folder: str, output: str) -> None:
    """Write llmspell.lock for the spell in FOLDER: from then on only these versions run, and only as they are now."""
    from llmspell_core.packages.lock import lock

    rows = [{"name": name, "version": pin.version, "sha256": pin.sha256} for name, pin in lock(folder).items()]
    show("spells", rows, output, "the spell has no dependencies; llmspell.lock says so")
