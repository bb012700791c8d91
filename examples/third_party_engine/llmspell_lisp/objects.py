"""What a value may be besides plain data: functions, bridges and handles with their methods, packages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_lisp.evaluate import Frame, Node, Scope, Steps, Wait
from llmspell_lisp.faults import FIELDS, Fault
from llmspell_lisp.names import host_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmspell_lisp.promises import Promise

__all__ = ["Applicable", "Ask", "Lambda", "Method", "Package", "Remote", "apply", "field", "kind_of", "put"]


class Applicable(ABC):
    """What can be called."""

    __slots__ = ()

    @abstractmethod
    def enter(self, args: list[Any]) -> Any:
        """Return the result, or a frame that will."""


class Lambda(Applicable):
    """A function of the spell."""

    __slots__ = ("body", "name", "names", "rest", "scope")

    def __init__(self, name: str, names: Sequence[str], rest: str | None, body: Node, scope: Scope) -> None:
        self.name, self.names, self.rest, self.body, self.scope = name, names, rest, body, scope

    def enter(self, args: list[Any]) -> Any:
        """Begin the body, in a scope that holds the arguments."""
        most = len(self.names)
        if len(args) != most and (self.rest is None or len(args) < most):
            least = f"at least {most}" if self.rest else str(most)
            raise Fault(f"{self.name} takes {least} argument{'s' * (most != 1)}, not {len(args)}")
        names = dict(zip(self.names, args, strict=False))
        if self.rest is not None:
            names[self.rest] = args[most:]
        return self.body.start(Scope(names, self.scope, self.name))


class Remote:
    """Something of the host: a bridge by its name, a handle by its number. Its methods are calls."""

    __slots__ = ("__weakref__", "_ask", "iterable", "target", "type")

    def __init__(self, ask: Ask, target: str | int, type: str, iterable: bool) -> None:
        self._ask, self.target, self.type, self.iterable = ask, target, type, iterable

    def ask(self, method: str, args: list[Any]) -> Promise:
        """Ask the host; the promise is its answer."""
        return self._ask(self.target, method, args)


Ask: TypeAlias = "Callable[[str | int, str, list[Any]], Promise]"


class Method(Applicable):
    """A method of something of the host. Calling it waits for the answer."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Remote, name: str) -> None:
        self.owner, self.name = owner, name

    def enter(self, args: list[Any]) -> Any:
        """Ask, and return a frame that waits."""
        return Frame(self._wait(self.owner.ask(self.name, args)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Method) and (self.owner, self.name) == (other.owner, other.name)

    def __hash__(self) -> int:
        return hash((self.owner, self.name))

    @staticmethod
    def _wait(answer: Promise) -> Steps:
        return (yield Wait(answer))


class Package:
    """Functions of the language under one name, which a spell cannot change."""

    __slots__ = ("functions", "name")

    def __init__(self, name: str, functions: Mapping[str, Applicable]) -> None:
        self.name, self.functions = name, functions


def apply(function: object, args: list[Any]) -> Any:
    """Call a function: return its result, or a frame that will."""
    if not isinstance(function, Applicable):
        raise Fault(f"{kind_of(function)} cannot be called")
    return function.enter(args)


def field(value: object, name: str) -> Any:
    """Return what ``value.name`` stands for."""
    if type(value) is dict:
        return value.get(name)
    if isinstance(value, Remote):
        return Method(value, host_name(name))
    if isinstance(value, Package) and name in value.functions:
        return value.functions[name]
    if isinstance(value, Fault) and name in FIELDS:
        return getattr(value, name)
    raise Fault(f"{kind_of(value)} has no field {name!r}")


def put(value: object, key: object, item: object) -> None:
    """Set a field of a map, or a place of a list."""
    if not _has_place(value, key):
        raise Fault(f"{kind_of(value)} has no place {key!r} to put something in")
    value[key] = item  # type: ignore[index] # it is a list or a map


def _has_place(value: object, key: object) -> bool:
    if type(value) is dict:
        return type(key) is str or type(key) is int
    return type(value) is list and type(key) is int and -len(value) <= key < len(value)


def kind_of(value: object) -> str:
    """Return what a value is, as a message says it."""
    if value is None:
        return "null"
    if isinstance(value, Remote):
        return "a bridge" if isinstance(value.target, str) else "a handle"
    for kind, words in _KINDS:
        if isinstance(value, kind):
            return words
    return f"a {type(value).__name__.lower()}"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a bool"),
    (int, "an int"),
    (float, "a float"),
    (str, "a text"),
    (bytes, "bytes"),
    (list, "a list"),
    (dict, "a map"),
    (Applicable, "a function"),
    (Package, "a module"),
    (Fault, "an error"),
)
