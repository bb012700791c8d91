"""What is written in a source as it stands: text, numbers, arrays and objects of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_core.uses import UNKNOWN
from llmspell_js.tree import text_of, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

__all__ = ["literal", "snake"]

_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


def literal(node: Node, value_of: Callable[[Node], Any]) -> Any:
    """Return the value that an expression is written as, or ``UNKNOWN``; names in objects as the host spells them.

    :param value_of: returns what a name stands for
    """
    kind = node.type
    if kind == "string":
        return _string(node)
    if kind == "template_string":
        return text_of(node)[1:-1] if not re.search(r"\$\{|\\", text_of(node)) else UNKNOWN
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "number":
        return int(text_of(node)) if text_of(node).isdecimal() else UNKNOWN
    if kind == "parenthesized_expression":
        return literal(node.named_children[0], value_of)
    if kind in ("identifier", "shorthand_property_identifier"):
        return value_of(node)
    if kind == "array":
        return [literal(each, value_of) for each in node.named_children]
    return _object(node, value_of) if kind == "object" else UNKNOWN


def snake(name: str) -> str:
    """Return a name as the host spells it."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _object(node: Node, value_of: Callable[[Node], Any]) -> Any:
    found: dict[str, Any] = {}
    for part in (child for child in node.named_children if child.type != "comment"):
        if part.type == "shorthand_property_identifier":
            found[snake(text_of(part))] = value_of(part)
            continue
        key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
        if part.type != "pair" or key is None or value is None or key.type == "computed_property_name":
            return UNKNOWN
        found[snake(str(_string(key) if key.type == "string" else text_of(key)))] = literal(value, value_of)
    return found


def _string(node: Node) -> Any:
    try:
        return unquoted(node)
    except ValueError:
        return UNKNOWN
