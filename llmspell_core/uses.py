"""What the source of a spell uses, as far as reading it tells: an engine finds it, ``llmspell check`` says it.

An engine whose language can be read offers :meth:`llmspell_core.engine.Engine.uses`. :class:`Reading` is what such
readers have in common: which name stands for which bridge, and what was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["OTHER", "UNKNOWN", "Meaning", "Missing", "Reading", "Scope", "Use", "Uses"]


class _Unknown:
    """An argument that only a run can tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@fact
class Use(Fact):
    """One place where a spell uses a bridge.

    :param method: as the host names it; empty when only a run can tell which
    :param arguments: what is written there, :data:`UNKNOWN` for what is not literal; None when only a run can tell
    """

    bridge: str
    method: str
    arguments: tuple[Any, ...] | None
    file: str
    line: int


@fact
class Missing(Fact):
    """A module that a spell wants and that is neither a file of it, nor a bridge, nor built in."""

    name: str
    file: str
    line: int


@fact
class Uses(Fact):
    """What was found in all files of a spell."""

    calls: tuple[Use, ...] = ()
    missing: tuple[Missing, ...] = ()


@fact
class Meaning(Fact):
    """What a name or an expression stands for.

    :param kind: a bridge, a method of one, a literal value, or something else
    """

    kind: Literal["bridge", "method", "value", "other"]
    bridge: str = ""
    method: str = ""
    value: Any = None


OTHER = Meaning("other")


class Scope:
    """The names that are declared in one stretch of source, and where those around it are.

    :param function: whether it is the body of a function
    """

    def __init__(self, parent: Scope | None = None, *, function: bool = False) -> None:
        self.parent = parent
        self.names: dict[str, Meaning] = {}
        self.function: Scope = self if function or parent is None else parent.function

    def find(self, name: str) -> Scope | None:
        """Return the scope that declares a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


class Reading:
    """What is known while the files of one spell are read, and what was found in them.

    :param bridges: the bridges' names by what the language calls them
    :param known: the language's other globals
    :param file_of: returns the spell's file that a module's name means to the file that asks, or None
    :param built_in: functions that the language itself has in modules that share their names with bridges: ``time.now``
    """

    def __init__(
        self,
        bridges: dict[str, str],
        known: Collection[str],
        file_of: Callable[[str, str], str | None],
        built_in: Collection[str] = (),
    ) -> None:
        self._bridges, self._known, self._file_of = bridges, frozenset(known), file_of
        self._built_in = frozenset(built_in)
        self._own: set[str] = set()
        self._found: dict[tuple[Any, ...], Use] = {}
        self._missing: dict[Missing, None] = {}
        self.file = ""

    def define(self, name: str) -> None:
        """Note that the spell makes a global of its own."""
        self._own.add(name)

    def has(self, bridge: str) -> bool:
        """Tell whether there is a bridge of that name."""
        return bridge in self._bridges.values()

    def of_global(self, name: str) -> Meaning:
        """Return what a name means that no scope declares."""
        if name in self._own:
            return OTHER
        if name in self._bridges:
            return Meaning("bridge", self._bridges[name])
        return OTHER if name in self._known else Meaning("bridge", name)

    def of_module(self, name: str, line: int) -> Meaning:
        """Return what asking for a module gives, and note one that there is not."""
        if self._file_of(name, self.file) is not None:
            return OTHER
        if name in self._bridges or name in self._bridges.values():
            return Meaning("bridge", self._bridges.get(name, name))
        if name not in self._known:
            self._missing[Missing(name, self.file, line)] = None
        return OTHER

    def member(self, owner: Meaning, method: str) -> Meaning:
        """Return what a member of something means; a method's name is as the host spells it."""
        return Meaning("method", owner.bridge, method) if owner.kind == "bridge" else OTHER

    def use(self, meaning: Meaning, arguments: tuple[Any, ...] | None, line: int) -> None:
        """Note that a method is called, or that it or a bridge is handed on, where only a run can tell."""
        if meaning.kind in ("bridge", "method") and f"{meaning.bridge}.{meaning.method}" not in self._built_in:
            use = Use(meaning.bridge, meaning.method, arguments if meaning.method else None, self.file, line)
            self._found[self.file, line, len(self._found)] = use

    @property
    def uses(self) -> Uses:
        """What was found, in the order of files and lines."""
        return Uses(tuple(self._found.values()), tuple(self._missing))
