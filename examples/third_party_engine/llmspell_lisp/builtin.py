"""A function of the language that is written in Python, and the checks of its arguments."""

from __future__ import annotations

from types import GeneratorType
from typing import TYPE_CHECKING, Any

from llmspell_core.values import INT_MAX, INT_MIN
from llmspell_lisp.evaluate import Frame
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import Applicable, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LONGEST", "Builtin", "Builtins", "fitting", "integer", "items_of", "map_of", "number", "text_of"]

LONGEST = 1_000_000
"""How long a list or text may be that is made of nothing."""


class Builtin(Applicable):
    """A function of the language, in Python; a generator may call functions of the spell and wait."""

    __slots__ = ("_function", "_least", "_most", "name")

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        code = function.__code__
        takes = code.co_argcount
        self.name, self._function = name, function
        self._least = takes - len(function.__defaults__ or ())
        self._most = float("inf") if code.co_flags & 0x04 else takes

    def enter(self, args: list[Any]) -> Any:
        """Return what the function returns."""
        if not self._least <= len(args) <= self._most:
            raise Fault(f"{self.name} does not take {len(args)} arguments")
        value = self._function(*args)
        return Frame(value) if type(value) is GeneratorType else value


class Builtins(dict[str, Builtin]):
    """Functions by name."""

    def add(self, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Take in the decorated function under a name."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self[name] = Builtin(name, function)
            return function

        return register


def number(value: Any) -> Any:
    """Return the value if it is a number; :raises Fault: when it is none."""
    if type(value) is int or type(value) is float:
        return value
    raise Fault(f"a number is expected, not {kind_of(value)}")


def _checked(value: Any, kind: type, words: str) -> Any:
    if type(value) is not kind:
        raise Fault(f"{words} is expected, not {kind_of(value)}")
    return value


def text_of(value: object) -> Any:
    """Return the value if it is a text."""
    return _checked(value, str, "a text")


def items_of(value: object) -> Any:
    """Return the value if it is a list."""
    return _checked(value, list, "a list")


def map_of(value: object) -> Any:
    """Return the value if it is a map."""
    return _checked(value, dict, "a map")


def integer(value: object) -> Any:
    """Return the value if it is an int."""
    return _checked(value, int, "an int")


def fitting(value: Any) -> Any:
    """Return the number if it has no more than 64 bits."""
    if type(value) is int and not INT_MIN <= value <= INT_MAX:
        raise Fault("the integer does not fit into 64 bits", "conversion")
    return value
