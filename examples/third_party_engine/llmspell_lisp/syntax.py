"""From forms to nodes: what ``if``, ``let``, ``lambda`` and the other special forms mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from llmspell_core.errors import SpellSyntaxError
from llmspell_lisp.evaluate import Code, Constant, Frame, Made, Node, Scope, Steps
from llmspell_lisp.faults import Fault
from llmspell_lisp.names import host_name
from llmspell_lisp.objects import Lambda, apply, field, put
from llmspell_lisp.reader import Form, Group, Keyword, Literal, Name, Place

__all__ = ["FORMS", "Variable", "analyse", "call", "fault_at", "form", "function_of", "is_true", "name_of", "sequence"]

Analyser: TypeAlias = Callable[[Group, Sequence[Form]], Node]
FORMS: dict[str, Analyser] = {}
"""The special forms by name; each gets its group and what follows the name."""


def form(name: str, least: int, most: float = float("inf")) -> Callable[[Analyser], Analyser]:
    """Register a special form that takes so many forms."""

    def register(analyser: Analyser) -> Analyser:
        def checked(group: Group, items: Sequence[Form]) -> Node:
            if not least <= len(items) <= most:
                raise fault_at(group, f"({name} ...) does not take {len(items)} forms")
            return analyser(group, items)

        FORMS[name] = checked
        return analyser

    return register


class Variable(Node):
    """A name, and the fields read of what it stands for."""

    __slots__ = ("fields", "name", "place")

    def __init__(self, parts: Sequence[str], place: Place) -> None:
        self.name, *self.fields = parts
        self.place = place

    def start(self, scope: Scope) -> Any:
        """Return what the name stands for."""
        try:
            value = scope.holding(self.name).names[self.name]
            for name in self.fields:
                value = field(value, name)
        except Fault as fault:
            fault.file, fault.line = self.place.file, self.place.line
            raise
        return value


def analyse(source: Form) -> Node:
    """Return the node of a form; :raises SpellSyntaxError: when it means nothing."""
    if isinstance(source, Literal):
        return Constant(source.value)
    if isinstance(source, Keyword):
        return Constant(source.name)
    if isinstance(source, Name):
        return Variable(source.parts, source.place)
    return _GROUPS[source.opening](source)


def sequence(items: Sequence[Form]) -> Node:
    """Return a node that runs the forms in order; its value is the last one's."""
    nodes = [analyse(item) for item in items]
    if len(nodes) < 2:
        return nodes[0] if nodes else Constant(None)

    def run(scope: Scope) -> Steps:
        for node in nodes[:-1]:
            yield node.start(scope)
        return nodes[-1].start(scope)

    return Code(items[0].place, run)


def fault_at(source: Form, problem: str) -> SpellSyntaxError:
    """Return the error of a form that is wrong."""
    return SpellSyntaxError(problem, source.place.file, source.place.line)


def is_true(value: object) -> bool:
    """Tell whether the value is anything but false and null."""
    return value is not None and value is not False


def _list(group: Group) -> Node:
    nodes = [analyse(item) for item in group.items]

    def run(scope: Scope) -> Steps:
        made = []
        for node in nodes:
            made.append((yield node.start(scope)))  # noqa: PERF401 - a comprehension cannot yield
        return made

    return Code(group.place, run)


def _map(group: Group) -> Node:
    if len(group.items) % 2:
        raise fault_at(group, "a map needs a value for every key")
    keys = [analyse(item) for item in group.items[::2]]
    values = [analyse(item) for item in group.items[1::2]]

    def run(scope: Scope) -> Steps:
        made: dict[str, Any] = {}
        for key, value in zip(keys, values, strict=True):
            put(made, (yield key.start(scope)), (yield value.start(scope)))
        return made

    return Code(group.place, run)


def _call(group: Group) -> Node:
    if not group.items:
        raise fault_at(group, "() calls nothing; write [] for an empty list")
    head, *rest = group.items
    if isinstance(head, Name) and head.parts[0] in FORMS:
        if len(head.parts) > 1:
            raise fault_at(head, f"{head.parts[0]} is a special form and has no fields")
        return FORMS[head.parts[0]](group, rest)
    return call(group.place, analyse(head), *_arguments(rest))


def call(place: Place, function: Node, arguments: Sequence[Node], options: Sequence[tuple[str, Node]] = ()) -> Node:
    """Return a node that calls; options become one trailing map."""

    def run(scope: Scope) -> Steps:
        called = yield function.start(scope)
        args = []
        for argument in arguments:
            value = argument.start(scope)
            # Most arguments are at hand, and then the task need not be asked.
            args.append((yield value) if type(value) is Frame else value)
        if options:
            args.append({})
        for key, option in options:
            args[-1][key] = yield option.start(scope)
        return apply(called, args)

    return Code(place, run)


def _arguments(items: Sequence[Form]) -> tuple[list[Node], list[tuple[str, Node]]]:
    first = next((i for i, item in enumerate(items) if isinstance(item, Keyword)), len(items))
    options = items[first:]
    named: list[tuple[str, Node]] = []
    for key, value in zip(options[::2], options[1::2], strict=False):
        if not isinstance(key, Keyword):
            raise fault_at(key, "options (:name value) come last")
        named.append((host_name(key.name), analyse(value)))
    if len(options) % 2:
        raise fault_at(options[-1], "an option needs a value")
    return [analyse(item) for item in items[:first]], named


_GROUPS: dict[str, Callable[[Group], Node]] = {"(": _call, "[": _list, "{": _map}


def name_of(source: Form) -> str:
    """Return the plain name that a form is."""
    if isinstance(source, Name) and len(source.parts) == 1:
        return source.parts[0]
    raise fault_at(source, "a name without dots is expected here")


def function_of(name: str, parameters: Form, body: Sequence[Form]) -> Node:
    """Return the node of a function: ``(a b & rest)`` and what it does."""
    if not isinstance(parameters, Group):
        raise fault_at(parameters, "the names of the parameters are expected here, as (a b)")
    names = [name_of(item) for item in parameters.items]
    rest = None
    if "&" in names:
        at = names.index("&")
        if at != len(names) - 2:
            raise fault_at(parameters, "exactly one name follows &")
        rest = names.pop()
        names.pop()
    code = sequence(body)
    return Made(lambda scope: Lambda(name, names, rest, code, scope))
