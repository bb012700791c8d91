"""Syntax trees of JavaScript, and edits to the source they were made of."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

__all__ = [
    "Edits",
    "async_around",
    "awaits",
    "first_error_line",
    "is_async_loop",
    "parse",
    "text_of",
    "unquoted",
    "walk",
]


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


def awaits(root: Node, *, into_functions: bool = True) -> Iterator[tuple[Node, int]]:
    """Yield each expression that awaits, and the byte after its ``await``.

    The grammar takes the word for a name, and ``await (x).y`` for what is done to what a function of that name returns.
    """
    for node in walk(root, into_functions=into_functions):
        if node.type == "await_expression":
            yield node, node.children[0].end_byte
        elif node.type == "identifier" and node.text == b"await" and async_around(node) is not None:
            yield _chain(node), node.end_byte


def is_async_loop(node: Node) -> bool:
    """Tell whether a node is a ``for await``."""
    return node.type == "for_in_statement" and any(child.type == "await" for child in node.children)


def async_around(node: Node) -> Node | None:
    """Return the function that a node is directly in, or the whole file, where it may await."""
    above = node.parent
    while above is not None and above.parent is not None and above.type not in FUNCTIONS:
        above = above.parent
    if above is None or above.parent is None:
        return above
    return above if any(child.type == "async" for child in above.children) else None


def _chain(head: Node) -> Node:
    """Return all the calls and members that begin with a node."""
    above = head.parent
    while above is not None and above.type in _LINKS and above.children[0] == head:
        head, above = above, above.parent
    return head


def first_error_line(source: str) -> int:
    """Return the line of the first place that is no JavaScript, or of the end."""
    for node in walk(parse(source)):
        if node.is_error or node.is_missing:
            return node.start_point[0] + 1
    return source.count("\n") + 1


_LINKS = frozenset({"call_expression", "member_expression", "subscript_expression"})
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
        self._edits: list[tuple[int, int, int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._edits)

    def insert(self, at: int, text: str) -> None:
        """Put text before the byte at that offset, after what is there already."""
        self._edits.append((at, at, 2, text))

    def begin(self, at: int, text: str) -> None:
        """Put a statement before the byte at that offset, and before all that is inserted there."""
        self._edits.append((at, at, 1, text))

    def end(self, at: int, text: str) -> None:
        """Put the end of something before the byte at that offset, and before all that begins there."""
        self._edits.append((at, at, 0, text))

    def replace(self, start: int, end: int, text: str) -> None:
        """Put text in the place of the bytes between the offsets."""
        self._edits.append((start, end, 2, text))

    def applied(self, source: str) -> str:
        """Return the source with all edits made."""
        data, made, done = source.encode(), [], 0
        for start, end, _, text in sorted(self._edits, key=lambda edit: edit[:3]):
            made += [data[done:start], text.encode(), b"\n" * data.count(b"\n", start, end)]
            done = end
        return b"".join([*made, data[done:]]).decode()


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
