"""``llmspell conformance``: check that engines keep the rules."""

from __future__ import annotations

from importlib.util import find_spec

import click

from llmspell_core import plugins
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.wishes import complete_engine
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
    if not installed:
        raise PluginError("no engine is installed; install one with: pip install llmspell-lua")
    for name in engines:
        if name not in installed:
            raise NotInstalled("engine", name, installed)
    from llmspell_conformance.report import SuiteError, run, table

    try:
        reports = [run(name) for name in engines or installed]
    except SuiteError as error:
        raise PluginError(str(error)) from error
    click.echo(table(reports), nl=False)
    return Exit.DONE if all(report.ok for report in reports) else Exit.OWN_FAULT
