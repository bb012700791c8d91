"""Values in the memory of this process; what is kept and what is handed out are copies.

Only lists and maps are copied; other values are kept as they are, so anything can be kept.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.store import Bounds, Change, Codec, Conflict, Entry, Full, Past, Store, Unheld, Write
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MemoryStore", "copy", "open_memory", "size_of"]

_WORD = 16


def open_memory(url: str, bounds: Bounds, clock: Callable[[], float], codec: Codec) -> MemoryStore:
    """Return a store of its own for each who asks; ``memory:`` is the whole of its URL."""
    return MemoryStore(bounds, clock)


@dataclass
class _Held:
    owner: str
    fence: int
    expires: float


@dataclass
class _Space:
    entries: dict[str, Entry] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    past: dict[str, deque[tuple[Past, int]]] = field(default_factory=dict)
    locks: dict[str, _Held] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    used: int = 0
    used_by_past: int = 0
    revision: int = 0
    fence: int = 0

    def drop(self, key: str, until: float, history: int) -> None:
        """Forget what a key has, and remember it as many times as asked."""
        entry, size = self.entries.pop(key), self.sizes.pop(key)
        self.used -= size
        if not history:
            return
        former = self.past.setdefault(key, deque())
        former.appendleft((Past(entry.value, entry.version, entry.time, until), size))
        self.used_by_past += size
        while len(former) > history:
            self.used_by_past -= former.pop()[1]

    def forget_past(self) -> None:
        self.past.clear()
        self.used_by_past = 0


class MemoryStore(Store):
    """Spaces in dictionaries. It is for one thread."""

    is_local = True

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        super().__init__(bounds, clock)
        self._spaces: dict[str, _Space] = {}

    def read(self, space: str, keys: Iterable[str]) -> dict[str, Entry]:
        found, here, now = {}, self._of(space), self.clock()
        for key in keys:
            if (entry := _live(here, key, now)) is not None:
                found[key] = replace(entry, value=copy(entry.value))
        return found

    def keys(self, space: str, prefix: str) -> tuple[list[str], int]:
        here, now = self._of(space), self.clock()
        return sorted(key for key in here.entries if key.startswith(prefix) and _live(here, key, now)), here.revision

    def commit(self, space: str, change: Change) -> int:
        here, now = self._of(space), self.clock()
        if change.lock is not None:
            self._check_lock(here, *change.lock)
        if change.revision not in (None, here.revision):
            raise Conflict
        for key, version in change.expected.items():
            entry = _live(here, key, now)
            if (entry.version if entry else 0) != version:
                raise Conflict
        history = self._make_room(here, change, now)
        here.revision += 1
        for key, write in change.writes.items():
            self._apply(here, key, write, here.revision, now, history)
        return here.revision

    def replay(self, space: str, change: Change, revision: int) -> None:
        """Make a change again that a run made before it was interrupted, whatever was made again before it.

        :param revision: what :meth:`commit` returned then; of two changes of a key the later one counts
        """
        here, now = self._of(space), self.clock()
        here.revision = max(here.revision, revision)
        for key, write in change.writes.items():
            present = here.entries.get(key)
            if revision > max(present.version if present else 0, here.dropped.get(key, 0)):
                self._apply(here, key, write, revision, now, self.bounds.history)
                if write is None:
                    here.dropped[key] = revision

    def history(self, space: str, key: str) -> list[Past]:
        return [replace(past, value=copy(past.value)) for past, _ in self._of(space).past.get(key, ())]

    def acquire(self, space: str, name: str, owner: str, ttl: float) -> int | None:
        self.bounds.check_key(name)
        here, now = self._of(space), self.clock()
        held = here.locks.get(name)
        if held is not None and held.expires > now:
            return None
        here.locks = {each: other for each, other in here.locks.items() if other.expires > now}
        here.fence += 1
        here.locks[name] = _Held(owner, here.fence, now + ttl)
        return here.fence

    def adopt(self, space: str, name: str, owner: str, fence: int, ttl: float) -> None:
        """Have a lock be held that a run was given before it was interrupted, unless a later one was given too."""
        here = self._of(space)
        here.fence = max(here.fence, fence)
        held = here.locks.get(name)
        if held is None or held.fence < fence:
            here.locks[name] = _Held(owner, fence, self.clock() + ttl)

    def renew(self, space: str, name: str, owner: str, ttl: float) -> bool:
        held, now = self._of(space).locks.get(name), self.clock()
        if held is None or held.owner != owner or held.expires <= now:
            return False
        held.expires = now + ttl
        return True

    def release(self, space: str, name: str, owner: str) -> bool:
        here = self._of(space)
        held = here.locks.get(name)
        if held is None or held.owner != owner:
            return False
        del here.locks[name]
        return held.expires > self.clock()

    def close(self) -> None:
        """Do nothing: what is in memory is there as long as somebody has the store."""

    def _of(self, space: str) -> _Space:
        if space not in self._spaces:
            self._spaces[space] = _Space()
        return self._spaces[space]

    def _check_lock(self, here: _Space, name: str, fence: int) -> None:
        held = here.locks.get(name)
        if held is None or held.fence != fence or held.expires <= self.clock():
            raise Unheld(name)

    def _make_room(self, here: _Space, change: Change, now: float) -> int:
        """Return how many former values of each key there is room for.

        :raises Full: when there is none for the change even without what is past and what has expired
        """
        try:
            self._check_room(here, change, here.used + here.used_by_past, self.bounds.history)
        except Full:
            for key in [key for key in here.entries if not _live(here, key, now)]:
                here.drop(key, now, 0)
            here.forget_past()
            self._check_room(here, change, here.used, 0)
            return 0
        return self.bounds.history

    def _check_room(self, here: _Space, change: Change, size: int, history: int) -> None:
        keys = len(here.entries)
        for key, write in change.writes.items():
            if write is not None:
                # What a value replaces is counted as long as it is remembered.
                freed = 0 if history and not write.same else here.sizes.get(key, 0)
                size += self._size(key, write) - freed
                keys += key not in here.entries
        self.bounds.check(size, keys)

    def _apply(self, here: _Space, key: str, write: Write | None, version: int, now: float, history: int) -> None:
        if key in here.entries:
            here.drop(key, now, 0 if write is not None and write.same else history)
        if write is not None:
            here.entries[key] = Entry(copy(write.value), version, write.expires, now)
            here.sizes[key] = size = self._size(key, write)
            here.used += size

    def _size(self, key: str, write: Write) -> int:
        return self.bounds.check_key(key) + _WORD + size_of(write.value)


def _live(here: _Space, key: str, now: float) -> Entry | None:
    entry = here.entries.get(key)
    return entry if entry is not None and (entry.expires is None or entry.expires > now) else None


def copy(value: Any) -> Any:
    """Return a value whose lists and maps are new ones."""
    if type(value) is list:
        return [copy(item) for item in value]
    if type(value) is dict:
        return {key: copy(item) for key, item in value.items()}
    return value


def size_of(value: Any) -> int:
    """Return about how many bytes a value takes."""
    if type(value) is list:
        return _WORD + sum(map(size_of, value))
    if type(value) is dict:
        return _WORD + sum(size_of(key) + size_of(item) for key, item in value.items())
    if type(value) is ErrorValue:
        return _WORD + sum(size_of(getattr(value, name)) for name in ErrorValue.__match_args__)
    return _WORD + (len(value) if isinstance(value, (str, bytes)) else _WORD)
