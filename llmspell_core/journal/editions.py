"""The tables of a journal, and how an older journal is brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.database import open_database
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.database import Database, Transaction

__all__ = ["NewerJournal", "open_journal"]

_EDITIONS = "CREATE TABLE IF NOT EXISTS journal_editions (edition INTEGER PRIMARY KEY)"
"""Holds a row for each edition that the journal has been brought to; the first had no such table."""
_FIRST = (
    """CREATE TABLE IF NOT EXISTS runs (
        id VARCHAR(200) PRIMARY KEY, parent VARCHAR(200), name VARCHAR(200), engine VARCHAR(80) NOT NULL,
        spell TEXT NOT NULL, params TEXT NOT NULL, seed BIGINT NOT NULL, model TEXT, policy TEXT NOT NULL,
        limits TEXT NOT NULL, budget TEXT NOT NULL, isolation VARCHAR(20) NOT NULL, versions TEXT NOT NULL,
        status VARCHAR(20) NOT NULL, epoch INTEGER NOT NULL, owner VARCHAR(200) NOT NULL,
        created DOUBLE PRECISION NOT NULL, changed DOUBLE PRECISION NOT NULL, duration DOUBLE PRECISION NOT NULL,
        value TEXT, output TEXT, error TEXT, usage TEXT)""",
    "CREATE INDEX IF NOT EXISTS runs_by_age ON runs (created)",
    "CREATE INDEX IF NOT EXISTS runs_by_parent ON runs (parent)",
    """CREATE TABLE IF NOT EXISTS entries (
        run VARCHAR(200) NOT NULL, number INTEGER NOT NULL, kind VARCHAR(10) NOT NULL, at DOUBLE PRECISION NOT NULL,
        body TEXT NOT NULL, about TEXT, PRIMARY KEY (run, number))""",
)
_STEPS: Sequence[Sequence[str]] = ()
"""For each edition after the first, the statements that bring a journal there from the one before; a new journal takes
them all. An edition is due when tables change, and when what is written can no longer be read by the one before."""


class NewerJournal(UsageError):
    """A newer llmspell has brought the journal up to date, so that this one cannot tell what it holds."""

    def __init__(self, url: str, found: int, known: int) -> None:
        super().__init__(
            f"the journal {url} is of edition {found}, and this llmspell knows {known}: a newer one has used it; "
            "pip install -U llmspell-core, or name another with --journal"
        )


def open_journal(url: str, connections: int | None) -> Database:
    """Return the database of a journal, its tables made and brought up to date.

    :raises NewerJournal: when it is of an edition to come
    """
    database = open_database(url, (_EDITIONS,), connections=connections)
    try:
        with database.transaction() as transaction:
            _bring_up_to_date(database, transaction)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up_to_date(database: Database, transaction: Transaction) -> None:
    newest = len(_STEPS) + 1
    found = _edition(transaction)
    if found < newest:
        # Whoever else does it meanwhile has done it once this goes on.
        database.alone(transaction)
        found = _edition(transaction)
    if found > newest:
        raise NewerJournal(database.url, found, newest)
    if found == 0:
        database.make(transaction, _FIRST)
    for edition in range(found + 1, newest + 1):
        for statement in _STEPS[edition - 2] if edition > 1 else ():
            transaction.execute(statement)
        transaction.change("INSERT INTO journal_editions (edition) VALUES (:edition)", edition=edition)


def _edition(transaction: Transaction) -> int:
    """Return the edition of a journal, 0 for one that is new or was there before editions were counted."""
    return int(transaction.execute("SELECT COALESCE(MAX(edition), 0) FROM journal_editions")[0][0])
