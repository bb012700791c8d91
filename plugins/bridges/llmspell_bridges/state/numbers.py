"""Sums of what is kept, within 64 bits."""

from __future__ import annotations

from typing import Any

from llmspell_core.errors import CallError
from llmspell_core.signatures import kind_of
from llmspell_core.values import INT_MAX, INT_MIN

__all__ = ["added"]


def added(method: str, key: str, present: Any, by: int | float) -> int | float:
    """Return the sum of what is kept and some more.

    :raises CallError: when what is kept is no number, or the sum does not fit
    """
    if isinstance(present, bool) or not isinstance(present, (int, float)):
        raise CallError(f"{method}: {key!r} holds {kind_of(present)}, which is no number; set one first")
    total: int | float = present + by
    if isinstance(total, int) and not INT_MIN <= total <= INT_MAX:
        raise CallError(f"{method}: {key!r} would pass 64 bits; keep a float, or start again")
    return total
