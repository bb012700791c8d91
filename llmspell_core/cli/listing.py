"""Lists for people and programs: a table of aligned columns, or one JSON document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from llmspell_core.cli.outcome import json_line, plain

__all__ = ["format_option", "show", "table"]

_F = TypeVar("_F", bound=Callable[..., Any])


def format_option(function: _F) -> _F:
    """Give a command the option ``--output text|json``, passed as ``output``."""
    kind = click.Choice(["text", "json"])
    return click.option("--output", type=kind, default="text", show_default=True, help="For people or programs.")(
        function
    )


def show(name: str, rows: Sequence[dict[str, Any]], output: str, empty: str) -> None:
    """Print rows that all have the same fields; in JSON they are the field ``name`` of the document.

    :param empty: what to tell people when there are no rows
    """
    if output == "json":
        click.echo(json_line({"ok": True, name: plain(list(rows))}))
    elif rows:
        click.echo(table(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows]))
    else:
        click.echo(empty)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return text in columns as wide as their longest cell, without trailing space."""
    lines = [list(headers), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
