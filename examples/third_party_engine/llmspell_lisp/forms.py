"""The special forms that choose, name and quote. Each is a function from a group to a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_lisp.evaluate import Code, Constant, Made, Node, Scope, Steps
from llmspell_lisp.objects import put
from llmspell_lisp.reader import Form, Group, Keyword, Literal, Name
from llmspell_lisp.syntax import Variable, analyse, fault_at, form, function_of, is_true, name_of, sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []


@form("quote", 1, 1)
def _quote(group: Group, items: Sequence[Form]) -> Node:
    return Made(lambda scope: _datum(items[0]))


def _datum(source: Form) -> Any:
    """Return a form as a value: names are texts."""
    if isinstance(source, Literal):
        return source.value
    if isinstance(source, Keyword):
        return source.name
    if isinstance(source, Name):
        return ".".join(source.parts)
    values = [_datum(item) for item in source.items]
    if source.opening != "{":
        return values
    made: dict[str, Any] = {}
    for key, value in zip(values[::2], values[1::2], strict=False):
        put(made, key, value)
    return made


@form("if", 2, 3)
def _if(group: Group, items: Sequence[Form]) -> Node:
    test, then = analyse(items[0]), analyse(items[1])
    otherwise = sequence(items[2:])

    def run(scope: Scope) -> Steps:
        return (then if is_true((yield test.start(scope))) else otherwise).start(scope)

    return Code(group.place, run)


@form("when", 1)
def _when(group: Group, items: Sequence[Form]) -> Node:
    test, body = analyse(items[0]), sequence(items[1:])

    def run(scope: Scope) -> Steps:
        return body.start(scope) if is_true((yield test.start(scope))) else None

    return Code(group.place, run)


@form("unless", 1)
def _unless(group: Group, items: Sequence[Form]) -> Node:
    test, body = analyse(items[0]), sequence(items[1:])

    def run(scope: Scope) -> Steps:
        return None if is_true((yield test.start(scope))) else body.start(scope)

    return Code(group.place, run)


@form("cond", 1)
def _cond(group: Group, items: Sequence[Form]) -> Node:
    branches: list[tuple[Node, Node]] = []
    for item in items:
        if not (isinstance(item, Group) and item.items):
            raise fault_at(item, "a branch (test value ...) is expected here")
        test, *body = item.items
        is_else = isinstance(test, Name) and test.parts == ("else",)
        branches.append((Constant(True) if is_else else analyse(test), sequence(body)))

    def run(scope: Scope) -> Steps:
        for test, body in branches:
            if is_true((yield test.start(scope))):
                return body.start(scope)
        return None

    return Code(group.place, run)


@form("and", 0)
def _and(group: Group, items: Sequence[Form]) -> Node:
    nodes = [analyse(item) for item in items]

    def run(scope: Scope) -> Steps:
        value: Any = True
        for node in nodes:
            value = yield node.start(scope)
            if not is_true(value):
                break
        return value

    return Code(group.place, run)


@form("or", 0)
def _or(group: Group, items: Sequence[Form]) -> Node:
    nodes = [analyse(item) for item in items]

    def run(scope: Scope) -> Steps:
        value: Any = None
        for node in nodes:
            value = yield node.start(scope)
            if is_true(value):
                break
        return value

    return Code(group.place, run)


@form("begin", 0)
def _begin(group: Group, items: Sequence[Form]) -> Node:
    return sequence(items)


@form("lambda", 1)
def _lambda(group: Group, items: Sequence[Form]) -> Node:
    return function_of("lambda", items[0], items[1:])


@form("define", 1)
def _define(group: Group, items: Sequence[Form]) -> Node:
    head, *body = items
    if isinstance(head, Group) and head.items:
        name = name_of(head.items[0])
        value = function_of(name, Group("(", head.items[1:], head.place), body)
    else:
        name, value = name_of(head), sequence(body)

    def run(scope: Scope) -> Steps:
        scope.names[name] = yield value.start(scope)

    return Code(group.place, run)


@form("set!", 2, 2)
def _set(group: Group, items: Sequence[Form]) -> Node:
    target, value = items[0], analyse(items[1])
    if not isinstance(target, Name):
        raise fault_at(target, "a name is expected here")
    *owner, last = target.parts

    def run(scope: Scope) -> Steps:
        item = yield value.start(scope)
        if owner:
            put(Variable(owner, target.place).start(scope), last, item)
        else:
            scope.assign(last, item)

    return Code(group.place, run)


@form("let", 1)
def _let(group: Group, items: Sequence[Form]) -> Node:
    bindings, body = _bindings(items[0]), sequence(items[1:])

    def run(scope: Scope) -> Steps:
        names = {}
        for name, node in bindings:
            names[name] = yield node.start(scope)
        return body.start(Scope(names, scope))

    return Code(group.place, run)


@form("let*", 1)
@form("letrec", 1)
def _let_in_order(group: Group, items: Sequence[Form]) -> Node:
    bindings, body = _bindings(items[0]), sequence(items[1:])

    def run(scope: Scope) -> Steps:
        inner = Scope({}, scope)
        for name, node in bindings:
            inner.names[name] = yield node.start(inner)
        return body.start(inner)

    return Code(group.place, run)


def _bindings(source: Form) -> list[tuple[str, Node]]:
    if not isinstance(source, Group):
        raise fault_at(source, "bindings are expected here, as ((name value) ...)")
    made: list[tuple[str, Node]] = []
    for item in source.items:
        if not (isinstance(item, Group) and item.opening == "(" and len(item.items) == 2):
            raise fault_at(item, "a binding (name value) is expected here")
        made.append((name_of(item.items[0]), analyse(item.items[1])))
    return made
