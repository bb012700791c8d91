"""Syntax trees of Lua, where the library that makes them is installed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from llmspell_core.errors import PluginError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["parse"]


def parse(source: str) -> Node:
    """Return the root of the source's tree; :raises PluginError: when the library that reads sources is missing."""
    return _parser().parse(source.encode(errors="replace")).root_node


@cache
def _parser() -> Parser:
    try:
        import tree_sitter
        import tree_sitter_lua
    except ModuleNotFoundError as error:
        message = "reading sources needs a library that is not installed; run: pip install 'llmspell-lua[check]'"
        raise PluginError(message) from error
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_lua.language()))
