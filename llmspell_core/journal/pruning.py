"""Runs are dropped by the hundred: few statements for many runs, and others write in between."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_core.database import Transaction

__all__ = ["BATCH", "batches", "drop", "old"]

BATCH = 100
"""So many runs are dropped in one transaction."""
_BREATH = 0.01
"""Seconds between two of them: whoever waits for a turn to write to a file looks every millisecond."""
_OLD = "SELECT id FROM runs WHERE created < :before AND changed < :before AND parent IS NULL AND status <> 'running'"


def batches(drop_some: Callable[[], int]) -> int:
    """Drop again and again until nothing is left to drop, and return how many that were."""
    gone = 0
    while dropped := drop_some():
        gone += dropped
        time.sleep(_BREATH)
    return gone


def old(transaction: Transaction, before: float, spared: str | None = None) -> list[str]:
    """Return runs that ended before a time, Unix seconds, and that no run has cast: the first there are, a batch.

    :param spared: a condition, in SQL, on which one is left out
    """
    others = "" if spared is None else f" AND NOT {spared}"
    sql = f"{_OLD}{others} ORDER BY created LIMIT :most"
    return [run for (run,) in transaction.execute(sql, before=before, most=BATCH)]


def drop(transaction: Transaction, runs: Sequence[str]) -> None:
    """Drop runs, those that there are, with all that they have cast."""
    left = list(runs)
    while left:
        names, ids = _listed(left[:BATCH])
        cast = transaction.execute(f"SELECT id FROM runs WHERE parent IN ({names})", **ids)
        transaction.change(f"DELETE FROM runs WHERE id IN ({names})", **ids)
        transaction.change(f"DELETE FROM entries WHERE run IN ({names})", **ids)
        left = [*left[BATCH:], *(run for (run,) in cast)]


def _listed(ids: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return texts as the parameters of a statement: their names in it, and their values."""
    values = {f"id{number}": each for number, each in enumerate(ids)}
    return ", ".join(f":{name}" for name in values), values
