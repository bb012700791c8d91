"""How much the host holds, for a run, of what agents, conversations and tools were told and are to remember."""

from __future__ import annotations

from sys import getsizeof
from typing import TYPE_CHECKING, Any
from weakref import finalize

from llmspell_core.errors import LimitExceeded
from llmspell_core.values import Function, Handle

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["MOST", "Held", "held_of", "weight"]

MOST = 256 * 2**20
"""The most bytes, about, that all of a run's hold together."""


class Held:
    """The account of one run. What nobody has any more is taken off it."""

    def __init__(self, most: int) -> None:
        self._most, self._sizes = most, dict[int, int]()
        self.total = 0

    def note(self, owner: object, *values: Any) -> None:
        """Note all that an owner holds by now; :raises LimitExceeded: when that is more than before, and too much."""
        size, before = weight(values), self._sizes.get(id(owner), 0)
        if size > before and not self._has_room(size - before):
            message = f"agents, conversations and tools would hold more than {self._most / 2**20:g} MB in all"
            raise LimitExceeded("held", self._most, f"{message}; have them forget, or drop some", used=self.total)
        if id(owner) not in self._sizes:
            finalize(owner, self._forget, id(owner)).atexit = False
        self._sizes[id(owner)] = size
        self.total += size - before

    def _has_room(self, more: int) -> bool:
        if self.total + more <= self._most:
            return True
        import gc

        gc.collect()  # what was dropped may still go round in a circle
        return self.total + more <= self._most

    def _forget(self, owner: int) -> None:
        self.total -= self._sizes.pop(owner)


def held_of(context: Context) -> Held:
    """Return the account of the run."""
    account: Held = context.run.get((__name__, "held"), lambda: Held(MOST))
    return account


def weight(value: Any) -> int:
    """Return about how many bytes a value takes, with the values and records in it."""
    todo, total = [value], 0
    while todo:
        item = todo.pop()
        total += getsizeof(item)
        if isinstance(item, dict):
            todo += [*item, *item.values()]
        elif isinstance(item, list | tuple):
            todo += item
        elif not isinstance(item, str | bytes | Function | Handle):
            todo += [getattr(item, name) for name in getattr(type(item), "__match_args__", ())]
    return total
