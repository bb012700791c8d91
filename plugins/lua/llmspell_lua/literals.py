"""What is written in a source as it stands: text, numbers, tables of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.uses import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

__all__ = ["literal", "text_of"]

_WORDS = {"true": True, "false": False, "nil": None}


def literal(node: Node, value_of: Callable[[Node], Any]) -> Any:
    """Return the value that an expression is written as, or ``UNKNOWN``.

    :param value_of: returns what a name stands for
    """
    kind = node.type
    if kind == "string":
        return _string(node)
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "number":
        return _number(text_of(node))
    if kind == "parenthesized_expression":
        return literal(node.named_children[0], value_of)
    if kind == "identifier":
        return value_of(node)
    return _table(node, value_of) if kind == "table_constructor" else UNKNOWN


def text_of(node: Node) -> str:
    """Return the node's source."""
    return (node.text or b"").decode(errors="replace")


def _table(node: Node, value_of: Callable[[Node], Any]) -> Any:
    named: dict[str, Any] = {}
    listed: list[Any] = []
    for field in (child for child in node.named_children if child.type == "field"):
        name, value = field.child_by_field_name("name"), field.child_by_field_name("value")
        found = literal(value, value_of) if value is not None else UNKNOWN
        if name is None:
            listed.append(found)
            continue
        key = text_of(name) if name.type == "identifier" and field.child(0) == name else literal(name, value_of)
        if not isinstance(key, str):
            return UNKNOWN
        named[key] = found
    if listed and named:
        return UNKNOWN
    return listed or named


def _string(node: Node) -> Any:
    content = node.child_by_field_name("content")
    text = text_of(content) if content is not None else ""
    return text if "\\" not in text or text_of(node).startswith("[") else UNKNOWN


def _number(text: str) -> Any:
    try:
        return int(text, 0)
    except ValueError:
        return UNKNOWN
