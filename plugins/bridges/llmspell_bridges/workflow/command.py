"""``llmspell workflow run``, ``resume``, ``show`` and ``graph``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from llmspell_bridges.workflow.failures import WorkflowWaits
from llmspell_core.budget import Budget
from llmspell_core.cli.casting import Casting, chosen_isolation, perform
from llmspell_core.cli.given import parameters
from llmspell_core.cli.journaling import chosen_journal, journal_option, journal_options, opened
from llmspell_core.cli.limits import chosen_limits
from llmspell_core.cli.permissions import CastCommand
from llmspell_core.cli.runs.resume import Resuming
from llmspell_core.cli.wishes import Wishes, output_option, serving_options
from llmspell_core.errors import UsageError
from llmspell_core.policy import Policy
from llmspell_core.spells import Manifest

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit
    from llmspell_core.runner import Result, Runner

__all__ = ["workflow"]


@click.group()
def workflow() -> None:
    """Run, show and draw workflows: YAML or JSON files of steps."""


@workflow.command(cls=CastCommand)
@click.argument("file", type=click.Path())
@click.option("--input", "given", metavar="VALUE", help="What the first step gets: JSON, else text; @FILE holds it.")
@click.option("-p", "--param", multiple=True, metavar="KEY=VALUE", help="A parameter; KEY:=JSON for exact values.")
@click.option("--params", metavar="JSON", help="All parameters as a JSON object, or @FILE that holds one.")
@click.option("--run-id", metavar="ID", help="What to call the run; a new name when not given.")
@output_option
@serving_options
@journal_options
def run(file: str, given: str | None, **wishes: Any) -> Exit:
    """Run the workflow in FILE, and print what its last step makes.

    Spells beside FILE that its steps name are cast; whatever else it needs is granted as to a spell. Approvals are
    asked for on the terminal; --allow approval:STEP gives one beforehand.
    """
    return perform(_Filed(file, given, Wishes(**wishes)))


@workflow.command(cls=CastCommand)
@click.argument("id")
@click.option("--take-over", is_flag=True, help="Also from a process that may still be at work; that one then stops.")
@output_option
@serving_options
@journal_option
def resume(id: str, take_over: bool, **wishes: Any) -> Exit:
    """Go on with the run ID of a workflow that was killed or stopped: no step that had ended is taken again.

    One that ended because nobody gave an approval goes on from before its end, as a new run.
    """
    return perform(_Resumed(Wishes(**wishes), _resumable(id, wishes["journal"]), take_over=take_over))


@workflow.command()
@click.argument("file", type=click.Path())
def show(file: str) -> None:
    """Tell what the workflow in FILE is made of."""
    from llmspell_bridges.workflow.filed import read_file
    from llmspell_bridges.workflow.outline import outline

    click.echo(outline(read_file(file)[1]), nl=False)


@workflow.command()
@click.argument("file", type=click.Path())
@click.option("--format", type=click.Choice(["mermaid", "svg"]), default="mermaid", show_default=True)
@click.option("-o", "--out", type=click.Path(), metavar="FILE", help="Write it there, in the place of standard output.")
def graph(file: str, format: str, out: str | None) -> None:
    """Draw the workflow in FILE."""
    from llmspell_bridges.workflow.filed import read_file
    from llmspell_bridges.workflow.graph import mermaid
    from llmspell_bridges.workflow.picture import svg

    drawn = (svg if format == "svg" else mermaid)(read_file(file)[1])
    if out is None:
        click.echo(drawn, nl=False)
        return
    try:
        with open(out, "w", encoding="utf-8") as target:
            target.write(drawn)
    except OSError as error:
        raise UsageError(f"cannot write {out!r}: {(error.strerror or str(error)).lower()}") from error


class _Filed(Casting):
    """A workflow in a file, run anew."""

    command = "workflow"

    def __init__(self, file: str, given: str | None, wishes: Wishes) -> None:
        super().__init__(wishes, wishes.run_id or os.urandom(8).hex())
        self._file, self._given = file, given
        self._isolation = chosen_isolation(wishes.isolation, wishes.policy)
        self.limits = chosen_limits(wishes.limits, wishes.bounds, wishes.config, self._isolation)

    def _cast(self) -> Result:
        from llmspell_bridges.workflow.filed import ENGINE, load

        wishes = self.wishes
        spell, definition = load(self._file)
        about: Any = definition.source.get("parameters") or {}
        params = parameters(Manifest(parameters=about), wishes.param, wishes.params)
        given = {"input": _value(self._given), "params": params}
        bounds = {"limits": self.limits, "budget": Budget(wishes.max_requests, wishes.max_tokens, wishes.max_cost)}
        journal = chosen_journal(wishes.journal, none=wishes.no_journal)
        with self._runner(Policy.profile(wishes.policy), spell, self._isolation, journal=journal, **bounds) as runner:
            return runner.cast(spell, engine=ENGINE, params=given, run_id=self.run_id, on_output=self.told.output)

    def _made(self, **options: Any) -> Runner:
        from llmspell_bridges.workflow.filed import FileRunner

        return FileRunner(**options)


class _Resumed(Resuming):
    """A workflow that goes on."""

    command = "workflow"

    def _check(self) -> None:
        from llmspell_bridges.workflow.filed import ENGINE

        if self._run.engine != ENGINE:
            cure = f"`llmspell runs resume {self._run.id}` goes on with it"
            raise UsageError(f"the run {self._run.id} is a spell's, not a workflow's; {cure}")

    def _made(self, **options: Any) -> Runner:
        from llmspell_bridges.workflow.filed import FileRunner

        return FileRunner(**options)


def _resumable(id: str, journal_url: str | None) -> str:
    """Return the run that goes on: a new one from before its end where it ended for lack of an approval."""
    from llmspell_core.journal.forks import fork

    with opened(journal_url) as journal:
        run = journal.run(id)
        if run.status != "failed" or run.error is None or run.error["kind"] != WorkflowWaits.kind:
            return id
        fed = [entry.number for entry in journal.entries(id) if entry.kind == "fed"]
        made = os.urandom(8).hex()
        fork(journal, id, fed[-1] - 1, made)
    click.echo(f"run {made}", err=True)
    return made


def _value(text: str | None) -> Any:
    """Return a value of the command line: JSON where it is, else the text."""
    import json

    if text is not None and text.startswith("@"):
        try:
            with open(text[1:], encoding="utf-8-sig") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {text[1:]!r}: {error}") from error
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
