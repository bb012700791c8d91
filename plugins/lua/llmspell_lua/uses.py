"""What the source of a spell uses of its bridges, read from its syntax tree."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from llmspell_core.library import functions
from llmspell_core.uses import OTHER, UNKNOWN, Meaning, Reading, Scope, Uses
from llmspell_lua.literals import literal, text_of
from llmspell_lua.sandbox import guest_text
from llmspell_lua.tree import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from llmspell_core.spells import Spell

__all__ = ["find_uses"]

_MEMBERS = ("dot_index_expression", "method_index_expression", "bracket_index_expression")
_SCOPES = ("block", "do_statement", "for_statement", "repeat_statement", "while_statement")
_BUILT_IN = frozenset({"channel", "core", "data", "errors", "json", "promise", "testing", "time"})


def find_uses(spell: Spell, bridges: Sequence[str], known: Sequence[str]) -> Uses:
    """Return what a spell uses.

    :param known: the globals that the language has
    """
    files = {name: text for name, text in spell.modules.items() if name.endswith(".lua")} | {spell.file: spell.source}
    trees = {name: parse(text) for name, text in files.items()}
    reading = Reading(
        {name: name for name in bridges}, [*known, *_BUILT_IN], lambda name, _: _file_of(name, files), _functions()
    )
    readers = [_Reader(reading, name) for name in trees]
    for reader, root in zip(readers, trees.values(), strict=True):
        reader.define_globals(root)
    for reader, root in zip(readers, trees.values(), strict=True):
        reader.read(root)
    return reading.uses


@cache
def _functions() -> frozenset[str]:
    """Return the functions of the guest's modules, as editors are told of them; those of Lua's own they know."""
    declared = re.findall(r"^function (\w+\.\w+)\(", guest_text("globals.meta.lua"), re.MULTILINE)
    return frozenset(declared) | functions() | {"debug.traceback"}


class _Reader:
    """Reads one file, from its beginning to its end: a local is known from its declaration on."""

    def __init__(self, reading: Reading, file: str) -> None:
        self._reading, self._file = reading, file
        self._visitors: dict[str, Callable[[Node, Scope], None]] = {
            "variable_declaration": self._local,
            "assignment_statement": self._assignment,
            "function_declaration": self._function,
            "function_definition": self._function,
            "for_statement": self._for,
            "function_call": self._call,
            "identifier": self._identifier,
            "field": self._field,
            **dict.fromkeys(_MEMBERS, self._member),
        }

    def define_globals(self, root: Node) -> None:
        """Note which globals the file makes, wherever it does."""
        for node, scope in _assigned(root, Scope(function=True)):
            if scope.find(text_of(node)) is None:
                self._reading.define(text_of(node))

    def read(self, root: Node) -> None:
        """Note what the file uses."""
        self._reading.file = self._file
        self._children(root, Scope(function=True))

    def _visit(self, node: Node, scope: Scope) -> None:
        visitor = self._visitors.get(node.type)
        if visitor is not None:
            visitor(node, scope)
        elif node.type not in ("goto_statement", "label_statement", "comment", "parameters"):
            self._children(node, Scope(scope) if node.type in _SCOPES else scope)

    def _children(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            self._visit(child, scope)

    def _local(self, node: Node, scope: Scope) -> None:
        inner = node.named_children[0] if node.named_children else node
        names = _listed(inner if inner.type == "assignment_statement" else node, "variable_list")
        values = _listed(inner, "expression_list") if inner.type == "assignment_statement" else []
        meanings = [self._named(value, scope) for value in values]
        for i, name in enumerate(names):
            if name.type == "identifier":
                scope.names[text_of(name)] = meanings[i] if i < len(meanings) else OTHER

    def _assignment(self, node: Node, scope: Scope) -> None:
        names, values = _listed(node, "variable_list"), _listed(node, "expression_list")
        for name in names:
            if name.type != "identifier":
                self._children(name, scope)
            elif (owner := scope.find(text_of(name))) is not None:
                # What it stood for, it may stand for no more: from here on only a run can tell.
                self._reading.use(owner.names[text_of(name)], None, _line(name))
                owner.names[text_of(name)] = OTHER
        for value in values:
            self._visit(value, scope)

    def _function(self, node: Node, scope: Scope) -> None:
        name, inner = node.child_by_field_name("name"), Scope(scope, function=True)
        if name is not None and name.type == "identifier" and _is_local(node):
            scope.names[text_of(name)] = OTHER
        inner.names["self"] = OTHER
        parameters = node.child_by_field_name("parameters")
        for parameter in parameters.named_children if parameters is not None else ():
            inner.names[text_of(parameter)] = OTHER
        if (body := node.child_by_field_name("body")) is not None:
            self._children(body, inner)

    def _for(self, node: Node, scope: Scope) -> None:
        inner, clause = Scope(scope), node.child_by_field_name("clause")
        names: list[Node] = []
        if clause is not None:
            is_count = clause.type == "for_numeric_clause"
            names = clause.named_children[:1] if is_count else _listed(clause, "variable_list")
            for child in clause.named_children[1:]:
                self._visit(child, scope)
        inner.names.update((text_of(name), OTHER) for name in names)
        if (body := node.child_by_field_name("body")) is not None:
            self._children(body, inner)

    def _call(self, node: Node, scope: Scope) -> None:
        callee, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
        given = list(arguments.named_children) if arguments is not None else []
        given = [each for each in given if each.type != "comment"]
        if callee is None or self._meaning(node, scope).kind == "bridge":
            return  # `require` of a bridge, on its own
        if text_of(callee) in ("pcall", "xpcall") and scope.find(text_of(callee)) is None and given:
            called, rest = given[0], given[1 if text_of(callee) == "pcall" else 2 :]
            if self._meaning(called, scope).kind == "method":
                self._called(called, rest, scope)
                return
        self._called(callee, given, scope)

    def _called(self, callee: Node, given: list[Node], scope: Scope) -> None:
        meaning = self._meaning(callee, scope)
        if meaning.kind == "method":
            self._reading.use(meaning, tuple(self._literal(each, scope) for each in given), _line(callee))
            if callee.type == "bracket_index_expression":
                self._visit(_child(callee, "field"), scope)
        elif callee.type != "identifier":
            self._visit(callee, scope)
        for each in given:
            self._visit(each, scope)

    def _member(self, node: Node, scope: Scope) -> None:
        meaning = self._meaning(node, scope)
        if meaning.kind == "method":
            self._reading.use(meaning, None, _line(node))
            return
        self._children_of_member(node, scope)

    def _children_of_member(self, node: Node, scope: Scope) -> None:
        owner, field = node.child_by_field_name("table"), node.child_by_field_name("field")
        if owner is not None:
            self._visit(owner, scope)
        if field is not None and node.type == "bracket_index_expression":
            self._visit(field, scope)

    def _field(self, node: Node, scope: Scope) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and name.type != "identifier":
            self._visit(name, scope)
        if value is not None:
            self._visit(value, scope)

    def _identifier(self, node: Node, scope: Scope) -> None:
        meaning = self._meaning(node, scope)
        # A name alone that nobody knows is nil, and no mistake.
        if meaning.kind == "method" or self._is_bridge(meaning):
            self._reading.use(meaning, None, _line(node))

    def _named(self, value: Node, scope: Scope) -> Meaning:
        """Return what a local is going to stand for; whatever else is in its value is read."""
        meaning = self._meaning(value, scope)
        if meaning.kind == "method" or (meaning.kind == "bridge" and self._is_bridge(meaning)):
            return meaning
        self._visit(value, scope)
        literal = self._literal(value, scope)
        return OTHER if literal is UNKNOWN else Meaning("value", value=literal)

    def _is_bridge(self, meaning: Meaning) -> bool:
        return meaning.kind == "bridge" and self._reading.has(meaning.bridge)

    def _meaning(self, node: Node, scope: Scope) -> Meaning:
        if node.type == "identifier":
            owner = scope.find(text_of(node))
            return owner.names[text_of(node)] if owner is not None else self._reading.of_global(text_of(node))
        if node.type == "parenthesized_expression" and len(node.named_children) == 1:
            return self._meaning(node.named_children[0], scope)
        if node.type == "function_call":
            return self._required(node, scope)
        if node.type not in _MEMBERS:
            return OTHER
        owner_node = node.child_by_field_name("table")
        field = node.child_by_field_name("field") or node.child_by_field_name("method")
        if owner_node is None or field is None:
            return OTHER
        name: Any = text_of(field)
        if node.type == "bracket_index_expression":
            name = self._literal(field, scope)
        return self._reading.member(self._meaning(owner_node, scope), name if isinstance(name, str) else "")

    def _required(self, node: Node, scope: Scope) -> Meaning:
        callee, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
        if callee is None or text_of(callee) != "require" or scope.find("require") is not None or arguments is None:
            return OTHER
        name = self._literal(arguments.named_children[0], scope) if arguments.named_children else UNKNOWN
        return self._reading.of_module(name, _line(node)) if isinstance(name, str) else OTHER

    def _literal(self, node: Node, scope: Scope) -> Any:
        def value_of(name: Node) -> Any:
            meaning = self._meaning(name, scope)
            return meaning.value if meaning.kind == "value" else UNKNOWN

        return literal(node, value_of)


def _assigned(root: Node, scope: Scope) -> Iterator[tuple[Node, Scope]]:
    """Yield the names that are assigned without being a local of the place, roughly: locals count from their block."""
    for node in root.named_children:
        inner = scope
        if node.type in ("function_declaration", "function_definition", *_SCOPES):
            inner = Scope(scope)
        if node.type == "variable_declaration":
            for name in [*_listed(node, "variable_list"), *_listed(node.named_children[0], "variable_list")]:
                scope.names[text_of(name)] = OTHER
        elif node.type == "assignment_statement":
            yield from ((name, scope) for name in _listed(node, "variable_list") if name.type == "identifier")
        elif node.type == "function_declaration" and _child(node, "name").type == "identifier":
            name = _child(node, "name")
            if _is_local(node):
                scope.names[text_of(name)] = OTHER
            else:
                yield name, scope
        if node.type == "variable_declaration":
            for value in _listed(node.named_children[0], "expression_list"):
                yield from _assigned(value, inner)
        else:
            yield from _assigned(node, inner)


def _is_local(function: Node) -> bool:
    return function.children[0].type == "local"


def _child(node: Node, field: str) -> Node:
    child = node.child_by_field_name(field)
    assert child is not None, f"{node.type} has no {field}"
    return child


def _listed(node: Node, kind: str) -> list[Node]:
    found = next((child for child in node.named_children if child.type == kind), None)
    return [child for child in found.named_children if child.type not in ("attribute", "comment")] if found else []


def _file_of(name: str, files: dict[str, str]) -> str | None:
    """Return the file that a module's name means; ``find_file`` in ``guest/modules.lua`` says the same."""
    path = name.removeprefix("./")
    if path in files:
        return path
    path = path.removesuffix(".lua").replace(".", "/")
    candidates = (f"{folder}{path}{ending}" for folder in ("", "lib/") for ending in (".lua", "/init.lua"))
    return next((found for found in candidates if found in files), None)


def _line(node: Node) -> int:
    return node.start_point[0] + 1
