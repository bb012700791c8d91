"""Databases on servers, through SQLAlchemy."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from llmspell_core.database import Database, DatabaseError, Transaction
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Server"]

_STOPPED = 10.0
"""Seconds after which PostgreSQL undoes a transaction whose process says nothing more: it was stopped, or is cut off,
and others wait for the rows that it has changed."""
_MAKING = 6311580418
"""What PostgreSQL locks while tables are made, as two may not make the same one at once."""

_FRESH = 1.0
"""Seconds after its last use in which a connection is taken to be there, instead of being asked."""


class Server(Database):
    """A pool of connections to a server."""

    def __init__(self, url: str, connections: int | None) -> None:
        try:
            import sqlalchemy
        except ImportError as error:
            scheme = url.partition(":")[0]
            raise UsageError(f"{scheme} databases need a library: pip install 'llmspell-core[sql]'") from error
        self._sql = sqlalchemy
        try:
            made = sqlalchemy.make_url(url)
            if made.drivername == "postgresql":
                made = made.set(drivername="postgresql+psycopg")
            pool = (5, 20) if connections is None else (connections, 0)
            self.engine = sqlalchemy.create_engine(
                made,
                pool_size=pool[0],
                max_overflow=pool[1],
                # The one that was used last is the quickest.
                pool_use_lifo=True,
                connect_args=_psycopg(made.query) if made.drivername == "postgresql+psycopg" else {},
            )
        except (sqlalchemy.exc.ArgumentError, ImportError) as error:
            raise UsageError(f"{url.partition(':')[0]!r} is no database that is installed here: {error}") from error
        super().__init__(made.render_as_string(hide_password=True))
        self.dialect = self.engine.dialect.name
        sqlalchemy.event.listen(self.engine, "checkin", _note_use)
        sqlalchemy.event.listen(self.engine, "checkout", self._check)
        if self.dialect == "postgresql":
            sqlalchemy.event.listen(self.engine, "connect", _bound_transactions)
        self._text = lru_cache(500)(sqlalchemy.text)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        try:
            with self.engine.begin() as connection:
                yield _ServerTransaction(connection, self._text)
        except self._sql.exc.SQLAlchemyError as error:
            problem = getattr(error, "orig", None) or error
            raise DatabaseError(self.url, problem, passing=self._is_passing(error, problem)) from error

    def close(self) -> None:
        self.engine.dispose()

    def _check(self, connection: Any, record: Any, proxy: Any) -> None:
        """Have another connection be made in the place of one that has gone while nobody used it."""
        if time.monotonic() - record.info.get("used", math.inf) < _FRESH:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self._sql.exc.DisconnectionError from error

    def _is_passing(self, error: Exception, problem: object) -> bool:
        state = getattr(problem, "sqlstate", None) or ""
        if state.startswith(_TOO_MUCH):
            return False
        return state == _READ_ONLY or isinstance(error, self._sql.exc.OperationalError | self._sql.exc.TimeoutError)

    def missing(self, transaction: Transaction, schema: Sequence[str]) -> Sequence[str]:
        if self.dialect != "postgresql":
            return schema
        # Even where an index is there, to make it "if not exists" waits for all that write to its table.
        left = [each for each in schema if not _is_there(transaction, each)]
        if left:
            self.alone(transaction)
        return left

    def alone(self, transaction: Transaction) -> None:
        if self.dialect == "postgresql":
            transaction.execute("SELECT pg_advisory_xact_lock(:key)", key=_MAKING)


_TOO_MUCH, _READ_ONLY = "54", "25006"
"""What PostgreSQL says to a statement beyond what it can do, and where it stands by for another server."""


class _ServerTransaction:
    def __init__(self, connection: Any, text: Callable[[str], Any]) -> None:
        self._connection, self._text = connection, text

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        result = self._connection.execute(self._text(sql), values)
        return [tuple(row) for row in result] if result.returns_rows else []

    def change(self, sql: str, **values: Any) -> int:
        return int(self._connection.execute(self._text(sql), values).rowcount)


_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server that a cut network has taken away is given up within half a minute, where the system would take many."""


def _psycopg(said: Mapping[str, object]) -> dict[str, Any]:
    """Return how to connect, but for what the URL says."""
    # A pooler between may give each transaction another connection, which has not prepared the statement.
    return {"prepare_threshold": None} | {name: value for name, value in _NETWORK.items() if name not in said}


def _note_use(connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _bound_transactions(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {int(_STOPPED * 1000)}")
    connection.commit()


def _is_there(transaction: Transaction, statement: str) -> bool:
    """Tell whether PostgreSQL has what a statement makes."""
    name = statement.partition(" IF NOT EXISTS ")[2].partition(" ")[0]
    return bool(name) and bool(transaction.execute("SELECT to_regclass(:name) IS NOT NULL", name=name)[0][0])
