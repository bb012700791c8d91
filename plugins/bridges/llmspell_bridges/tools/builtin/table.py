"""What the tools that come with llmspell are called, say of themselves and take."""

from __future__ import annotations

from typing import Any

from llmspell_core.facts import Fact, fact

__all__ = ["TOOLS", "BuiltIn"]


@fact
class BuiltIn(Fact):
    """A built-in tool.

    :param module: beside this one, with the function that does what it does
    :param fields: the schema of each argument by name; ``needed`` where it may not be left out
    """

    name: str
    description: str
    category: str
    module: str
    function: str
    fields: dict[str, dict[str, Any]]


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


_QUERY = "what to pick, in JMESPath: people[?age > `30`].name"


TOOLS = (
    BuiltIn(
        "calculator",
        "Compute an arithmetic expression: + - * / // % **, comparisons, and sqrt, sin, log, round, ...",
        "math",
        "calculator",
        "calculate",
        {"expression": _text("as 2 * (3 + 4) ** 0.5", maxLength=1000, needed=True)},
    ),
    BuiltIn(
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
    BuiltIn(
        "json_query",
        "Pick from data, or from text that is JSON, by a JMESPath expression.",
        "data",
        "queries",
        "of_json",
        {"data": {"description": "the data, or text that is JSON"}, "query": _text(_QUERY, needed=True)},
    ),
    BuiltIn(
        "yaml_query",
        "Pick from text that is YAML by a JMESPath expression.",
        "data",
        "queries",
        "of_yaml",
        {"text": _text("the YAML", needed=True), "query": _text(_QUERY, needed=True)},
    ),
    BuiltIn(
        "csv_query",
        "Pick from text that is CSV with a header by a JMESPath expression on its rows.",
        "data",
        "queries",
        "of_csv",
        {
            "text": _text("the CSV", needed=True),
            "query": _text("as [?city == 'Oslo'].name", default="[*]"),
            "delimiter": _text("what is between the columns", minLength=1, maxLength=1, default=","),
        },
    ),
    BuiltIn(
        "text",
        "Count, find, replace or change the case of text.",
        "text",
        "texts",
        "work",
        {
            "operation": {"enum": ["count", "find", "replace", "upper", "lower", "title"], "needed": True},
            "text": _text("the text", maxLength=4 * 2**20, needed=True),
            "pattern": _text("for find and replace: a regular expression"),
            "replacement": _text(
                "for replace: what to put there; \\1 is the first group", maxLength=10_000, default=""
            ),
            "ignore_case": {"type": "boolean", "default": False},
        },
    ),
    BuiltIn("file_read", "Read a file of text.", "files", "files", "read", {"path": _text("the file", needed=True)}),
    BuiltIn(
        "file_write",
        "Make a file hold a text, or add the text to it.",
        "files",
        "files",
        "write",
        {
            "path": _text("the file", needed=True),
            "text": _text("what to write", needed=True),
            "append": {"type": "boolean", "default": False, "description": "add it to the end"},
        },
    ),
    BuiltIn(
        "file_list",
        "List the names in a folder.",
        "files",
        "files",
        "entries",
        {"path": _text("the folder", default=".")},
    ),
    BuiltIn(
        "http_fetch",
        "Get what is at a URL.",
        "web",
        "web",
        "fetch",
        {
            "url": _text("of http or https", needed=True),
            "headers": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
            "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 600, "default": 30},
        },
    ),
    BuiltIn(
        "web_search",
        "Search the web.",
        "web",
        "search",
        "search",
        {
            "query": _text("what to look for", minLength=1, maxLength=400, needed=True),
            "count": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5},
            "provider": {"enum": ["brave", "serper", "tavily"], "description": "the first with a key if left out"},
        },
    ),
    BuiltIn(
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
