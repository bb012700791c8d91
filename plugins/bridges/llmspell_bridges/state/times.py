"""How long something is kept."""

from __future__ import annotations

from llmspell_core.errors import CallError

__all__ = ["LONGEST", "seconds"]

LONGEST = 100 * 366 * 86400.0


def seconds(name: str, value: float, most: float = LONGEST) -> float:
    """Return a number of seconds; :raises CallError: when it is none that can be waited for."""
    if not 0 <= value <= most:
        raise CallError(f"{name} is a number of seconds from 0 to {most:g}, not {value:g}")
    return value
