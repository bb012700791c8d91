"""``llmspell bridges``: list what spells can call."""

from __future__ import annotations

import inspect
from typing import Any

import click

from llmspell_core import plugins
from llmspell_core.bridge import Bridge, exposed_methods
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.listing import format_option, show
from llmspell_core.errors import PluginError

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> Exit:
    """List what spells can call."""
    rows = []
    broken = []
    for name in plugins.bridge_names():
        try:
            bridge = plugins.bridge_class(name)
            rows += [] if name in bridge.aliases else [_row(name, bridge)]
        except PluginError as error:
            broken.append(error)
    if output == "text":
        rows = [{**row, "methods": len(row["methods"])} for row in rows]
    show("bridges", rows, output, "no bridges are installed; begin with: pip install llmspell-bridges")
    for cause in broken:
        click.echo(cause, err=True)
    return Exit.PLUGIN if broken else Exit.DONE


def _row(name: str, bridge: type[Bridge]) -> dict[str, Any]:
    about = (inspect.getdoc(bridge) or "").partition("\n")[0]
    methods = {function.__name__ for function in exposed_methods(bridge).values()}
    return {"name": name, "about": about, "methods": sorted(methods), "aliases": list(bridge.aliases)}
