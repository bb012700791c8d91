"""Syntax trees of Lua."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["parse"]


def parse(source: str) -> Node:
    """Return the root of the source's tree."""
    return _parser().parse(source.encode(errors="replace")).root_node


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_lua

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_lua.language()))
