"""The functions that need the session: output, time, chance, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_lisp.builtin import Builtin
from llmspell_lisp.evaluate import Frame, Steps, Wait
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Applicable, kind_of
from llmspell_lisp.promises import Promise, all_of, first_of, settled_of
from llmspell_lisp.show import show

if TYPE_CHECKING:
    from llmspell_lisp.session import LispSession

__all__ = ["world"]


def world(session: LispSession) -> dict[str, Builtin]:
    """Return a session's own functions by name."""

    def print_to(level: str) -> Any:
        def print_values(*values: Any) -> None:
            session.tell("print", " ".join(show(value) for value in values) + "\n", level)

        return print_values

    def sleep(seconds: Any = 0) -> Frame:
        return _waiting(session.ask("host", "sleep", [seconds]))  # the host says what is no number of seconds

    def random(first: Any = None, last: Any = None) -> Any:
        if first is None:
            return session.random.random()
        low, high = (1, first) if last is None else (first, last)
        if type(low) is not int or type(high) is not int or low > high:
            raise Fault("random takes nothing, or the first and last of some integers")
        return session.random.randint(low, high)

    def spawn(function: Any, *args: Any) -> Promise:
        return session.spawn(_function(function), list(args))

    functions = {
        "print": print_to("info"),
        "print-warn": print_to("warn"),
        "print-error": print_to("error"),
        "print-debug": print_to("debug"),
        "now": lambda: session.now,
        "sleep": sleep,
        "random": random,
        "spawn": spawn,
        "promise": lambda: Promise(),
        "resolve!": lambda promise, value=None: _promise(promise).resolve(value),
        "await": lambda promise: _waiting(_promise(promise)),
        "cancel": lambda promise: _promise(promise).cancel(),
        "all": lambda promises: _waiting(all_of(_promises(promises))),
        "race": lambda promises: _waiting(first_of(_promises(promises))),
        "settled": lambda promises: _waiting(settled_of(_promises(promises))),
    }
    return {name: Builtin(name, function) for name, function in functions.items()}


def _waiting(promise: Promise) -> Frame:
    def steps() -> Steps:
        return (yield Wait(promise))

    return Frame(steps())


def _promise(value: object) -> Promise:
    if not isinstance(value, Promise):
        raise Fault(f"a promise is expected, not {kind_of(value)}; (spawn ...) makes one")
    return value


def _promises(values: object) -> list[Promise]:
    if not isinstance(values, list):
        raise Fault(f"a list of promises is expected, not {kind_of(values)}")
    return [_promise(value) for value in values]


def _function(value: object) -> Applicable:
    if not isinstance(value, Applicable):
        raise Fault(f"a function is expected, not {kind_of(value)}")
    return value
