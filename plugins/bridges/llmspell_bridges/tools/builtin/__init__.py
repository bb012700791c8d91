"""The tools that come with llmspell; each module is imported when its tool is first called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.tools.tool import Run
    from llmspell_core.bridge import Context

__all__ = ["built_in"]


def built_in(context: Context) -> list[Tool]:
    """Return the built-in tools for a run."""
    return [
        Tool(
            name,
            description,
            _schema(fields),
            _run(context, module, function),
            category=category,
            built_in=True,
            outward=True,
        )
        for name, description, category, module, function, fields in _tools()
    ]


def _run(context: Context, module: str, function: str) -> Run:
    async def run(args: dict[str, Any]) -> Any:
        found: Callable[..., Any] = getattr(import_module(f"{__name__}.{module}"), function)
        return await found(context, **args)

    return run


def _schema(fields: dict[str, Any]) -> Schema:
    required = [name for name, field in fields.items() if field.pop("needed", False)]
    return Schema.trusted({"type": "object", "properties": fields, "required": required, "additionalProperties": False})


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


_QUERY = "what to pick, in JMESPath: people[?age > `30`].name"


def _tools() -> tuple[tuple[str, str, str, str, str, dict[str, Any]], ...]:
    needed = {"needed": True}
    return (
        (
            "calculator",
            "Compute an arithmetic expression: + - * / // % **, comparisons, and sqrt, sin, log, round, ...",
            "math",
            "calculator",
            "calculate",
            {"expression": _text("as 2 * (3 + 4) ** 0.5", maxLength=1000, **needed)},
        ),
        (
            "datetime",
            "Tell the time, or compute with times: now, parse, format, add, difference.",
            "time",
            "calendar",
            "compute",
            {
                "operation": {"enum": ["now", "parse", "format", "add", "difference"], "default": "now"},
                "time": _text("a time, as 2026-11-20T10:00:00+01:00; the present one when left out"),
                "other": _text("for difference: the time to compare with"),
                "seconds": {"type": "number", "description": "for add: how much, may be negative"},
                "days": {"type": "number", "description": "for add: how much, may be negative"},
                "timezone": _text("as Europe/Oslo", default="UTC"),
                "format": _text("for format: as %Y-%m-%d", maxLength=200),
            },
        ),
        (
            "json_query",
            "Pick from data, or from text that is JSON, by a JMESPath expression.",
            "data",
            "queries",
            "of_json",
            {"data": {"description": "the data, or text that is JSON"}, "query": _text(_QUERY, **needed)},
        ),
        (
            "yaml_query",
            "Pick from text that is YAML by a JMESPath expression.",
            "data",
            "queries",
            "of_yaml",
            {"text": _text("the YAML", **needed), "query": _text(_QUERY, **needed)},
        ),
        (
            "csv_query",
            "Pick from text that is CSV with a header by a JMESPath expression on its rows.",
            "data",
            "queries",
            "of_csv",
            {
                "text": _text("the CSV", **needed),
                "query": _text("as [?city == 'Oslo'].name", default="[*]"),
                "delimiter": _text("what is between the columns", minLength=1, maxLength=1, default=","),
            },
        ),
        (
            "text",
            "Count, find, replace or change the case of text.",
            "text",
            "texts",
            "work",
            {
                "operation": {"enum": ["count", "find", "replace", "upper", "lower", "title"], **needed},
                "text": _text("the text", **needed),
                "pattern": _text("for find and replace: a regular expression"),
                "replacement": _text("for replace: what to put there; \\1 is the first group", default=""),
                "ignore_case": {"type": "boolean", "default": False},
            },
        ),
        ("file_read", "Read a file of text.", "files", "files", "read", {"path": _text("the file", **needed)}),
        (
            "file_write",
            "Make a file hold a text, or add the text to it.",
            "files",
            "files",
            "write",
            {
                "path": _text("the file", **needed),
                "text": _text("what to write", **needed),
                "append": {"type": "boolean", "default": False, "description": "add it to the end"},
            },
        ),
        (
            "file_list",
            "List the names in a folder.",
            "files",
            "files",
            "entries",
            {"path": _text("the folder", default=".")},
        ),
        (
            "http_fetch",
            "Get what is at a URL.",
            "web",
            "web",
            "fetch",
            {
                "url": _text("of http or https", **needed),
                "headers": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
                "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 600, "default": 30},
            },
        ),
        (
            "web_search",
            "Search the web.",
            "web",
            "search",
            "search",
            {
                "query": _text("what to look for", minLength=1, maxLength=400, **needed),
                "count": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5},
                "provider": {"enum": ["brave", "serper", "tavily"], "description": "the first with a key if left out"},
            },
        ),
        (
            "shell",
            "Run a program with arguments, or, where asked for, a line of the shell.",
            "system",
            "programs",
            "run",
            {
                "program": _text("its name or path", minLength=1),
                "args": {"type": "array", "items": {"type": "string"}, "default": []},
                "line": _text("instead of a program: a line for sh", minLength=1),
                "input": _text("what it reads from standard input", default=""),
                "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 600, "default": 30},
            },
        ),
    )
