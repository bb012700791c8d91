"""ES modules as function bodies: the VM has no module loader, so the program links its files itself.

``import {f} from "./a.js"`` disappears, and ``f()`` becomes ``(0,$0.f)()``, where ``$0`` is the namespace object of the
other module: bindings stay live. What is exported is registered on the module's first line, as getters. Every line
stays where it was. What happens when they run is in ``guest/modules.js``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmspell_js.names import mark_of, parameters
from llmspell_js.scopes import assigned, bound, references
from llmspell_js.silent import (
    Unwatchable,
    async_names,
    may_catch,
    may_float,
    may_stop,
    may_throw_values,
    watch_awaits,
    watch_catches,
    watch_floating,
    watch_throws,
)
from llmspell_js.statements import begin_statements, end_statements
from llmspell_js.tree import Edits, awaits, first_error_line, is_async_loop, parse, text_of, unquoted, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

__all__ = ["Rewritten", "first_error_line", "is_module", "rewrite"]

_DYNAMIC = re.compile(r"\bimport\s*\(")
_WORD = re.compile(r"[\w$]+\Z")


@dataclass(frozen=True)
class Rewritten:
    """A file's source as a function body, and for a module the head of that function."""

    source: str
    head: str = ""


def is_module(source: str) -> bool:
    """Tell whether the source has import or export statements, or ``import.meta``."""
    root = parse(source)
    if any(node.type in ("import_statement", "export_statement") for node in root.children):
        return True
    return "import.meta" in source and any(_is_meta(node) for node in walk(root))


def rewrite(
    sources: Mapping[str, str], kinds: Mapping[str, str], *, covered: bool = False
) -> dict[str, Rewritten | Unwatchable]:
    """Return the files that must change to run: modules, and scripts that import, catch or leave promises alone.

    One that cannot be changed as it has to is told by why.

    :param covered: whether each statement is to tell that it runs, so that all files change
    """
    names = async_names(sources.values())
    mark = mark_of(sources.values())
    stopping = any(map(may_stop, sources.values()))
    changed: dict[str, Rewritten | Unwatchable] = {}
    for file, source in sources.items():
        floating = may_float(source, names)
        throwing, catching = may_throw_values(source), may_catch(source)
        scoped = stopping and "await" in source
        changing = covered or kinds[file] == "module" or floating or throwing or catching or scoped
        if changing or _DYNAMIC.search(source):
            root, edits = parse(source), Edits(mark)
            if covered:
                begin_statements(root, edits)
            if scoped:
                watch_awaits(root, edits)
            if floating:
                watch_floating(root, names, edits, scoped=stopping)
            if throwing:
                watch_throws(root, edits)
            try:
                if catching:
                    watch_catches(root, edits, scoped=scoped)
            except Unwatchable as problem:
                changed[file] = problem
                continue
            if covered:
                end_statements(root, edits)
            rewritten = _Module(mark).rewritten if kinds[file] == "module" else _script
            changed[file] = rewritten(root, source, edits)
    return changed


def _script(root: Node, source: str, edits: Edits) -> Rewritten:
    _replace_import_words(root, edits)
    return Rewritten(edits.applied(source))


@dataclass
class _Module:
    mark: str
    imports: dict[str, int] = field(default_factory=dict)
    """Line by name of what is imported, in order."""
    locals: dict[str, str] = field(default_factory=dict)
    """What stands for an imported name."""
    getters: dict[str, str] = field(default_factory=dict)
    """The expression behind each export."""
    stars: list[int] = field(default_factory=list)
    wants: list[tuple[int, str, int]] = field(default_factory=list)

    def rewritten(self, root: Node, source: str, edits: Edits) -> Rewritten:
        for node in root.children:
            if node.type == "import_statement":
                self._import(node, edits)
        for node in root.children:
            if node.type == "export_statement":
                self._export(node, edits)
        self._replace_references(root, edits)
        _replace_import_words(root, edits)
        return Rewritten(edits.applied(source), self._head(root))

    def _target(self, statement: Node) -> int:
        name = unquoted(_field(statement, "source"))
        self.imports.setdefault(name, statement.start_point[0] + 1)
        return list(self.imports).index(name)

    def _want(self, target: int, name: Node) -> str:
        imported = _name_of(name)
        self.wants.append((target, imported, name.start_point[0] + 1))
        return _member(target, imported)

    def _import(self, node: Node, edits: Edits) -> None:
        target = self._target(node)
        for clause in (child for child in node.children if child.type == "import_clause"):
            for part in _specifiers(clause):
                if part.type == "identifier":
                    self.wants.append((target, "default", part.start_point[0] + 1))
                    self.locals[text_of(part)] = _member(target, "default")
                elif part.type == "namespace_import":
                    self.locals[text_of(part.named_children[-1])] = f"${target}"
                else:
                    for item in _specifiers(part):
                        name = _field(item, "name")
                        local = item.child_by_field_name("alias") or name
                        self.locals[text_of(local)] = self._want(target, name)
        edits.replace(node.start_byte, node.end_byte, ";")

    def _export(self, node: Node, edits: Edits) -> None:
        declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        if any(child.type == "default" for child in node.children):
            self._export_default(node, declaration, value, edits)
        elif declaration is not None:
            for name in _declared(declaration):
                self.getters[name] = name
            edits.replace(node.start_byte, declaration.start_byte, "")
        else:
            self._export_names(node)
            edits.replace(node.start_byte, node.end_byte, ";")

    def _export_default(self, node: Node, declaration: Node | None, value: Node | None, edits: Edits) -> None:
        if declaration is not None:
            self.getters["default"] = _declared(declaration)[0]
            edits.replace(node.start_byte, declaration.start_byte, "")
            return
        assert value is not None
        default = f"{self.mark}default"
        self.getters["default"] = default
        if value.type in ("function_expression", "generator_function") and value.child_by_field_name("name") is None:
            edits.replace(node.start_byte, value.start_byte, "")
            edits.insert(_field(value, "parameters").start_byte, f" {default}")
            return
        edits.replace(node.start_byte, value.start_byte, f"const {default}=")
        if value.type == "class":
            edits.insert(value.end_byte, ";")

    def _export_names(self, node: Node) -> None:
        target = self._target(node) if node.child_by_field_name("source") is not None else None
        for part in node.children:
            if part.type == "*" and target is not None:
                self.stars.append(target)
            elif part.type == "namespace_export" and target is not None:
                self.getters[_name_of(part.children[-1])] = f"${target}"
            elif part.type == "export_clause":
                for item in _specifiers(part):
                    name = _field(item, "name")
                    local = self.locals.get(text_of(name), text_of(name))
                    exported = _name_of(item.child_by_field_name("alias") or name)
                    self.getters[exported] = local if target is None else self._want(target, name)

    def _replace_references(self, root: Node, edits: Edits) -> None:
        for node in references(root, self.locals.keys()):
            value, parent = self.locals[text_of(node)], node.parent
            if node.type == "shorthand_property_identifier":
                value = f"{text_of(node)}:{value}"
            elif parent is not None and _is_callee(node, parent):
                value = f"(0,{value})"
                if _begins_statement(node):
                    edits.insert(node.start_byte, ";")
            edits.replace(node.start_byte, node.end_byte, value)

    def _head(self, root: Node) -> str:
        waits = any(is_async_loop(node) for node in walk(root, into_functions=False))
        waits = waits or any(awaits(root, into_functions=False))
        changing = assigned(root)
        own = {name: value for name, value in self.getters.items() if value not in self.locals.values()}
        facts = {
            "imports": list(self.imports.items()),
            "exports": list(self.getters),
            "stars": self.stars,
            "wants": self.wants,
            "fixed": [name for name, value in own.items() if _WORD.match(value) and value not in changing],
            "waits": waits,
        }
        spaces = "".join(f",${number}" for number in range(len(self.imports)))
        mark = self.mark
        getters = ",".join(f"{json.dumps(name)}:()=>{value}" for name, value in self.getters.items())
        given = f"{parameters(mark)},{mark}meta,{mark}export{spaces}"
        return (
            f"{json.dumps(facts)},{'async ' if waits else ''}function*({given})"
            f'{{"use strict";{{{mark}export({{{getters}}});yield;'
        )


def _replace_import_words(root: Node, edits: Edits) -> None:
    for node in walk(root):
        if _is_meta(node):
            edits.replace(node.start_byte, node.end_byte, f"{edits.mark}meta")
        elif node.type == "import" and node.parent is not None and _is_callee(node, node.parent):
            edits.replace(node.start_byte, node.end_byte, f"{edits.mark}import")


def _is_callee(node: Node, parent: Node) -> bool:
    return parent.type == "call_expression" and parent.child_by_field_name("function") == node


def _is_meta(node: Node) -> bool:
    return node.type == "meta_property" and text_of(node).startswith("import")


def _begins_statement(node: Node) -> bool:
    """Tell whether a parenthesis in the node's place would go on with the line before."""
    statement: Node | None = node
    while statement is not None and statement.type != "expression_statement":
        if statement.start_byte != node.start_byte:
            return False
        statement = statement.parent
    if statement is None or statement.start_byte != node.start_byte or statement.parent is None:
        return False
    return statement.parent.type in ("program", "statement_block", "switch_case", "switch_default")


def _declared(declaration: Node) -> list[str]:
    if (name := declaration.child_by_field_name("name")) is not None:
        return [text_of(name)]
    return [
        text_of(name)
        for declarator in declaration.named_children
        if declarator.type == "variable_declarator"
        for name in reversed(bound(declarator.child_by_field_name("name")))
    ]


def _field(node: Node, name: str) -> Node:
    child = node.child_by_field_name(name)
    assert child is not None, f"{node.type} has no {name}"
    return child


def _specifiers(clause: Node) -> list[Node]:
    return [item for item in clause.named_children if item.type != "comment"]


def _name_of(node: Node) -> str:
    return unquoted(node) if node.type == "string" else text_of(node)


def _member(target: int, name: str) -> str:
    return f"${target}.{name}" if _WORD.match(name) else f"${target}[{json.dumps(name)}]"
