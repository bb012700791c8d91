"""Data as a spell shows it to people and programs."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from llmspell_core.errors import BadArgument

__all__ = ["Form", "shown"]

Form: TypeAlias = Literal["text", "json", "yaml", "csv", "table"]


def shown(data: Any, form: Form) -> str:
    """Return data as text, without a line end after it.

    :param form: ``text`` is text as it is and other values as JSON; ``table`` is Markdown, of a list of maps
    """
    from llmspell_bridges.data.forms import write

    if form == "table":
        return _table(data)
    if form == "text":
        return data if isinstance(data, str) else write("json", data).rstrip("\n")
    return write(form, data, pretty=True).rstrip("\n")


def _table(rows: Any) -> str:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadArgument("spell.output", 1, "data", "must be a list of maps with at least one in it, for a table")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, ["---"] * len(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    text = "" if value is None else shown(value, "text")
    return text.replace("|", "\\|").replace("\r", " ").replace("\n", " ")
