"""Which identifiers of a module mean its imports, and which names of its own are assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_js.tree import FUNCTIONS, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Set

    from tree_sitter import Node

__all__ = ["assigned", "bound", "references"]

_BLOCKS = frozenset(
    {"catch_clause", "class_static_block", "for_in_statement", "for_statement", "statement_block", "switch_body"}
)
_CLASSES = frozenset({"class", "class_declaration"})
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})


class _Scope:
    __slots__ = ("function", "names", "parent")

    def __init__(self, parent: _Scope | None, *, function: bool = False) -> None:
        self.parent = parent
        self.names: set[str] = set()
        self.function: _Scope = self if function or parent is None else parent.function

    def has(self, name: str) -> bool:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.parent
        return False


def references(root: Node, wanted: Set[str]) -> list[Node]:
    """Return the identifiers of those names that no declaration in the module shadows."""
    if not wanted:
        return []
    found: list[tuple[Node, _Scope]] = []
    declaring: set[int] = set()
    stack = [(root, _Scope(None, function=True))]
    while stack:
        node, scope = stack.pop()
        if node.type in ("import_statement", "export_clause"):
            continue
        if node.type in _NAMES and node.id not in declaring:
            if text_of(node) in wanted:
                found.append((node, scope))
            continue
        inner = _declare(node, scope, declaring)
        stack.extend((child, inner) for child in node.children)
    return [node for node, scope in found if not scope.has(text_of(node))]


def bound(pattern: Node | None) -> list[Node]:
    """Return the identifiers that a pattern binds."""
    found, stack = [], [pattern] if pattern is not None else []
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            found.append(node)
        elif node.type in ("assignment_pattern", "object_assignment_pattern"):
            stack.extend(_fields(node, "left"))
        elif node.type == "pair_pattern":
            stack.extend(_fields(node, "value"))
        elif node.type in ("object_pattern", "array_pattern", "rest_pattern", "formal_parameters"):
            stack.extend(node.named_children)
    return found


def assigned(root: Node) -> set[str]:
    """Return every name that is assigned anywhere after its declaration, in whatever scope."""
    names: set[str] = set()
    for node in walk(root):
        target = None
        if node.type in ("assignment_expression", "augmented_assignment_expression"):
            target = node.child_by_field_name("left")
        elif node.type == "update_expression":
            target = node.child_by_field_name("argument")
        elif node.type == "for_in_statement" and node.child_by_field_name("kind") is None:
            target = node.child_by_field_name("left")
        names.update(text_of(name) for name in bound(target))
    return names


def _declare(node: Node, scope: _Scope, declaring: set[int]) -> _Scope:
    """Note what the node declares, and return the scope of its children."""

    def note(where: _Scope, names: list[Node]) -> None:
        declaring.update(name.id for name in names)
        where.names.update(text_of(name) for name in names)

    kind = node.type
    if kind == "variable_declarator":
        is_var = node.parent is not None and node.parent.type == "variable_declaration"
        note(scope.function if is_var else scope, bound(node.child_by_field_name("name")))
        return scope
    own = bound(node.child_by_field_name("name")) if kind in FUNCTIONS or kind in _CLASSES else []
    if kind in FUNCTIONS:
        inner = _Scope(scope, function=True)
        note(scope if kind.endswith("declaration") else inner, own)
        note(inner, bound(node.child_by_field_name("parameters") or node.child_by_field_name("parameter")))
        return inner
    if kind in _CLASSES:
        inner = _Scope(scope)
        note(inner, own)
        if kind == "class_declaration":
            note(scope, own)
        return inner
    if kind not in _BLOCKS:
        return scope
    inner = _Scope(scope)
    if kind == "catch_clause":
        note(inner, bound(node.child_by_field_name("parameter")))
    elif kind == "for_in_statement" and (declared := node.child_by_field_name("kind")) is not None:
        note(scope.function if declared.type == "var" else inner, bound(node.child_by_field_name("left")))
    return inner


def _fields(node: Node, name: str) -> list[Node]:
    child = node.child_by_field_name(name)
    return [child] if child is not None else []
