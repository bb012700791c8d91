"""Where the statements of a source begin and end, and how each tells that it runs.

``work();`` in line 7 becomes ``$$ran[7]|=1;work();``, in braces where it stands for a block. Every line stays where it
was. ``$$ran`` is an array of bytes that the file's function is made with; what reads it is in ``coverage.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_js.tree import parse, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from llmspell_js.tree import Edits

__all__ = ["begin_statements", "end_statements", "find_statements"]

_STATEMENTS = frozenset(
    {
        "break_statement",
        "class_declaration",
        "continue_statement",
        "debugger_statement",
        "do_statement",
        "export_statement",
        "expression_statement",
        "for_in_statement",
        "for_statement",
        "if_statement",
        "labeled_statement",
        "lexical_declaration",
        "return_statement",
        "switch_statement",
        "throw_statement",
        "try_statement",
        "variable_declaration",
        "while_statement",
    }
)
"""What runs where it stands; declarations of functions and imports have an effect before that."""
_LISTS = frozenset({"program", "statement_block", "switch_case", "switch_default"})
_DECLARED_FIRST = frozenset({"function_declaration", "generator_function_declaration"})


def find_statements(source: str) -> dict[int, int]:
    """Return the last line of each statement by the first: of several that begin in one line, of the longest."""
    found: dict[int, int] = {}
    for node in _statements(parse(source)):
        first = _line(node)
        found[first] = max(found.get(first, first), node.end_point[0] + 1)
    return found


def begin_statements(root: Node, edits: Edits) -> None:
    """Have each statement tell that it runs, before all else that is put in its place."""
    for node in _statements(root):
        edits.insert(node.start_byte, f"{'{' * _stands_alone(node)}{edits.mark}ran[{_line(node)}]|=1;")


def end_statements(root: Node, edits: Edits) -> None:
    """Close the braces, after all else that is put behind a statement."""
    for node in _statements(root):
        if _stands_alone(node):
            # A comment may be counted in, and would take the brace in, too.
            edits.end(max(child.end_byte for child in node.children if child.type != "comment"), "}")


def _statements(root: Node) -> Iterator[Node]:
    if root.has_error:
        return
    for node in walk(root):
        if node.type in _STATEMENTS and (_is_listed(node) or _stands_alone(node)) and _runs(node):
            yield node


def _is_listed(node: Node) -> bool:
    return node.parent is not None and node.parent.type in _LISTS


def _stands_alone(node: Node) -> bool:
    """Tell whether a statement is all there is where a block may be, but for one that a label belongs to."""
    parent = node.parent
    if parent is None or parent.type in _LISTS or parent.type == "labeled_statement":
        return False
    return parent.type == "else_clause" or node in (
        parent.child_by_field_name("body"),
        parent.child_by_field_name("consequence"),
    )


def _runs(node: Node) -> bool:
    if node.type == "expression_statement":
        return node.named_children[0].type != "string"  # "use strict" has to be the first of all
    if node.type != "export_statement":
        return True
    declaration = node.child_by_field_name("declaration")
    if declaration is not None:
        return declaration.type not in _DECLARED_FIRST
    value = node.child_by_field_name("value")
    return value is not None and value.type not in ("function_expression", "generator_function")


def _line(node: Node) -> int:
    return node.start_point[0] + 1
