"""What every store of values does: read, compare and set, and lock, each at once or not at all.

A store keeps values by key in *spaces* that know nothing of each other. All it must be able to do is :meth:`Store.read`
and :meth:`Store.commit`, which changes several keys if they still are what the caller has seen. Counting, updating by
a function and transactions are made of these two, in :mod:`~llmspell_bridges.state.space`.
"""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = [
    "ATTEMPTS",
    "Bounds",
    "Change",
    "Codec",
    "Conflict",
    "Contended",
    "Entry",
    "Full",
    "Make",
    "Past",
    "Store",
    "Unheld",
    "Write",
]

ATTEMPTS = 200
"""How often a change is tried anew when others come between."""


@dataclass(frozen=True)
class Bounds:
    """How much a space may hold.

    :param bytes: of keys and values, about
    :param keys: how many
    :param history: how many former values of a key are remembered; they make room for present ones
    :param key: bytes of a key
    """

    bytes: int = 64 * 2**20
    keys: int = 100_000
    history: int = 10
    key: int = 1024

    def check(self, size: int, keys: int) -> None:
        """:raises Full: when a space would hold more than it may."""
        if size > self.bytes:
            raise Full("bytes", self.bytes)
        if keys > self.keys:
            raise Full("keys", self.keys)

    def check_key(self, key: str) -> int:
        """Return how many bytes a key has; :raises Full: when it is too long."""
        size = len(key.encode())
        if size > self.key:
            raise Full("key", self.key)
        return size


@dataclass(frozen=True)
class Codec:
    """How values become text, for stores that keep text."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Entry:
    """What is kept under a key.

    :param version: grows with every change of its space
    :param expires: when it will be gone, Unix seconds
    :param time: when it was set
    """

    value: Any
    version: int
    expires: float | None = None
    time: float = 0.0


@dataclass(frozen=True)
class Past:
    """What was kept under a key from one time to another."""

    value: Any
    version: int
    time: float
    until: float


@dataclass(frozen=True)
class Write:
    """What to keep under a key.

    :param same: only ``expires`` is new, so nothing is remembered of what was kept before
    """

    value: Any
    expires: float | None = None
    same: bool = False


@dataclass(frozen=True)
class Change:
    """What to keep and to drop together.

    :param writes: by key; None drops it
    :param expected: the versions that keys must have, 0 where nothing may be kept
    :param revision: the revision that the space must have, for those who have looked at all its keys
    :param lock: the name of a lock and the fence under which it must be held
    """

    writes: Mapping[str, Write | None]
    expected: Mapping[str, int] = field(default_factory=dict)
    revision: int | None = None
    lock: tuple[str, int] | None = None


Make: TypeAlias = Callable[[Entry | None], Write | None]
"""Makes what is to be kept of what is kept; without waiting, and as often as asked."""


class Full(Exception):
    """A space would hold more than it may.

    :param what: ``bytes``, ``keys`` or ``key``
    """

    def __init__(self, what: str, allowed: int) -> None:
        self.what, self.allowed = what, allowed
        cure = f"delete something, or allow more with the setting max_{what}"
        words = {
            "bytes": f"the store holds all of its {allowed} bytes; {cure}",
            "keys": f"the store holds all of its {allowed} keys; {cure}",
            "key": f"a key may have {allowed} bytes; keep the rest of it in the value",
        }
        super().__init__(words[what])


class Conflict(Exception):
    """Somebody else has changed what a change relied on; nothing was changed."""


class Contended(Exception):
    """What was to be changed had been changed by others, each time it was tried."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} changed {ATTEMPTS} times meanwhile; does the function itself change it?")


class Unheld(Exception):
    """A lock is not held any more under the fence that was given for it; nothing was changed."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the lock {name!r} is not held any more; take it again and look at what others did meanwhile")


class Store(ABC):
    """Keeps values by space and key. Its methods wait, and may be called in any thread.

    :param clock: returns the time by which values expire, Unix seconds
    """

    is_local = False
    """True where everything is so quick that it is done on the event loop."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        self.bounds, self.clock = bounds, clock

    @abstractmethod
    def read(self, space: str, keys: Iterable[str]) -> dict[str, Entry]:
        """Return what is kept under keys; those without anything are left out."""

    @abstractmethod
    def keys(self, space: str, prefix: str) -> tuple[list[str], int]:
        """Return the keys that begin so, in order, and the revision of the space."""

    @abstractmethod
    def commit(self, space: str, change: Change) -> int:
        """Make a change and return the version that all it has set have.

        :raises Conflict: when what was expected is not so
        :raises Full: when there is no room
        :raises Unheld: when the lock is not held
        """

    @abstractmethod
    def history(self, space: str, key: str) -> list[Past]:
        """Return what was kept under a key, the newest first."""

    @abstractmethod
    def acquire(self, space: str, name: str, owner: str, ttl: float) -> int | None:
        """Return the fence of a lock that is now the owner's, larger than any before; None where another has it."""

    @abstractmethod
    def renew(self, space: str, name: str, owner: str, ttl: float) -> bool:
        """Have a lock end so many seconds from now; return False where it is not the owner's any more."""

    @abstractmethod
    def release(self, space: str, name: str, owner: str) -> bool:
        """Give a lock back; return False where it is not the owner's any more."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections. A second call does nothing."""

    def alter(self, space: str, key: str, make: Make) -> Entry | None:
        """Keep what is made of what a key has, and return it; nobody else comes between.

        :raises Contended: when somebody does each time
        """
        for attempt in range(ATTEMPTS):
            entry = self.read(space, (key,)).get(key)
            write = make(entry)
            try:
                version = self.commit(space, Change({key: write}, {key: entry.version if entry else 0}))
            except Conflict:
                time.sleep(pause(attempt))
                continue
            return None if write is None else Entry(write.value, version, write.expires, self.clock())
        raise Contended(repr(key))


def pause(attempt: int) -> float:
    """Return how many seconds to wait before a change is tried anew: random, so that rivals fall out of step."""
    return random.random() * min(0.05, 0.0005 * float(1 << min(attempt, 8)))
