"""``llmspell runs show``: one run, and all its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.exits import Exit, exit_of
from llmspell_core.cli.journaling import journal_option, opened
from llmspell_core.cli.listing import format_option, table
from llmspell_core.cli.outcome import describe, error_fields, json_line, plain
from llmspell_core.cli.runs.telling import moment, shown_calls, state
from llmspell_core.cli.shown import shown

if TYPE_CHECKING:
    from llmspell_core.journal import Run
    from llmspell_core.journal.told import Told

__all__ = ["command"]

_WIDE = 60


@click.command()
@click.argument("id")
@click.option("--whole", is_flag=True, help="Arguments and answers in full.")
@format_option
@journal_option
def command(id: str, whole: bool, output: str, journal: str | None) -> Exit:
    """Show the run ID and all its calls; the numbers under `entry` are those that `fork --at` takes."""
    from llmspell_core.journal.past import sound

    with opened(journal) as runs:
        run = runs.run(id)
        entries, damage = sound(id, runs.entries(id))
    told = shown_calls(entries)
    if output == "json":
        document = {"ok": damage is None, "run": _fields(run), "calls": [vars(call) for call in told]}
        document |= {"error": None if damage is None else error_fields(describe(damage))}
        click.echo(json_line(document))
        return exit_of(damage)
    for name, value in _fields(run).items():
        if value not in (None, "", {}, []):
            click.echo(shown(f"{name}: {value if isinstance(value, str) else json_line(value)}"))
    if told:
        headers = ["entry", "call", "name", "arguments", "answer", "seconds"]
        click.echo(table(headers, [[shown(cell) for cell in _cells(call, whole)] for call in told]))
    if damage is not None:
        raise damage
    return Exit.DONE


def _fields(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "parent": run.parent,
        "status": state(run),
        "spell": run.spell.manifest.name or run.spell.file,
        "engine": run.engine,
        "versions": run.versions,
        "params": plain(run.params),
        "model": run.model,
        "isolation": run.isolation,
        "grants": [rule.text for rule in run.policy.grants],
        "denials": [rule.text for rule in run.policy.denials],
        "limits": {name: value for name, value in vars(run.limits).items() if value is not None},
        "budget": {name: value for name, value in vars(run.budget).items() if value is not None},
        "began": moment(run.created),
        "changed": moment(run.changed),
        "owner": run.owner,
        "seconds": round(run.duration, 6),
        "usage": None if run.usage is None else run.usage.as_dict(),
        "value": plain(run.value),
        "error": None if run.error is None else f"{run.error['kind']}: {run.error['message']}",
    }


def _cells(call: Told, whole: bool) -> list[str]:
    entry = "" if call.entry is None else str(call.entry)
    answer = "(none yet)" if call.answer is None else call.answer if call.ok else f"! {call.answer}"
    texts = [call.args, answer] if whole else [_short(call.args), _short(answer)]
    seconds = "" if call.duration is None else f"{call.duration:.3f}"
    return [entry, str(call.call), call.name, *texts, seconds]


def _short(text: str) -> str:
    return text if len(text) <= _WIDE else text[: _WIDE - 1] + "…"
