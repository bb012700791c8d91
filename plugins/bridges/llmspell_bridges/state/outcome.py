"""What came of a change, as a value that a journal can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.state.store import Bounds, Change, Conflict, Full, Unheld

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["outcome_of", "version_of"]

_CONFLICT, _UNHELD = "conflict", "unheld"


async def outcome_of(commit: Awaitable[int]) -> int | str:
    """Return the version that a change has made, or a word for why it was not made."""
    try:
        return await commit
    except Conflict:
        return _CONFLICT
    except Unheld:
        return _UNHELD
    except Full as full:
        return full.what


def version_of(outcome: int | str, change: Change, bounds: Bounds) -> int:
    """Return the version that a change has made; errors as :meth:`Store.commit`."""
    if isinstance(outcome, int):
        return outcome
    if outcome == _CONFLICT:
        raise Conflict
    if outcome == _UNHELD:
        raise Unheld(change.lock[0] if change.lock else "")
    raise Full(outcome, getattr(bounds, outcome))
