"""Texts that a spell chose, for a terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["shown"]

_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that show nothing."""


def shown(text: str) -> str:
    """Return a text with an escape for every character that draws, moves, turns the line around or hides itself."""
    return "".join(c if _is_plain(c) else c.encode("unicode_escape").decode() for c in text)


def _is_plain(c: str) -> bool:
    if not c.isprintable() or c in _FILLERS:
        return False
    # Marks are drawn over what stands before them.
    return c.isascii() or not unicodedata.category(c).startswith("M")
