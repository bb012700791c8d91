"""The tools of the servers that are configured and granted, as records of their arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.mcp.servers import configured
from llmspell_core.errors import LlmspellError
from llmspell_core.stubs import Field, ListOf, Literal, MapOf, Named, Record, Type, Union

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_core.policy import Policy

__all__ = ["connected_tools", "records_of"]

_SECONDS = 20.0
_DEEPEST = 8
_NAMES = {"string": "text", "integer": "int", "number": "float", "boolean": "bool", "null": "nil"}


async def connected_tools(policy: Policy) -> tuple[list[Record], list[str]]:
    """Return the arguments of every tool of the servers that are granted, and what is wrong with those that fail."""
    import asyncio

    names = [name for name in sorted(configured({})) if policy.decide(f"mcp:{name}").allowed]
    found: list[Record] = []
    problems: list[str] = []
    for rows in await asyncio.gather(*(_tools_of(name, policy) for name in names)):
        if isinstance(rows, str):
            problems.append(rows)
        else:
            found += rows
    return found, problems


async def _tools_of(name: str, policy: Policy) -> list[Record] | str:
    from llmspell_bridges.mcp.bridge import McpBridge
    from llmspell_core.bridge import Context
    from llmspell_core.guard import Guard
    from llmspell_core.spells import Spell

    context = Context("search", Spell(""), guard=Guard(policy), bridge="mcp")
    bridge = McpBridge(context)
    try:
        server = await bridge.connect(name, timeout=_SECONDS)
        return [record for tool in await server.tools() for record in records_of(name, tool)]
    except LlmspellError as error:
        return context.secrets.redact(f"not told of: {error}")
    finally:
        await bridge.close()


def records_of(server: str, tool: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the record of a tool's arguments, and those that it leads to."""
    name = _word(f"{server} {tool['name']} args")
    call = f'mcp.connect("{server}") gives a server; its call("{tool["name"]}", args) takes this.'
    about = f"{call}\n{tool.get('description') or ''}".strip()
    made: list[Record] = []
    _record(tool.get("schema") or {}, name, about, made, 0)
    yield from reversed(made)


def _record(schema: Mapping[str, Any], name: str, doc: str, made: list[Record], depth: int) -> None:
    properties = schema.get("properties")
    required = schema.get("required")
    fields = [
        Field(
            field,
            _type(each, f"{name}{_word(field)}", made, depth + 1),
            isinstance(required, list) and field in required,
            str(each.get("description") or "") if isinstance(each, dict) else "",
        )
        for field, each in (properties.items() if isinstance(properties, dict) else ())
    ]
    made.append(Record(name, doc, tuple(fields)))


def _type(schema: Any, name: str, made: list[Record], depth: int) -> Type:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return Named("any")
    if options := _exact(schema):
        return Union(tuple(options)) if len(options) > 1 else options[0]
    for word in ("anyOf", "oneOf"):
        if isinstance(schema.get(word), list) and schema[word]:
            return Union(tuple(_type(each, f"{name}{i}", made, depth + 1) for i, each in enumerate(schema[word], 1)))
    kind = schema.get("type")
    if isinstance(kind, list) and kind:
        return Union(tuple(_type({**schema, "type": each}, name, made, depth + 1) for each in kind))
    if kind == "array":
        return ListOf(_type(schema.get("items"), f"{name}Item", made, depth + 1))
    if kind == "object" or "properties" in schema:
        if not isinstance(schema.get("properties"), dict):
            return MapOf(_type(schema.get("additionalProperties"), f"{name}Value", made, depth + 1))
        _record(schema, name, str(schema.get("description") or ""), made, depth)
        return Named(name)
    return Named(_NAMES.get(kind, "any") if isinstance(kind, str) else "any")


def _exact(schema: dict[str, Any]) -> list[Literal]:
    values = schema["enum"] if isinstance(schema.get("enum"), list) else [schema["const"]] if "const" in schema else []
    return [Literal(value) for value in values] if all(isinstance(v, (str, int, bool)) for v in values) else []


def _word(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))
