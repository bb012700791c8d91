"""DBOS's tables are made by one process at a time, also behind a pooler, and brought up to date."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from llmspell_core.queue.settings import engine_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from llmspell_core.database import Database, Transaction

__all__ = ["make_tables"]

_SCHEMA = "dbos"
_MAKING = 6311580419
"""What is locked while they are made."""
_LOOK = 0.1
"""Seconds between two looks whether somebody else has made them."""


def make_tables(database: Database) -> None:
    """Have a database on a server hold the tables of DBOS. It blocks, and takes two of its connections.

    :raises SQLAlchemyError: when they cannot be made
    """
    from dbos._migration import should_migrate

    engine = engine_of(database)
    # DBOS would lock by session, which is nothing to a pooler that gives each transaction another one. And it does not
    # do to wait for the lock in a statement: an index that is made meanwhile would wait for that statement to end.
    while should_migrate(engine, _SCHEMA, use_listen_notify=True):
        with database.transaction() as transaction:
            if _lock(transaction):
                _make(engine)
                return
        time.sleep(_LOOK)


def _lock(transaction: Transaction) -> bool:
    """Lock until the transaction ends, however long nothing more is said in it; False when somebody else has."""
    locked = bool(transaction.execute("SELECT pg_try_advisory_xact_lock(:key)", key=_MAKING)[0][0])
    # Said last: after it the transaction looks at no state of the database, which an index would wait for.
    transaction.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    return locked


def _make(engine: Engine) -> None:
    from dbos._migration import ensure_dbos_schema, run_dbos_migrations

    ensure_dbos_schema(engine, _SCHEMA)
    run_dbos_migrations(engine, _SCHEMA, use_listen_notify=True)
