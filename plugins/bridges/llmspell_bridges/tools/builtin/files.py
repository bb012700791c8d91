"""Files, by the bridge for files and what was granted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.fs.bridge import FsBridge

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["entries", "read", "write"]


async def read(context: Context, path: str) -> Any:
    """Return the text that a file holds."""
    return await _granted(context, f"read:{path}", "read").read(path)


async def write(context: Context, path: str, text: str, append: bool) -> None:
    """Make a file hold a text, or add it."""
    files = _granted(context, f"write:{path}", "append" if append else "write")
    await (files.append if append else files.write)(path, text)


async def entries(context: Context, path: str) -> list[str]:
    """Return the names in a folder."""
    return await _granted(context, f"read:{path}", "list").list(path)


def _granted(context: Context, capability: str, method: str) -> FsBridge:
    own = context.of("fs")
    own.require(capability, method)
    return FsBridge(own)
