"""Where the statements of a source begin and end that the VM makes code of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lua.tree import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

__all__ = ["find_statements"]

_STATEMENTS = frozenset(
    {
        "assignment_statement",
        "for_statement",
        "function_call",
        "function_declaration",
        "goto_statement",
        "if_statement",
        "repeat_statement",
        "return_statement",
        "variable_declaration",
        "while_statement",
    }
)
"""What can stand in a block, but for what no code of its own is made of: ``break`` is part of a jump, for one."""
_LITERALS = frozenset({"number", "string", "true", "false", "nil"})
_FOLDED = frozenset({"unary_expression", "binary_expression", "parenthesized_expression"})


def find_statements(source: str) -> dict[int, int]:
    """Return the last line of each statement by the first: of several that begin in one line, of the longest."""
    found: dict[int, int] = {}
    for node in _walk(parse(source)):
        if _is_statement(node):
            first, last = node.start_point[0] + 1, node.end_point[0] + (node.end_point[1] > 0)
            found[first] = max(found.get(first, first), last)
    return found


def _walk(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.named_children)


def _is_statement(node: Node) -> bool:
    if node.type == "elseif_statement":
        return True
    if node.type not in _STATEMENTS or node.parent is None or node.parent.type not in ("chunk", "block"):
        return False
    return node.type != "variable_declaration" or _has_code(node)


def _has_code(declaration: Node) -> bool:
    """Tell whether a ``local`` does something: what it leaves nil the statement before it may clear as well."""
    given = declaration.named_children[0]
    if given.type != "assignment_statement":
        return False
    names, values = given.named_children[0], given.named_children[-1]
    if any(child.type == "attribute" and child.text == b"<const>" for child in names.named_children):
        return not all(_is_folded(value) for value in values.named_children)
    return any(value.type != "nil" for value in values.named_children)


def _is_folded(value: Node) -> bool:
    """Tell whether a constant is put where it is used."""
    return value.type in _LITERALS or (value.type in _FOLDED and all(map(_is_folded, value.named_children)))
