"""``llmspell install``: put spells among the user's own."""

from __future__ import annotations

import click

from llmspell_core.cli.listing import format_option
from llmspell_core.cli.outcome import json_line, plain
from llmspell_core.cli.shown import shown

__all__ = ["command"]


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--replace", is_flag=True, help="Put it in the place of another of its name and version.")
@format_option
def command(sources: tuple[str, ...], replace: bool, output: str) -> None:
    """Install spells: archives, folders, or names that `llmspell list` shows. Nothing is run, and nothing granted."""
    from llmspell_core.packages.installing import install

    done = [install(source, replace=replace) for source in sources]
    if output == "json":
        click.echo(json_line({"ok": True, "packages": plain(done)}))
        return
    for each in done:
        state = "is installed" if each.new else "was installed already"
        click.echo(shown(f"{each.name} {each.version} {state} in {each.path}, SHA-256 {each.sha256}"))
        if each.asks:
            click.echo(shown(f"  it asks for {', '.join(each.asks)}; nothing of that is granted before you say so"))
