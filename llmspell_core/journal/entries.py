"""Entries of runs are written many in a statement, and read in order."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from llmspell_core.journal.records import Entry, dump, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.database import Transaction

__all__ = ["entries_of", "put"]

_MOST = 50
"""Entries of one statement."""
_TOLD = ("number", "kind", "at", "body", "about")


def put(transaction: Transaction, run: str, entries: Sequence[Entry]) -> None:
    """Write entries of a run."""
    for first in range(0, len(entries), _MOST):
        some = entries[first : first + _MOST]
        values: dict[str, Any] = {"run": run}
        for row, entry in enumerate(some):
            about = None if entry.about is None else dump(entry.about)
            told = (entry.number, entry.kind, entry.at, entry.body, about)
            values.update((f"{name}{row}", value) for name, value in zip(_TOLD, told, strict=True))
        transaction.change(_insertion(len(some)), **values)


def entries_of(transaction: Transaction, run: str) -> list[Entry]:
    """Return the entries of a run."""
    sql = "SELECT number, kind, at, body, about FROM entries WHERE run = :run ORDER BY number"
    return [
        Entry(number, kind, at, body, None if about is None else load(about))
        for number, kind, at, body, about in transaction.execute(sql, run=run)
    ]


@cache
def _insertion(rows: int) -> str:
    each = (f"(:run, {', '.join(f':{name}{row}' for name in _TOLD)})" for row in range(rows))
    return f"INSERT INTO entries (run, {', '.join(_TOLD)}) VALUES {', '.join(each)}"
