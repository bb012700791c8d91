"""``llmspell pack``: make one file of a spell's folder."""

from __future__ import annotations

import click

from llmspell_core.cli.listing import format_option
from llmspell_core.cli.outcome import json_line, plain
from llmspell_core.cli.shown import shown

__all__ = ["command"]


@click.command()
@click.argument("folder", type=click.Path())
@click.option("-o", "--into", type=click.Path(file_okay=False), default=".", show_default=True, help="Where it goes.")
@format_option
def command(folder: str, into: str, output: str) -> None:
    """Make one archive of the spell in FOLDER, the same bytes whenever its files are the same."""
    from llmspell_core.packages.installing import pack

    packed = pack(folder, into)
    if output == "json":
        click.echo(json_line({"ok": True, "package": plain(packed)}))
        return
    click.echo(shown(f"{packed.path}: {len(packed.files)} files, SHA-256 {packed.sha256}"))
