"""``llmspell version``: show the versions of llmspell and its plugins."""

from __future__ import annotations

import platform
from typing import Any

import click

from llmspell_core import __version__, plugins
from llmspell_core.cli.listing import format_option, table
from llmspell_core.cli.outcome import json_line
from llmspell_core.errors import PluginError

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> None:
    """Show the versions of llmspell, Python, the plugins and the languages."""
    distributions = {
        entry.distribution: entry.version for group in plugins.GROUPS for entry in plugins.entry_points(group).values()
    }
    engines = dict(filter(None, map(_engine, plugins.engine_names())))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    if output == "json":
        versions: dict[str, Any] = {"core": __version__, "python": platform.python_version()}
        click.echo(json_line({"ok": True, **versions, "plugins": distributions, "engines": engines}))
        return
    about = [["llmspell-core", __version__], *(list(item) for item in sorted(distributions.items()))]
    rows = [row for row in about if row[0] != "llmspell-core" or row is about[0]]
    rows += [[f"engine {name}", version] for name, version in engines.items()]
    click.echo(table(["python", python], rows))


def _engine(name: str) -> tuple[str, str] | None:
    try:
        return name, plugins.engine_class(name).info.version
    except PluginError:
        # `llmspell plugins` says what is wrong with it.
        return None
