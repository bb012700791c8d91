"""The space of one run: in memory, and there again when the run goes on after its process was killed.

The calls that changed it are made again then. What they were told at first, and in which order they took effect, comes
from the journal, so that tasks which overlapped then leave what they left then, however they overlap now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.memory import MemoryStore
from llmspell_bridges.state.outcome import outcome_of, version_of
from llmspell_bridges.state.space import Space
from llmspell_bridges.state.store import Change, Entry, Full, Write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.state.store import Bounds, Make

__all__ = ["RunSpace"]


class RunSpace(Space):
    """Values of one run.

    :param once: as :meth:`llmspell_core.bridge.Context.once`
    :param recalls: whether it keeps anything; without, nothing is asked of it
    """

    store: MemoryStore

    def __init__(
        self,
        bounds: Bounds,
        clock: Callable[[], float],
        once: Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]],
        *,
        recalls: bool,
    ) -> None:
        super().__init__(MemoryStore(bounds, clock), "run")
        self._once, self._recalls = once, recalls

    async def commit(self, change: Change) -> int:
        if not self._recalls:
            return self.store.commit(self.name, change)
        made = False

        async def do() -> int | str:
            nonlocal made
            made = True
            return await outcome_of(super(RunSpace, self).commit(change))

        version = version_of(await self._once("state", do), change, self.store.bounds)
        if not made:
            self.store.replay(self.name, change, version)
        return version

    async def alter(self, key: str, make: Make) -> Entry | None:
        if not self._recalls:
            return self.store.alter(self.name, key, make)
        made: list[Entry | None] = []

        async def do() -> int | str | list[Any]:
            try:
                made.append(self.store.alter(self.name, key, make))
            except Full as full:
                return full.what
            return _told(made[0])

        told = await self._once("state", do)
        if made:
            return made[0]
        if isinstance(told, str):
            raise Full(told, getattr(self.store.bounds, told))
        return self._again(key, make, *told) if told else None

    def _again(self, key: str, make: Make, version: int, expires: float | None, *number: Any) -> Entry:
        """Keep again what was kept before the run was interrupted."""
        write = make(self.store.read(self.name, (key,)).get(key))
        # Only of numbers the sum depends on what others did before.
        value = number[0] if number else write.value if write else None
        again = Write(value, expires, write.same if write else False)
        self.store.replay(self.name, Change({key: again}), version)
        return Entry(value, version, expires)

    async def delete(self, key: str) -> bool:
        # Also what is not there is dropped: when the call is made again, something older may still be to come.
        there = await self.get(key) is not None
        await self.commit(Change({key: None}))
        return there

    async def acquire(self, name: str, owner: str, patience: float, ttl: float) -> int:
        made: list[int] = []

        async def do() -> int:
            made.append(await super(RunSpace, self).acquire(name, owner, patience, ttl))
            return made[0]

        try:
            fence = int(await self._once("lock", do))
        except BaseException:
            # Where it could not be written down, nobody would give it back.
            if made:
                self.store.release(self.name, name, owner)
            raise
        if not made:
            self.store.adopt(self.name, name, owner, fence, ttl)
        return fence


def _told(entry: Entry | None) -> list[Any]:
    if entry is None:
        return []
    number = [entry.value] if type(entry.value) in (int, float) else []
    return [entry.version, entry.expires, *number]
