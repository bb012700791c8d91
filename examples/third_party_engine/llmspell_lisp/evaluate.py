"""What code is made of when it runs: scopes, nodes, and the frames that they run in.

A node's ``start`` returns its value, or a :class:`Frame` whose generator will. A generator yields a frame to have
its value, and a :class:`Wait` to have what a promise brings; it returns a value, or a frame that takes its place.
So no code of the spell ever waits on Python's own stack, and a task can be left anywhere and gone on with later.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_lisp.faults import Fault

if TYPE_CHECKING:
    from llmspell_lisp.promises import Promise
    from llmspell_lisp.reader import Place

__all__ = ["Code", "Constant", "Frame", "Home", "Made", "Node", "Scope", "Steps", "Wait"]

Steps: TypeAlias = Generator[Any, Any, Any]


class Home:
    """One call of a function, as a traceback names it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Scope:
    """Names and their values; the outermost scope is the host's and cannot be changed."""

    __slots__ = ("home", "names", "parent")

    def __init__(self, names: dict[str, Any], parent: Scope | None = None, home: str | None = None) -> None:
        self.names, self.parent = names, parent
        self.home: Home = Home(home or "main") if home or parent is None else parent.home

    def holding(self, name: str) -> Scope:
        """Return the nearest scope that has the name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.parent
        raise Fault(f"{name} is not defined")

    def assign(self, name: str, value: object) -> None:
        """Give a new value to a name that the spell has defined."""
        scope = self.holding(name)
        if scope.parent is None:
            raise Fault(f"{name} is built in and cannot be set; define a name of your own")
        scope.names[name] = value


class Frame:
    """Code that has begun: its generator, where it stands, and the scope it runs in.

    ``origin`` is the place that it was called from. A frame without a place is Python's, and takes its caller's.
    """

    __slots__ = ("is_code", "origin", "place", "scope", "steps")

    def __init__(self, steps: Steps, place: Place | None = None, scope: Scope | None = None) -> None:
        self.steps, self.place, self.scope = steps, place, scope
        self.origin = place
        self.is_code = place is not None

    def take_place_of(self, other: Frame) -> None:
        """Go on where the other has ended, in a tail call."""
        self.origin = other.origin
        if not self.is_code:
            self.place, self.scope = other.place, other.scope


class Wait:
    """What code yields to go on when a promise has come true."""

    __slots__ = ("promise",)

    def __init__(self, promise: Promise) -> None:
        self.promise = promise


class Node(ABC):
    """A piece of code, ready to run."""

    __slots__ = ()

    @abstractmethod
    def start(self, scope: Scope) -> Any:
        """Return the node's value, or a frame that will."""


class Constant(Node):
    """A node that is its value."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def start(self, scope: Scope) -> Any:
        """Return the value."""
        return self.value


class Code(Node):
    """A node that runs in a frame of its own."""

    __slots__ = ("place", "run")

    def __init__(self, place: Place, run: Callable[[Scope], Steps]) -> None:
        self.place, self.run = place, run

    def start(self, scope: Scope) -> Any:
        """Return a frame that has just begun."""
        return Frame(self.run(scope), self.place, scope)


class Made(Node):
    """A node whose value is made anew each time, at once."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[Scope], Any]) -> None:
        self.make = make

    def start(self, scope: Scope) -> Any:
        """Make the value."""
        return self.make(scope)
