"""What the VM keeps silent about: promises that nobody awaits, where no error but a value is thrown, caught limits.

``main();`` becomes ``$$track(main());`` where ``main`` is the name of an async function anywhere in the program, and so
does ``new Promise(...)``; ``each(async () => ...)`` becomes ``each($$watched(async () => ...))``, and ``throw what;``
becomes ``throw $$thrown((what));``. What is caught is shown to ``$$caught`` first, which throws a limit again, and no
``finally`` runs beyond its ``$$ended()`` once one has struck. Everything else stays as it is and costs nothing.

Where a program may stop tasks (``timeout``, ``token``), what goes on after a wait goes on in its own scope, and not at
all when that was stopped: ``await x`` becomes ``$$scopes.back($$scopes.here(),await x)``, what is caught in an async
function ``$$caught(error,$$s)``, and a task that is not awaited at once ``$$scopes.task($$scopes.open(),work())``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_js.tree import Edits, async_around, awaits, is_async_loop, parse, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from tree_sitter import Node


__all__ = [
    "Unwatchable",
    "async_names",
    "may_catch",
    "may_float",
    "may_stop",
    "may_throw_values",
    "trace_awaits",
    "watch_awaits",
    "watch_catches",
    "watch_floating",
    "watch_throws",
]

# A name is looked for where it begins, and a line where it does: sources have long words, and many lines without any.
_DEFINITION = re.compile(
    r"\basync\s+function\s*\*?\s*([\w$]+)|(?<![\w$])([\w$]+)\s*[:=]\s*async\b|\basync\s+(?!function\b)([\w$]+)\s*\("
)
_AT_ONCE = re.compile(r"(?:^[^\S\n]*|(?:[;{}=!,]|\bvoid)\s*)\(\s*async\b", re.MULTILINE)
_MADE = re.compile(r"\bnew\s+Promise\b|[(,]\s*async\b")
# A time limit of a call's, `{timeout: 5}`, stops nothing of the program's.
_STOP = re.compile(r"\btimeout\b(?!\s*:\s*[\d.])|\btoken\b|\bpromise\s*\.\s*await\b|\bawait\s*:")
_SCOPES = re.compile(r"(\$\$(?:[0-9a-f]{32}_)?)scopes\b")
_CATCH = re.compile(r"\b(?:catch|finally)\b")
_THROW = re.compile(r"\bthrow\b(?!\s*new\b)")
_TEXTS = frozenset({"comment", "regex", "regex_pattern", "string", "string_fragment", "template_string"})


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


def may_stop(source: str) -> bool:
    """Tell whether the source seems to stop tasks."""
    return _STOP.search(source) is not None


def watch_floating(root: Node, names: Set[str], edits: Edits, *, scoped: bool) -> None:
    """Wrap each such call, each promise made by hand, and each async function that is passed on as it is written.

    :param scoped: whether each such call is a task with a scope of its own
    """
    if root.has_error:
        return
    for node in walk(root):
        if _makes_promise(node, names):
            _watch_executor(node, edits)
            if not _is_used(node):
                _watch_task(node, edits, scoped=scoped)
        elif _is_async_callback(node):
            _wrap(node, "watched", edits)


def may_throw_values(source: str) -> bool:
    """Tell whether the source seems to throw something that may be no error."""
    return _THROW.search(source) is not None


def watch_throws(root: Node, edits: Edits) -> None:
    """Wrap each value that is thrown and is not plainly an error."""
    if root.has_error:
        return
    for node in walk(root):
        if node.type == "throw_statement":
            value = next(child for child in node.named_children if child.type != "comment")
            if value.type != "new_expression":
                edits.insert(value.start_byte, f"{edits.mark}thrown((")
                edits.end(value.end_byte, "))")


def may_catch(source: str) -> bool:
    """Tell whether the source seems to catch errors, or to end a function whatever is thrown in it."""
    return _CATCH.search(source) is not None


def watch_awaits(root: Node, edits: Edits) -> None:
    """Have whatever goes on after a wait go on in its own scope."""
    if root.has_error:
        return
    keepers, mark = {}, edits.mark
    for node, _ in awaits(root):
        _enclose(node, f"{mark}scopes.back({mark}scopes.here(),", edits)
    for node in walk(root):
        if is_async_loop(node) or node.type in ("catch_clause", "finally_clause"):
            body, function = node.child_by_field_name("body"), async_around(node)
            if function is None or body is None:
                continue
            keepers[function.id] = function
            if node.type == "finally_clause":
                edits.insert(body.start_byte, f"{{if({mark}scopes.live({mark}s))")
                edits.end(body.end_byte, "}")
            elif node.type == "for_in_statement" and body.type == "statement_block":
                edits.begin(body.start_byte + 1, f"{mark}scopes.to({mark}s);")
    for function in keepers.values():
        body = function.child_by_field_name("body")
        edits.begin(0 if body is None else body.start_byte + 1, f"const {mark}s={mark}scopes.here();")


def trace_awaits(program: str) -> str:
    """Return the text of a program's file with each wait telling that it begins."""
    named, root = _SCOPES.search(program), parse(program)
    if named is None or root.has_error:
        return program
    edits = Edits(named[1])
    for node, after in awaits(root):
        edits.insert(after, f" {edits.mark}scopes.wait(")
        edits.end(node.end_byte, ")")
    return edits.applied(program)


def watch_catches(root: Node, edits: Edits, *, scoped: bool) -> None:
    """Have each ``catch`` and ``finally`` look at what it catches: a limit it may not.

    :param scoped: whether it also returns to the scope of its function
    :raises Unwatchable: where this cannot be done
    """
    _check_readable(root)
    mark = edits.mark
    for node in walk(root):
        mine = f",{mark}s" if scoped and async_around(node) is not None else ""
        if node.type == "catch_clause":
            _watch_catch(node, mine, edits)
        elif node.type == "finally_clause":
            body = node.child_by_field_name("body")
            if body is not None:
                edits.begin(body.start_byte + 1, f"{mark}ended();")
            if not _has_catch(node):
                edits.insert(node.start_byte, f"catch({mark}error){{throw {mark}caught({mark}error{mine})}}")


class Unwatchable(Exception):
    """The VM may read a source that catches errors in another way than its tree says."""

    def __init__(self, line: int) -> None:
        self.line = line


def _check_readable(root: Node) -> None:
    for node in walk(root) if root.has_error else ():
        if node.is_error or node.is_missing:
            raise Unwatchable(node.start_point[0] + 1)
    source = root.text or b""
    at = source.find(b"<!--")
    while at >= 0:
        # To the VM a comment, and so code may hide behind it; to the tree three operators.
        around = root.descendant_for_byte_range(at, at + 4)
        if around is None or around.type not in _TEXTS:
            raise Unwatchable(source.count(b"\n", 0, at) + 1)
        at = source.find(b"<!--", at + 4)


def _has_catch(clause: Node) -> bool:
    return clause.parent is not None and clause.parent.child_by_field_name("handler") is not None


def _watch_catch(clause: Node, mine: str, edits: Edits) -> None:
    body, parameter = clause.child_by_field_name("body"), clause.child_by_field_name("parameter")
    if body is None:
        return
    inside, mark = body.start_byte + 1, edits.mark
    if parameter is None:
        edits.insert(body.start_byte, f"({mark}error)")
        edits.begin(inside, f"{mark}caught({mark}error{mine});")
    elif parameter.type == "identifier":
        edits.begin(inside, f"{mark}caught({text_of(parameter)}{mine});")
    else:
        edits.insert(parameter.start_byte, f"{mark}error){{let ")
        edits.replace(parameter.end_byte, inside, f"={mark}caught({mark}error{mine});")


def _watch_task(call: Node, edits: Edits, *, scoped: bool) -> None:
    if scoped and call.type == "call_expression":
        _enclose(call, f"{edits.mark}scopes.task({edits.mark}scopes.open(),", edits)
    else:
        _wrap(call, "track", edits)


def _wrap(node: Node, function: str, edits: Edits) -> None:
    _enclose(node, f"{edits.mark}{function}(", edits)


def _enclose(node: Node, before: str, edits: Edits) -> None:
    edits.insert(node.start_byte, before)
    edits.end(node.end_byte, ")")


def _watch_executor(node: Node, edits: Edits) -> None:
    """Have what a promise is made with note what it rejects it with."""
    given = node.child_by_field_name("arguments") if node.type == "new_expression" else None
    first = next((child for child in given.named_children if child.type != "comment"), None) if given else None
    if first is not None and first.type != "spread_element":
        _wrap(first, "executor", edits)


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
