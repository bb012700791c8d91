"""What the VM keeps silent about: promises that nobody awaits, where no error but a value is thrown, caught limits.

``main();`` becomes ``$$track(main());`` where ``main`` is the name of an async function anywhere in the program, and so
does ``new Promise(...)``; ``each(async () => ...)`` becomes ``each($$watched(async () => ...))``, and ``throw "no";``
becomes ``throw $$thrown("no");``. What is caught is shown to ``$$caught`` first, which throws a limit again. Everything
else stays as it is and costs nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_js.tree import text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from tree_sitter import Node

    from llmspell_js.tree import Edits

__all__ = [
    "async_names",
    "may_catch",
    "may_float",
    "may_throw_values",
    "watch_catches",
    "watch_floating",
    "watch_throws",
]

_DEFINITION = re.compile(
    r"\basync\s+function\s*\*?\s*([\w$]+)|([\w$]+)\s*[:=]\s*async\b|\basync\s+(?!function\b)([\w$]+)\s*\("
)
_AT_ONCE = re.compile(r"(?:^|[;{}=!,]|\bvoid)\s*\(\s*async\b", re.MULTILINE)
_MADE = re.compile(r"\bnew\s+Promise\b|[(,]\s*async\b")
_CATCH = re.compile(r"\b(?:catch|finally)\b")
_THROW = re.compile(r"\bthrow\s+(?:[\"'`{\[\d(-]|(?:null|true|false|undefined)\b)")
_VALUES = frozenset(
    {"array", "false", "null", "number", "object", "string", "template_string", "true", "unary_expression", "undefined"}
)


def async_names(sources: Iterable[str]) -> frozenset[str]:
    """Return the names that async functions have, or seem to have, in these sources."""
    found = (groups for source in sources if "async" in source for groups in _DEFINITION.findall(source))
    return frozenset(name for groups in found for name in groups if name)


def may_float(source: str, names: Set[str]) -> bool:
    """Tell whether something in the source looks like a promise that is not awaited."""
    if ("async" in source and _AT_ONCE.search(source)) or _MADE.search(source):
        return True
    if not names:
        return False
    words = "|".join(map(re.escape, names))
    return re.search(rf"(?<!\bawait )(?<!\bfunction )(?<!\basync )(?<![\w$])(?:{words})\s*\(", source) is not None


def watch_floating(root: Node, names: Set[str], edits: Edits) -> None:
    """Wrap each such call, each promise made by hand, and each async function that is passed on as it is written."""
    if root.has_error:
        return
    for node in walk(root):
        if _makes_promise(node, names) and not _is_used(node):
            _wrap(node, "$$track", edits)
        elif _is_async_callback(node):
            _wrap(node, "$$watched", edits)


def may_throw_values(source: str) -> bool:
    """Tell whether the source seems to throw something that is no error."""
    return _THROW.search(source) is not None


def watch_throws(root: Node, edits: Edits) -> None:
    """Wrap each value that is thrown and is plainly no error."""
    if root.has_error:
        return
    for node in walk(root):
        if node.type == "throw_statement" and (values := node.named_children) and values[0].type in _VALUES:
            _wrap(values[0], "$$thrown", edits)


def may_catch(source: str) -> bool:
    """Tell whether the source seems to catch errors, or to end a function whatever is thrown in it."""
    return _CATCH.search(source) is not None


def watch_catches(root: Node, edits: Edits) -> None:
    """Have each ``catch`` and ``finally`` look at what it catches: a limit it may not."""
    if root.has_error:
        return
    for node in walk(root):
        if node.type == "catch_clause":
            _watch_catch(node, edits)
        elif node.type == "finally_clause" and not _has_catch(node):
            edits.insert(node.start_byte, "catch($$error){throw $$caught($$error)}")


def _has_catch(clause: Node) -> bool:
    return clause.parent is not None and clause.parent.child_by_field_name("handler") is not None


def _watch_catch(clause: Node, edits: Edits) -> None:
    body, parameter = clause.child_by_field_name("body"), clause.child_by_field_name("parameter")
    if body is None:
        return
    inside = body.start_byte + 1
    if parameter is None:
        edits.insert(body.start_byte, "($$error)")
        edits.insert(inside, "$$caught($$error);")
    elif parameter.type == "identifier":
        edits.insert(inside, f"$$caught({text_of(parameter)});")
    else:
        edits.insert(parameter.start_byte, "$$error){let ")
        edits.replace(parameter.end_byte, inside, "=$$caught($$error);")


def _wrap(node: Node, function: str, edits: Edits) -> None:
    edits.insert(node.start_byte, f"{function}(")
    edits.insert(node.end_byte, ")")


def _makes_promise(node: Node, names: Set[str]) -> bool:
    if node.type == "new_expression":
        made = node.child_by_field_name("constructor")
        return made is not None and text_of(made) == "Promise"
    return node.type == "call_expression" and _is_async(node, names)


def _is_async_callback(node: Node) -> bool:
    return (
        node.type in ("arrow_function", "function_expression")
        and node.parent is not None
        and node.parent.type == "arguments"
        and any(child.type == "async" for child in node.children)
    )


def _is_async(call: Node, names: Set[str]) -> bool:
    callee = call.child_by_field_name("function")
    while callee is not None and callee.type == "parenthesized_expression":
        callee = callee.named_children[0] if callee.named_children else None
    if callee is None:
        return False
    if callee.type == "member_expression":
        callee = callee.child_by_field_name("property")
    if callee is not None and callee.type in ("identifier", "property_identifier", "private_property_identifier"):
        return text_of(callee).lstrip("#") in names
    return callee is not None and any(child.type == "async" for child in callee.children)


def _is_used(call: Node) -> bool:
    parent = call.parent
    return parent is not None and parent.type in ("await_expression", "member_expression")
