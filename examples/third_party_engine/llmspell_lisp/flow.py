"""The special forms that go round, catch, start tasks and import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_lisp.evaluate import Code, Constant, Made, Node, Scope, Steps
from llmspell_lisp.faults import Break, Fault
from llmspell_lisp.objects import Method, Remote, apply, kind_of
from llmspell_lisp.reader import Form, Group, Name
from llmspell_lisp.syntax import Variable, analyse, call, fault_at, form, function_of, is_true, name_of, sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__: list[str] = []


@form("while", 1)
def _while(group: Group, items: Sequence[Form]) -> Node:
    test, body = analyse(items[0]), sequence(items[1:])

    def run(scope: Scope) -> Steps:
        while is_true((yield test.start(scope))):
            yield body.start(Scope({}, scope))

    return _loop(group, run)


@form("for", 2)
def _for(group: Group, items: Sequence[Form]) -> Node:
    name, source, body = name_of(items[0]), analyse(items[1]), sequence(items[2:])

    def run(scope: Scope) -> Steps:
        walked = yield source.start(scope)
        if isinstance(walked, Remote) and walked.iterable:
            following = Method(walked, "next")
            while (found := (yield apply(following, []))) is not None:
                yield body.start(Scope({name: found[0]}, scope))
        elif type(walked) is list or type(walked) is dict:
            for item in list(walked):
                yield body.start(Scope({name: item}, scope))
        else:
            raise Fault(f"{kind_of(walked)} cannot be walked")

    return _loop(group, run)


def _loop(group: Group, turns: Callable[[Scope], Steps]) -> Node:
    def run(scope: Scope) -> Steps:
        try:
            yield from turns(scope)
        except Break:
            return

    return Code(group.place, run)


@form("break", 0, 0)
def _break(group: Group, items: Sequence[Form]) -> Node:
    def leave(scope: Scope) -> Any:
        raise Break

    return Made(leave)


@form("try", 1)
def _try(group: Group, items: Sequence[Form]) -> Node:
    """Read ``(try body ... (catch e handler ...) (finally cleanup ...))``."""
    body = list(items)
    finish = _clause(body, "finally")
    catch = _clause(body, "catch")
    node = sequence(body)
    if catch is not None:
        if len(catch.items) < 2:
            raise fault_at(catch, "a name for the error is expected here, as (catch e ...)")
        node = _caught(group, node, name_of(catch.items[1]), sequence(catch.items[2:]))
    return node if finish is None else _finished(group, node, sequence(finish.items[1:]))


def _clause(body: list[Form], name: str) -> Group | None:
    last = body[-1] if body else None
    if isinstance(last, Group) and last.opening == "(" and last.items:
        head = last.items[0]
        if isinstance(head, Name) and head.parts == (name,):
            body.pop()
            return last
    return None


def _caught(group: Group, body: Node, name: str, handler: Node) -> Node:
    def run(scope: Scope) -> Steps:
        try:
            return (yield body.start(scope))
        except Break:
            raise
        except Fault as fault:
            caught = fault
        return handler.start(Scope({name: caught}, scope))

    return Code(group.place, run)


def _finished(group: Group, body: Node, cleanup: Node) -> Node:
    def run(scope: Scope) -> Steps:
        try:
            value = yield body.start(scope)
        except Fault:
            yield cleanup.start(scope)
            raise
        yield cleanup.start(scope)
        return value

    return Code(group.place, run)


@form("spawn", 1)
def _spawn(group: Group, items: Sequence[Form]) -> Node:
    """Read ``(spawn body ...)``: run the body as a task; the value is its promise."""
    body = function_of("spawn", Group("(", (), group.place), items)
    return call(group.place, Variable(("spawn",), group.place), [body])


@form("import", 1, 1)
def _import(group: Group, items: Sequence[Form]) -> Node:
    """Read ``(import "words")``: the value of the last form of ``words.lisp`` or ``lib/words.lisp``."""
    return call(group.place, Variable(("import",), group.place), [analyse(items[0]), Constant(group.place.file)])
