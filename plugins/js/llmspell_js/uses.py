"""What the source of a spell uses of its bridges, read from its syntax tree."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from llmspell_core.library import functions
from llmspell_core.uses import OTHER, UNKNOWN, Meaning, Reading, Scope, Uses
from llmspell_js.engine import JsEngine
from llmspell_js.links import find
from llmspell_js.literals import literal, snake
from llmspell_js.sandbox import guest_text
from llmspell_js.scopes import bound
from llmspell_js.tree import FUNCTIONS, parse, text_of, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node

    from llmspell_core.spells import Spell

__all__ = ["find_uses"]

_ENDINGS = (".js", ".mjs", ".cjs")
_OF_MODULES = ("require", "module", "exports", "arguments", "undefined", "NaN", "Infinity", "globalThis")
_BUILT_IN = frozenset({"channel", "core", "data", "errors", "json", "promise", "testing", "time"})
_SCOPES = frozenset(
    {
        "catch_clause",
        "class_body",
        "class_static_block",
        "for_in_statement",
        "for_statement",
        "statement_block",
        "switch_body",
    }
)


def find_uses(spell: Spell, bridges: Sequence[str], known: Sequence[str]) -> Uses:
    """Return what a spell uses.

    :param known: the globals that the language has
    """
    files = {**spell.modules, spell.file: spell.source}
    sources = {name: text for name, text in files.items() if name.endswith(_ENDINGS) or name == spell.file}
    named = {JsEngine.binding_name(name): name for name in bridges}
    own = [*known, *_OF_MODULES, *_BUILT_IN]
    reading = Reading(named, own, lambda name, asker: find(name, asker, files), _functions())
    for file, source in sources.items():
        _Reader(reading, file).read(parse(source))
    return reading.uses


@cache
def _functions() -> frozenset[str]:
    """Return the functions of the guest's modules, as editors are told of them."""
    modules = re.findall(r"^declare const (\w+): \{\n(.*?)^\};", guest_text("globals.d.ts"), re.MULTILINE | re.DOTALL)
    declared = {f"{name}.{snake(each)}" for name, text in modules for each in re.findall(r"^  (\w+)[(<]", text, re.M)}
    return frozenset(declared) | functions() | {"time.now"}


class _Reader:
    """Reads one file twice: names may be used before the line that declares them."""

    def __init__(self, reading: Reading, file: str) -> None:
        self._reading, self._file, self._notes = reading, file, False
        self._scopes: dict[int, Scope] = {}
        self._visitors: dict[str, Callable[[Node, Scope], None]] = {
            "import_statement": self._import,
            "variable_declarator": self._declarator,
            "assignment_expression": self._assignment,
            "call_expression": self._call,
            "member_expression": self._member,
            "subscript_expression": self._member,
            "identifier": self._identifier,
            "shorthand_property_identifier": self._identifier,
            "class_declaration": self._class,
            "class": self._class,
            **dict.fromkeys(FUNCTIONS, self._function),
        }

    def read(self, root: Node) -> None:
        """Note what the file uses."""
        self._reading.file = self._file
        for self._notes in (False, True):
            self._children(root, self._scope(root, None, function=True))

    def _scope(self, node: Node, parent: Scope | None, *, function: bool = False) -> Scope:
        if node.id not in self._scopes:
            self._scopes[node.id] = Scope(parent, function=function)
        return self._scopes[node.id]

    def _visit(self, node: Node, scope: Scope) -> None:
        visitor = self._visitors.get(node.type)
        if visitor is not None:
            visitor(node, scope)
            return
        inner = self._scope(node, scope) if node.type in _SCOPES else scope
        if node.type == "catch_clause":
            self._declare(node.child_by_field_name("parameter"), inner)
        elif node.type == "for_in_statement" and node.child_by_field_name("kind") is not None:
            self._declare(node.child_by_field_name("left"), inner)
        self._children(node, inner)

    def _children(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            self._visit(child, scope)

    def _declare(self, pattern: Node | None, scope: Scope) -> None:
        for name in bound(pattern):
            scope.names[text_of(name)] = OTHER

    def _import(self, node: Node, scope: Scope) -> None:
        source = node.child_by_field_name("source")
        module = self._of_module(unquoted(source), source) if source is not None else OTHER
        for clause in (child for child in node.named_children if child.type == "import_clause"):
            for part in clause.named_children:
                if part.type == "named_imports":
                    for item in part.named_children:
                        name = item.child_by_field_name("name")
                        local = item.child_by_field_name("alias") or name
                        if name is not None and local is not None:
                            method = self._reading.member(module, snake(text_of(name)))
                            scope.names[text_of(local)] = module if text_of(name) == "default" else method
                else:
                    local = part if part.type == "identifier" else part.named_children[-1]
                    scope.names[text_of(local)] = module

    def _declarator(self, node: Node, scope: Scope) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        parent = node.parent
        home = scope.function if parent is not None and parent.type == "variable_declaration" else scope
        meaning = self._meaning(value, scope) if value is not None else OTHER
        if name is None:
            return
        if name.type == "identifier":
            home.names[text_of(name)] = self._named(value, meaning, scope)
        elif meaning.kind == "bridge" and name.type == "object_pattern":
            self._destructure(name, meaning, home)
        else:
            self._declare(name, home)
            self._children(name, scope)
            if value is not None:
                self._visit(value, scope)

    def _named(self, value: Node | None, meaning: Meaning, scope: Scope) -> Meaning:
        """Return what a name is going to stand for; whatever else is in its value is read."""
        if value is None:
            return OTHER
        if meaning.kind == "method" or (meaning.kind == "bridge" and self._reading.has(meaning.bridge)):
            return meaning
        self._visit(value, scope)
        literal = self._literal(value, scope)
        return OTHER if literal is UNKNOWN else Meaning("value", value=literal)

    def _destructure(self, pattern: Node, bridge: Meaning, scope: Scope) -> None:
        for part in pattern.named_children:
            key = part.child_by_field_name("key") or part.child_by_field_name("left") or part
            value = part.child_by_field_name("value") or key
            names = bound(value)
            if part.type == "rest_pattern" or len(names) != 1 or key.type == "computed_property_name":
                self._use(bridge, None, part)
                self._declare(part, scope)
            else:
                scope.names[text_of(names[0])] = self._reading.member(bridge, snake(text_of(key)))

    def _assignment(self, node: Node, scope: Scope) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        for name in bound(left):
            owner = scope.find(text_of(name))
            if owner is not None and owner.names[text_of(name)] != OTHER:
                # What it stood for, it may stand for no more, wherever it is used: only a run can tell.
                self._use(owner.names[text_of(name)], None, name)
                owner.names[text_of(name)] = OTHER
        if left is not None and left.type in ("member_expression", "subscript_expression"):
            self._children(left, scope)
        if right is not None:
            self._visit(right, scope)

    def _class(self, node: Node, scope: Scope) -> None:
        self._declare(node.child_by_field_name("name"), scope)
        self._children(node, scope)

    def _function(self, node: Node, scope: Scope) -> None:
        name, inner = node.child_by_field_name("name"), self._scope(node, scope, function=True)
        if name is not None and name.type == "identifier":
            (scope if node.type.endswith("declaration") else inner).names[text_of(name)] = OTHER
        parameters = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        self._declare(parameters, inner)
        for child in node.named_children:
            if child != name or child.type != "identifier":
                self._visit(child, inner)

    def _call(self, node: Node, scope: Scope) -> None:
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        given = [each for each in arguments.named_children if each.type != "comment"] if arguments is not None else []
        if callee is None or self._meaning(node, scope).kind == "bridge":
            return  # asking for a bridge by its name, on its own
        meaning = self._meaning(callee, scope)
        if meaning.kind == "method":
            self._use(meaning, self._arguments(given, scope), callee)
            if (index := callee.child_by_field_name("index")) is not None:
                self._visit(index, scope)
        elif callee.type != "identifier":
            self._visit(callee, scope)
        for each in given:
            self._visit(each, scope)

    def _arguments(self, given: list[Node], scope: Scope) -> tuple[Any, ...] | None:
        if any(each.type == "spread_element" for each in given):
            return None
        return tuple(self._literal(each, scope) for each in given)

    def _member(self, node: Node, scope: Scope) -> None:
        meaning = self._meaning(node, scope)
        if meaning.kind == "method":
            self._use(meaning, None, node)
        else:
            self._children(node, scope)

    def _identifier(self, node: Node, scope: Scope) -> None:
        meaning = self._meaning(node, scope)
        if meaning.kind == "method" or (meaning.kind == "bridge" and self._reading.has(meaning.bridge)):
            self._use(meaning, None, node)

    def _use(self, meaning: Meaning, arguments: tuple[Any, ...] | None, node: Node) -> None:
        if self._notes:
            self._reading.use(meaning, arguments, node.start_point[0] + 1)

    def _of_module(self, name: str, node: Node) -> Meaning:
        # The first reading would note what is missing too; it is the same line.
        return self._reading.of_module(name, node.start_point[0] + 1)

    def _meaning(self, node: Node, scope: Scope) -> Meaning:
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier"):
            owner = scope.find(text_of(node))
            return owner.names[text_of(node)] if owner is not None else self._reading.of_global(text_of(node))
        if kind in ("parenthesized_expression", "await_expression") and len(node.named_children) == 1:
            inner = node.named_children[0]
            # What awaits a call is its answer, but for an import.
            is_import = inner.type == "call_expression" and _is_import(inner)
            return self._meaning(inner, scope) if kind == "parenthesized_expression" or is_import else OTHER
        if kind == "call_expression":
            return self._required(node, scope)
        if kind not in ("member_expression", "subscript_expression"):
            return OTHER
        owner_node = node.child_by_field_name("object")
        if owner_node is None:
            return OTHER
        owner_meaning = self._meaning(owner_node, scope)
        if owner_meaning.kind != "bridge":
            return OTHER
        field, index = node.child_by_field_name("property"), node.child_by_field_name("index")
        name: Any = text_of(field) if field is not None else self._literal(index, scope) if index is not None else ""
        if name == "default" and _is_import(_bare(owner_node)):
            return owner_meaning
        return self._reading.member(owner_meaning, snake(name) if isinstance(name, str) else "")

    def _required(self, node: Node, scope: Scope) -> Meaning:
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        is_require = callee is not None and text_of(callee) == "require" and scope.find("require") is None
        if not (is_require or _is_import(node)) or arguments is None or not arguments.named_children:
            return OTHER
        name = self._literal(arguments.named_children[0], scope)
        return self._of_module(name, node) if isinstance(name, str) else OTHER

    def _literal(self, node: Node, scope: Scope) -> Any:
        def value_of(name: Node) -> Any:
            meaning = self._meaning(name, scope)
            return meaning.value if meaning.kind == "value" else UNKNOWN

        return literal(node, value_of)


def _is_import(node: Node) -> bool:
    callee = node.child_by_field_name("function")
    return callee is not None and callee.type == "import"


def _bare(node: Node) -> Node:
    while node.type in ("parenthesized_expression", "await_expression") and node.named_children:
        node = node.named_children[0]
    return node
