"""Pick from data by JMESPath, counting the work: an expression of a few words can double its result again and again."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

from llmspell_bridges.missing import LibraryMissing
from llmspell_core.errors import BadArgument, LimitExceeded
from llmspell_core.schemas.steps import TooCostly, bounded, spend

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.bridge import Context

__all__ = ["of_csv", "of_json", "of_yaml"]

_LONGEST = 2**20
_LONGEST_QUERY = 2000


async def of_json(context: Context, query: str, data: Any = None) -> Any:
    """Return what a query picks from data, or from text that is JSON."""
    return await asyncio.to_thread(_picked, query, lambda: _read("json", data) if isinstance(data, str) else data)


async def of_yaml(context: Context, text: str, query: str) -> Any:
    """Return what a query picks from text that is YAML."""
    return await asyncio.to_thread(_picked, query, lambda: _read("yaml", text))


async def of_csv(context: Context, text: str, query: str, delimiter: str) -> Any:
    """Return what a query picks from the rows of text that is CSV."""
    return await asyncio.to_thread(_picked, query, lambda: _csv(text, delimiter))


def _picked(query: str, read: Callable[[], Any]) -> Any:
    try:
        import jmespath
        from jmespath.visitor import TreeInterpreter
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "tools") from None

    class Counted(TreeInterpreter):  # type: ignore[misc]  # it has no types
        """Counts what is visited and what is made of it."""

        def visit(self, node: Any, *args: Any, **named: Any) -> Any:
            if node["type"] == "function_expression" and node["value"] in _REFUSED:
                raise _unreadable("query", f"{node['value']}() is not available here; {_REFUSED[node['value']]}")
            spend()
            found = super().visit(node, *args, **named)
            if node["type"] in _MAKING:
                _weigh(found)
            return found

    try:
        if len(query) > _LONGEST_QUERY:
            raise _unreadable("query", f"it is longer than {_LONGEST_QUERY} characters")
        with bounded():
            return Counted().visit(jmespath.compile(query).parsed, read())
    except TooCostly as error:
        raise LimitExceeded("query_steps", error.steps, f"the query was ended: {error}") from error
    except (jmespath.exceptions.JMESPathError, RecursionError, TypeError, AttributeError) as error:
        raise _unreadable("query", error) from error


_REFUSED = {"join": "join the texts in the spell", "to_string": "write the value as text in the spell"}
_MAKING = ("flatten", "function_expression", "multi_select_dict", "multi_select_list")
"""What makes new lists and maps, which may hold one thing many times."""


def _weigh(value: Any) -> None:
    todo = [value]
    while todo:
        item = todo.pop()
        spend()
        if isinstance(item, (dict, list)):
            todo += item.values() if isinstance(item, dict) else item


def _read(form: str, text: str) -> Any:
    from llmspell_bridges.data.failures import NotReadable
    from llmspell_bridges.data.forms import read

    try:
        return read(form, text)
    except NotReadable as error:
        raise _unreadable(form.upper(), error) from error


def _csv(text: str, delimiter: str) -> Any:
    import csv

    if len(text) > _LONGEST:
        raise _unreadable("CSV", f"it is longer than {_LONGEST} characters; take a part of it")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except (csv.Error, TypeError) as error:
        raise _unreadable("CSV", error) from error
    names = rows[0] if rows else []
    spend(len(names) * len(rows))
    return [dict(zip(names, row, strict=False)) for row in rows[1:] if row]


def _unreadable(what: str, problem: object) -> BadArgument:
    return BadArgument("query", None, what, f"cannot be read: {str(problem)[:300]}")
