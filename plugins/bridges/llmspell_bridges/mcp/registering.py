"""The tools of a server as tools of the run, for spells, models and agents."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.schema import BadSchema, Schema
from llmspell_bridges.tools.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from llmspell_bridges.tools.registry import Registry

__all__ = ["register"]

_LONGEST = 64
_ANY = {"type": "object"}


async def register(
    registry: Registry,
    server: str,
    tools: Sequence[Mapping[str, Any]],
    call: Callable[[str, dict[str, Any]], Awaitable[Mapping[str, Any]]],
) -> list[str]:
    """Keep a server's tools under names that models take, as ``server_tool``, and return the names.

    :param call: calls a tool of the server
    """
    names: list[str] = []
    for tool in tools:
        name = _free(_acceptable(f"{server.rpartition('/')[2]}_{tool['name']}"), registry)
        registry.add(await _tool(name, server, tool, call))
        names.append(name)
    return names


async def _tool(
    name: str,
    server: str,
    tool: Mapping[str, Any],
    call: Callable[[str, dict[str, Any]], Awaitable[Mapping[str, Any]]],
) -> Tool:
    async def run(args: dict[str, Any]) -> Any:
        result = await call(tool["name"], args)
        if result["structured"] is not None:
            return result["structured"]
        return result["text"] or result["content"]

    about = tool.get("description") or tool.get("title") or ""
    destructive = bool(tool.get("annotations", {}).get("destructiveHint"))
    schema = await _schema(tool.get("schema"))
    return Tool(name, about, schema, run, category="mcp", tags=(server,), destructive=destructive)


async def _schema(source: Any) -> Schema:
    """Return the schema of a tool's arguments; where it is none, all are let through, for the server to check."""
    try:
        return await aside(Schema, {"type": "object", **source})
    except BadSchema:
        return Schema(_ANY)


def _acceptable(name: str) -> str:
    """Return a name that model providers take."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:_LONGEST]


def _free(name: str, registry: Registry) -> str:
    """Return a name, or one like it that no tool has: those of others are not replaced."""
    taken = {tool.name for tool in registry.all()}
    others = (f"{name[: _LONGEST - 4]}_{number}" for number in count(2))
    return name if name not in taken else next(each for each in others if each not in taken)
