"""One space of a store, used by many tasks at once: reading, changing, updating by a function, transactions, locks.

Nothing here holds a lock while a function of the caller runs. What was read is compared when it is written, and where
somebody has changed it, all is done anew, a bounded number of times.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_bridges.state.store import ATTEMPTS, Change, Conflict, Contended, Write, pause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_bridges.state.store import Entry, Make, Past, Store

__all__ = ["NotFree", "Space"]

_T = TypeVar("_T")
_FIRST_WAIT, _LONGEST_WAIT = 0.005, 0.25


class NotFree(Exception):
    """Others had a lock as long as was waited for it."""

    def __init__(self, name: str, timeout: float) -> None:
        self.name, self.timeout = name, timeout
        super().__init__(f"others held the lock {name!r} for {timeout:g} s; wait longer, or do less under it")


class Space:
    """A space of a store.

    :param name: of the space
    """

    def __init__(self, store: Store, name: str) -> None:
        self.store, self.name = store, name

    async def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return what is kept under keys; those without anything are left out."""
        return await self._do(self.store.read, self.name, keys)

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under a key."""
        return (await self.read((key,))).get(key)

    async def keys(self, prefix: str = "") -> tuple[list[str], int]:
        """Return the keys that begin so, in order, and the revision of the space."""
        return await self._do(self.store.keys, self.name, prefix)

    async def history(self, key: str) -> list[Past]:
        """Return what was kept under a key, the newest first."""
        return await self._do(self.store.history, self.name, key)

    async def set(self, key: str, value: Any, expires: float | None = None) -> None:
        """Keep a value under a key."""
        await self.commit(Change({key: Write(value, expires)}))

    async def commit(self, change: Change) -> int:
        """Make a change; as :meth:`Store.commit`."""
        return await self._do(self.store.commit, self.name, change)

    async def alter(self, key: str, make: Make) -> Entry | None:
        """Keep what is made of what a key has, and return it; as :meth:`Store.alter`."""
        return await self._do(self.store.alter, self.name, key, make)

    async def delete(self, key: str) -> bool:
        """Drop what a key has; return whether it had something."""
        found: list[bool] = []

        def drop(entry: Entry | None) -> None:
            found.append(entry is not None)

        await self.alter(key, drop)
        return found[-1]

    async def update(self, key: str, change: Callable[[Any], Awaitable[Any]], lock: tuple[str, int] | None) -> Any:
        """Keep what a function makes of the present value, and return it.

        When the value was changed while the function ran, the function is called again with the new value. So updates
        of one key may overlap or nest and cannot wait for each other.

        :raises Contended: when that goes on without end
        """
        for attempt in range(ATTEMPTS):
            entry = await self.get(key)
            made = await change(entry.value if entry else None)
            write = Write(made, entry.expires if entry else None)
            try:
                await self.commit(Change({key: write}, {key: entry.version if entry else 0}, lock=lock))
            except Conflict:
                await self.pause(attempt)
            else:
                return made
        raise Contended(repr(key))

    async def pause(self, attempt: int) -> None:
        """Wait a little before a change is tried anew; others in this process only have to get their turn."""
        await asyncio.sleep(0 if self.store.is_local else pause(attempt))

    async def acquire(self, name: str, owner: str, patience: float, ttl: float) -> int:
        """Return the fence of a lock when it is the owner's.

        :param patience: seconds to wait for others
        :raises NotFree: when it was not in time
        """
        loop, wait = asyncio.get_running_loop(), _FIRST_WAIT
        deadline = loop.time() + patience
        while (fence := await self._try(name, owner, ttl)) is None:
            left = deadline - loop.time()
            if left <= 0:
                raise NotFree(name, patience)
            await asyncio.sleep(min(wait, left))
            wait = min(2 * wait, _LONGEST_WAIT)
        return fence

    async def renew(self, name: str, owner: str, ttl: float) -> bool:
        """Have a lock end so many seconds from now; return False where it is not the owner's any more."""
        return await self._do(self.store.renew, self.name, name, owner, ttl)

    async def release(self, name: str, owner: str) -> bool:
        """Give a lock back; return False where it is not the owner's any more."""
        return await self._do(self.store.release, self.name, name, owner)

    async def _try(self, name: str, owner: str, ttl: float) -> int | None:
        taking = asyncio.ensure_future(self._do(self.store.acquire, self.name, name, owner, ttl))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            # A thread that has begun to take it goes on, and what it takes nobody would give back.
            if await taking is not None:
                await self.release(name, owner)
            raise

    async def _do(self, work: Callable[..., _T], *args: Any) -> _T:
        if self.store.is_local:
            return work(*args)
        return await asyncio.to_thread(work, *args)
