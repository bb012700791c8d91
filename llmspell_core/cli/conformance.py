"""``llmspell conformance``: check that engines keep the rules."""

from __future__ import annotations

from importlib.util import find_spec

import click

from llmspell_core import plugins
from llmspell_core.cli.casting import complete_engine
from llmspell_core.cli.exits import Exit
from llmspell_core.errors import NotInstalled, PluginError

__all__ = ["command"]


@click.command()
@click.option(
    "-e", "--engine", "engines", multiple=True, metavar="NAME", shell_complete=complete_engine, help="Only this."
)
def command(engines: tuple[str, ...]) -> Exit:
    """Check that the installed engines, or those named, keep the rules of values and protocol."""
    if find_spec("llmspell_conformance") is None:
        raise PluginError("the conformance suite is not installed; install it with: pip install llmspell-conformance")
    installed = plugins.engine_names()
    for name in engines:
        if name not in installed:
            raise NotInstalled("engine", name, installed)
    from llmspell_conformance import report

    results = report.run(engines or installed)
    click.echo(report.table(results))
    return Exit.OWN_FAULT if any(result.failed for result in results) else Exit.DONE
