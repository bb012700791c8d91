"""Values by key, in memory, bounded; what is kept and what is handed out are copies.

Only lists and maps are copied; other values are kept as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["CAPACITY", "Contended", "Store", "StoreFull"]

CAPACITY = 64 * 2**20
"""Bytes that a store holds at the most, about."""
_ATTEMPTS = 1000
_WORD = 16


class StoreFull(Exception):
    """The store holds all it may."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        super().__init__(f"the store holds all of its {capacity} bytes; delete something")


class Contended(Exception):
    """The value changed each time while its new one was made."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"{key!r} changed {_ATTEMPTS} times during its update; does the function itself change it?")


class Store:
    """Keeps values by key."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._values: dict[str, tuple[Any, int]] = {}
        self._used = 0

    def get(self, key: str, default: Any = None) -> Any:
        """Return a copy of the value kept under a key, or the default."""
        return _copy(self._values[key][0]) if key in self._values else default

    def set(self, key: str, value: Any) -> None:
        """Keep a copy of a value.

        :raises StoreFull: when there is no room for it; what was kept stays
        """
        kept, size = _copy(value), _size(value) + _size(key)
        used = self._used - self._size_of(key) + size
        if used > self._capacity:
            raise StoreFull(self._capacity)
        # A tuple of its own for each set: update tells by it whether the value was set again.
        self._values[key], self._used = (kept, size), used

    def delete(self, key: str) -> bool:
        """Drop a value; return whether there was one."""
        self._used -= self._size_of(key)
        return self._values.pop(key, None) is not None

    def has(self, key: str) -> bool:
        """Tell whether a value is kept under a key."""
        return key in self._values

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys that begin with a prefix, sorted."""
        return sorted(key for key in self._values if key.startswith(prefix))

    async def update(self, key: str, change: Callable[[Any], Awaitable[Any]]) -> Any:
        """Keep what a function makes of the present value, and return it.

        Nothing is locked: when the value was changed while the function ran, the function is called again with the
        new value. So updates of one key may overlap or nest and cannot wait for each other.

        :raises Contended: when that goes on without end
        """
        for _ in range(_ATTEMPTS):
            before = self._values.get(key)
            made = await change(self.get(key))
            if self._values.get(key) is before:
                self.set(key, made)
                return made
        raise Contended(key)

    def _size_of(self, key: str) -> int:
        return self._values[key][1] if key in self._values else 0


def _copy(value: Any) -> Any:
    if type(value) is list:
        return [_copy(item) for item in value]
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return value


def _size(value: Any) -> int:
    """Return about how many bytes a value takes."""
    if type(value) is list:
        return _WORD + sum(map(_size, value))
    if type(value) is dict:
        return _WORD + sum(_size(key) + _size(item) for key, item in value.items())
    return _WORD + (len(value) if isinstance(value, (str, bytes)) else _WORD)
