"""The objects of the probe that stay on the host: one with methods, one to be walked, one to be built by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.bridge import Handle, expose

if TYPE_CHECKING:
    from llmspell_conformance.witness import Witness

__all__ = ["Builder", "Counter", "Range"]


class Builder(Handle):
    """Gathers values, one call after the other."""

    def __init__(self) -> None:
        self._values: list[object] = []

    @expose
    async def add(self, x: object) -> Builder:
        """Add a value, and return the builder."""
        self._values.append(x)
        return self

    @expose
    async def build(self) -> list[object]:
        """Return the values."""
        return self._values


class Counter(Handle):
    """A number that can be counted up."""

    def __init__(self, start: int, witness: Witness) -> None:
        self.count, self._witness = start, witness

    @expose
    def incr(self, by: int = 1) -> int:
        """Add to the number and return it."""
        self.count += by
        return self.count

    @expose
    async def get(self) -> int:
        """Return the number."""
        return self.count

    async def close(self) -> None:
        """Tell the witness."""
        self._witness.closed += 1


class Range(Handle):
    """The numbers from 1 to a last one."""

    iterable = True

    def __init__(self, last: int) -> None:
        self._next, self._last = 1, last

    @expose
    async def next(self) -> list[int] | None:
        """Return the next number in a list of one, or nil after the last."""
        if self._next > self._last:
            return None
        self._next += 1
        return [self._next - 1]
