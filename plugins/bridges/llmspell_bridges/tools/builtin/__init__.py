"""The tools that come with llmspell; each module is imported when its tool is first called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.builtin.table import TOOLS
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
            each.name,
            each.description,
            _schema(each.fields),
            _run(context, each.module, each.function),
            category=each.category,
            built_in=True,
            outward=True,
        )
        for each in TOOLS
    ]


def _run(context: Context, module: str, function: str) -> Run:
    async def run(args: dict[str, Any]) -> Any:
        found: Callable[..., Any] = getattr(import_module(f"{__name__}.{module}"), function)
        return await found(context, **args)

    return run


def _schema(fields: dict[str, dict[str, Any]]) -> Schema:
    required = [name for name, field in fields.items() if "needed" in field]
    said = {name: {key: part for key, part in field.items() if key != "needed"} for name, field in fields.items()}
    return Schema.trusted({"type": "object", "properties": said, "required": required, "additionalProperties": False})
