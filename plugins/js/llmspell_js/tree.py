"""Syntax trees of JavaScript, and edits to the source they were made of."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

__all__ = ["Edits", "first_error_line", "parse", "text_of", "unquoted", "walk"]


def parse(source: str) -> Node:
    """Return the root of the source's tree."""
    return _parser().parse(source.encode()).root_node


def text_of(node: Node) -> str:
    """Return the node's source."""
    return (node.text or b"").decode()


def unquoted(node: Node) -> str:
    """Return the text that a string literal stands for."""
    text = text_of(node)[1:-1]
    return text if "\\" not in text else str(json.loads('"' + text.replace('"', '\\"').replace("\\'", "'") + '"'))


def walk(root: Node, *, into_functions: bool = True) -> Iterator[Node]:
    """Yield every node, parents first; what is inside functions only where asked for."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if into_functions or node.type not in FUNCTIONS:
            stack.extend(reversed(node.children))


def first_error_line(source: str) -> int:
    """Return the line of the first place that is no JavaScript, or of the end."""
    for node in walk(parse(source)):
        if node.is_error or node.is_missing:
            return node.start_point[0] + 1
    return source.count("\n") + 1


FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)


class Edits:
    """Replacements in one source, made all at once; what is cut out leaves its line breaks.

    :param mark: what the names begin with that only the edits may use
    """

    def __init__(self, mark: str = "$$") -> None:
        self.mark = mark
        self._edits: list[tuple[int, int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._edits)

    def insert(self, at: int, text: str) -> None:
        """Put text before the byte at that offset."""
        self._edits.append((at, at, text))

    def replace(self, start: int, end: int, text: str) -> None:
        """Put text in the place of the bytes between the offsets."""
        self._edits.append((start, end, text))

    def applied(self, source: str) -> str:
        """Return the source with all edits made."""
        data, made, done = source.encode(), [], 0
        for start, end, text in sorted(self._edits, key=lambda edit: edit[:2]):
            made += [data[done:start], text.encode(), b"\n" * data.count(b"\n", start, end)]
            done = end
        return b"".join([*made, data[done:]]).decode()


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
