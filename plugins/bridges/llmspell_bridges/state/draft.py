"""What a transaction has read and means to write; the store learns of it at the end, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.memory import copy, size_of
from llmspell_bridges.state.store import Change, Full, Write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_bridges.state.store import Bounds, Entry

    Read = Callable[[Sequence[str]], Awaitable[dict[str, Entry]]]
    List = Callable[[str], Awaitable[tuple[list[str], int]]]

__all__ = ["Draft"]


class Draft:
    """Values as a transaction sees them: its own changes, and beneath them what it read when it first looked.

    :param read: returns what the store has under keys
    :param list: returns the keys of the store that begin so, and its revision
    """

    def __init__(self, read: Read, list: List, bounds: Bounds) -> None:
        self._read, self._list, self._bounds = read, list, bounds
        self._seen: dict[str, Entry | None] = {}
        self._writes: dict[str, Write | None] = {}
        self._used = 0
        self._revision: int | None = None

    async def get(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return the values kept under keys; those without are left out.

        :raises Full: when a key is too long to have a value, or too many were looked for
        """
        unseen = [key for key in dict.fromkeys(keys) if key not in self._seen and key not in self._writes]
        if unseen:
            self._take(sum(map(self._bounds.check_key, unseen)))
            found = await self._read(unseen)
            self._seen.update({key: found.get(key) for key in unseen})
        kept = {key: self._writes[key] if key in self._writes else self._seen[key] for key in keys}
        return {key: copy(each.value) for key, each in kept.items() if each is not None}

    async def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin so, in order."""
        found, revision = await self._list(prefix)
        self._revision = revision if self._revision is None else min(self._revision, revision)
        kept = {key for key in found if self._writes.get(key, True) is not None}
        return sorted(kept | {key for key, write in self._writes.items() if write and key.startswith(prefix)})

    def set(self, key: str, value: Any, expires: float | None = None) -> None:
        """Mean to keep a value; :raises Full: when all that is meant could never be kept."""
        self._take(self._bounds.check_key(key) + size_of(value))
        self._writes[key] = Write(copy(value), expires)

    async def expires(self, key: str) -> float | None:
        """Return when a value will be gone."""
        await self.get((key,))
        kept = self._writes[key] if key in self._writes else self._seen[key]
        return kept.expires if kept else None

    async def delete(self, key: str) -> bool:
        """Mean to drop a value; return whether there is one."""
        there = bool(await self.get((key,)))
        self._writes[key] = None
        return there

    def change(self, lock: tuple[str, int] | None = None) -> Change:
        """Return all that is meant, and what it relies on."""
        return Change(self._writes, self.expected, self._revision, lock)

    @property
    def expected(self) -> dict[str, int]:
        """The versions of what was read."""
        return {key: entry.version if entry else 0 for key, entry in self._seen.items()}

    def _take(self, size: int) -> None:
        self._used += size
        if self._used > 2 * self._bounds.bytes:
            raise Full("bytes", self._bounds.bytes)
