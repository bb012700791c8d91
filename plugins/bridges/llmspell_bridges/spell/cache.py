"""What a spell keeps for a while: never more than so many bytes, the least used going first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

__all__ = ["CAPACITY", "Cache"]

CAPACITY = 16 * 2**20
"""Bytes that the cache of one spell holds."""


class Cache:
    """Values by key, each until its time has come."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity, self._size = capacity, 0
        self._kept: OrderedDict[str, tuple[str, float | None]] = OrderedDict()

    def get(self, key: str, now: float) -> Any:
        """Return the value kept under a key, or None when there is none any more."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        text, until = kept
        if until is not None and now >= until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        from llmspell_core.wire import decode_value

        return decode_value(text)

    def set(self, key: str, value: Any, until: float | None) -> None:
        """Keep a value, making room for it; one that is larger than all of the cache is not kept."""
        from llmspell_core.wire import encode_value

        self._drop(key)
        text = encode_value(value)
        if _size(key, text) > self._capacity:
            return
        self._kept[key] = text, until
        self._size += _size(key, text)
        while self._size > self._capacity:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size -= _size(key, kept[0])


def _size(key: str, text: str) -> int:
    # What Python itself takes for an entry counts too: a million empty ones are not nothing.
    return len(key) * 4 + len(text) * 4 + 300
