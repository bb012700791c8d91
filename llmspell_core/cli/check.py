"""``llmspell check``: what a spell asks for, what it uses, and what is wrong with it, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.exits import Exit
from llmspell_core.cli.listing import table
from llmspell_core.cli.outcome import json_line
from llmspell_core.cli.shown import shown
from llmspell_core.cli.wishes import complete_engine

if TYPE_CHECKING:
    from llmspell_core.checking import Check, Finding, Need

__all__ = ["command"]


@click.command()
@click.argument("spell", type=click.Path(allow_dash=True))
@click.option("-e", "--engine", metavar="NAME", shell_complete=complete_engine, help="The engine or language.")
@click.option(
    "--output", type=click.Choice(["text", "json", "ndjson"]), default="text", show_default=True, help="How to tell it."
)
def command(spell: str, engine: str | None, output: str) -> Exit:
    """Tell what SPELL asks for and uses, what is wrong with it, and the flags that grant it; nothing is run."""
    from llmspell_core.checking import examine
    from llmspell_core.packages import load
    from llmspell_core.plugins import engine_class
    from llmspell_core.router import route

    loaded = load(spell)
    found = engine_class(route(loaded, engine))()
    try:
        check = examine(loaded, found)
    finally:
        found.close()
    {"text": _text, "json": _json, "ndjson": _ndjson}[output](check)
    return Exit.DONE if check.ok else Exit.OWN_FAULT


def _text(check: Check) -> None:
    lines = [f"asks for: {', '.join(check.asks) or 'nothing'}"]
    if check.sets:
        lines += ["permission sets:", *(f"  {name}: {', '.join(rules)}" for name, rules in check.sets.items())]
    lines += [
        f"{name} asks for: {', '.join(rules)}; it has what this spell has"
        for name, rules in check.dependencies.items()
        if rules
    ]
    if check.needs:
        rows = [[_place(n.file, n.line), f"{n.bridge}.{n.method}", shown(n.capability), _state(n)] for n in check.needs]
        lines += table(["where", "what", "uses", ""], rows).splitlines()
    lines += map(_line, check.findings)
    if check.flags:
        lines.append(f"to grant it: {' '.join(check.flags)}")
    for line in lines:
        click.echo(shown(line))


def _state(need: Need) -> str:
    if need.granted and need.known:
        return "granted by standard"
    # What a bridge itself may ask for while it runs counts as granted: nothing is wrong when it is not asked for.
    state = "asked for" if need.asked else "may be needed" if need.granted else "not asked for"
    return state if need.known else f"{state}; only a run can tell the scope"


def _line(finding: Finding) -> str:
    place = f"{_place(finding.file, finding.line)}: " if finding.file else ""
    return f"{place}{finding.kind}: {finding.message}"


def _place(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file


def _json(check: Check) -> None:
    click.echo(
        json_line(
            {
                "ok": check.ok,
                "asks": check.asks,
                "sets": check.sets,
                "dependencies": check.dependencies,
                "needs": [_fields(need) for need in check.needs],
                "findings": [_fields(finding) for finding in check.findings],
                "flags": check.flags,
            }
        )
    )


def _ndjson(check: Check) -> None:
    for need in check.needs:
        click.echo(json_line({"type": "need", **_fields(need)}))
    for finding in check.findings:
        click.echo(json_line({"type": "finding", **_fields(finding)}))
    click.echo(
        json_line({"type": "result", "ok": check.ok, "asks": check.asks, "sets": check.sets, "flags": check.flags})
    )


def _fields(fact: Any) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__match_args__}
