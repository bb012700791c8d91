"""Tools that are spells in a folder, each cast with no more rights than the spell that calls it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.schema import Schema
from llmspell_bridges.tools.tool import Tool
from llmspell_core.errors import CallError
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["arguments_schema", "tools_in"]

_MOST = 200


async def tools_in(context: Context, path: str) -> list[Tool]:
    """Return the tools in a folder: every spell there whose manifest has a description.

    :raises CallError: when there is no such folder
    :raises Denied: when one of them may not be read
    """
    import asyncio

    paths = await asyncio.to_thread(_entries, path)
    for each in paths:
        context.require(f"read:{each}", "load_folder")
    spells = await asyncio.to_thread(lambda: [(each, Spell.load(each)) for each in paths])
    return [_tool(context, each, spell) for each, spell in spells if spell.manifest.description]


def _entries(path: str) -> list[str]:
    try:
        names = sorted(name for name in os.listdir(path) if not name.startswith((".", "_")))
    except OSError as error:
        raise CallError(f"no folder of tools at {path!r}: {(error.strerror or str(error)).lower()}") from error
    if len(names) > _MOST:
        raise CallError(f"{path!r} holds more than {_MOST} files; a folder of tools has fewer")
    return [each for each in (os.path.join(path, name) for name in names) if _is_spell(each)]


def _is_spell(path: str) -> bool:
    """Tell whether there is a spell: a folder with a manifest, or a file with front matter."""
    if os.path.isdir(path):
        return os.path.isfile(os.path.join(path, "spell.yaml"))
    with open(path, "rb") as file:
        return b"---" in file.read(200)


def _tool(context: Context, path: str, spell: Spell) -> Tool:
    manifest = spell.manifest
    stem = os.path.splitext(os.path.basename(path))[0]

    async def run(args: dict[str, Any]) -> Any:
        return (await context.cast(spell, params=args)).unwrap()

    schema = Schema(arguments_schema(manifest.parameters or {}))
    version = manifest.version or "1.0.0"
    return Tool(
        manifest.name or stem, manifest.description, schema, run, version, category="folder", outward=True
    ).checked()


def arguments_schema(parameters: Any) -> dict[str, Any]:
    """Return the schema of all parameters: a manifest says of each by itself that it is required."""
    return {
        "type": "object",
        "properties": {
            name: {key: part for key, part in each.items() if key != "required" or not isinstance(part, bool)}
            for name, each in parameters.items()
        },
        "required": [name for name, each in parameters.items() if each.get("required") is True],
        "additionalProperties": False,
    }
