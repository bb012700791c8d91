"""The tools of a server as tools of the run, for spells, models and agents."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.structured.checking import aside
from llmspell_bridges.structured.schema import BadSchema, Schema
from llmspell_bridges.tools.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from llmspell_bridges.tools.registry import Registry

__all__ = ["Call", "register", "tools_of"]

Call: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[Mapping[str, Any]]]
"""Calls a tool of a server."""
_LONGEST = 64
_ANY = {"type": "object"}


async def tools_of(server: str, listed: Sequence[Mapping[str, Any]], call: Call) -> dict[str, Tool]:
    """Return a server's tools, by its own names for them; each has a name that models take, as ``server_tool``.

    :param call: calls a tool of the server
    """
    taken: set[str] = set()
    found: dict[str, Tool] = {}
    for tool in listed:
        name = _free(_acceptable(f"{server.rpartition('/')[2]}_{tool['name']}"), taken)
        taken.add(name)
        found[tool["name"]] = await _tool(name, server, tool, call)
    return found


def register(registry: Registry, tools: Iterable[Tool]) -> list[str]:
    """Keep tools under names that no others have, and return the names."""
    taken = {tool.name for tool in registry.all()}
    names: list[str] = []
    for tool in tools:
        names.append(_free(tool.name, taken))
        taken.add(names[-1])
        registry.add(replace(tool, name=names[-1]))
    return names


async def _tool(name: str, server: str, tool: Mapping[str, Any], call: Call) -> Tool:
    async def run(args: dict[str, Any]) -> Any:
        result = await call(tool["name"], args)
        if result["structured"] is not None:
            return result["structured"]
        return result["text"] or result["content"]

    about = tool.get("description") or tool.get("title") or ""
    destructive = bool(tool.get("annotations", {}).get("destructiveHint"))
    schema = await _schema(tool.get("schema"))
    return Tool(name, about, schema, run, category="mcp", tags=(server,), destructive=destructive, outward=True)


async def _schema(source: Any) -> Schema:
    """Return the schema of a tool's arguments; where it is none, all are let through, for the server to check."""
    try:
        return await aside(Schema, {"type": "object", **source})
    except BadSchema:
        return Schema(_ANY)


def _acceptable(name: str) -> str:
    """Return a name that model providers take."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:_LONGEST]


def _free(name: str, taken: Container[str]) -> str:
    """Return a name, or one like it that is not taken: no tool replaces another."""
    others = (f"{name[: _LONGEST - 4]}_{number}" for number in count(2))
    return name if name not in taken else next(each for each in others if each not in taken)
