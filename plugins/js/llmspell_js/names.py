"""Names that only rewritten code may use: what each file's function is given, and how no spell can say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["mark_of", "parameters"]

_GIVEN = ("import", "track", "thrown", "watched", "caught", "ended", "executor", "scopes")


def mark_of(sources: Iterable[str]) -> str:
    """Return what those names begin with.

    A spell that declared one of them anew could catch what it may not. One that says ``$$``, or may say it by an
    escape, gets names that it would have to know its own hash for.
    """
    texts = list(sources)
    if not any("$$" in text or "\\u" in text for text in texts):
        return "$$"
    from hashlib import sha256

    return f"$${sha256(repr(texts).encode()).hexdigest()[:32]}_"


def parameters(mark: str) -> str:
    """Return the parameters of a file's function."""
    return ",".join(("require", "module", "exports", *(mark + name for name in _GIVEN)))
