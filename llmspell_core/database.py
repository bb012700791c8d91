"""SQL databases by URL: SQLite in a file or in memory without any library, others through SQLAlchemy.

The statements are the same for all: standard SQL with named parameters, ``:name``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from llmspell_core.errors import LlmspellError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

__all__ = ["Database", "DatabaseError", "Transaction", "open_database"]

_T = TypeVar("_T")
_BUSY, _RETRY = 30.0, 0.001
"""Seconds that a transaction waits for those of other processes, and between two looks whether they are over."""
_STOPPED = 10.0
"""Seconds after which PostgreSQL undoes a transaction whose process says nothing more: it was stopped, or is cut off,
and others wait for the rows that it has changed."""
_MAKING = 6311580418
"""What PostgreSQL locks while tables are made, as two may not make the same one at once."""


class DatabaseError(LlmspellError):
    """A database cannot be opened, read or written; nothing of the transaction at hand was kept."""

    kind = "database"

    def __init__(self, url: str, problem: object) -> None:
        self.url = url
        super().__init__(f"the database {url}: {problem}; check that it is there, has room and may be written")


class Transaction(Protocol):
    """Statements that take effect together or not at all."""

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows, none where it returns none."""
        ...

    def change(self, sql: str, **values: Any) -> int:
        """Run a statement and return how many rows it has changed."""
        ...


class Database(ABC):
    """One database, for any thread.

    :param url: as its owner may see it: without a password
    """

    dialect: str
    """``sqlite``, ``postgresql``, ..."""
    is_local = False
    """True where a transaction is so short that nothing need go on meanwhile."""

    def __init__(self, url: str) -> None:
        self.url = url

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """Return a transaction, kept when its block ends and undone when it raises; :raises DatabaseError:."""

    @abstractmethod
    def close(self) -> None:
        """Let go of every connection. A second call does nothing."""

    def missing(self, transaction: Transaction, schema: Sequence[str]) -> Sequence[str]:
        """Return those statements that make what is not there."""
        return schema

    async def run(self, work: Callable[[Transaction], _T]) -> _T:
        """Return what some work makes of a transaction, the event loop going on meanwhile unless the database is local.

        :raises DatabaseError: when nothing of it was kept
        """
        if self.is_local:
            return self._work(work)
        import asyncio

        return await asyncio.to_thread(self._work, work)

    def _work(self, work: Callable[[Transaction], _T]) -> _T:
        with self.transaction() as transaction:
            return work(transaction)


def open_database(url: str, schema: Sequence[str] = (), *, connections: int | None = None) -> Database:
    """Return the database of a URL: ``sqlite:///FILE``, ``sqlite://`` for one in memory, or SQLAlchemy's for others.

    :param schema: statements that make its tables where they are missing; ``{bytes}`` and ``{serial}`` in them stand
        for the database's own names of a type for bytes, and of a key that counts up by itself
    :param connections: to a server, that are open at once at the most; whoever finds none free waits
    :raises DatabaseError: when it cannot be opened
    :raises UsageError: when the URL is none
    """
    scheme, found, rest = url.partition("://")
    if not found:
        raise UsageError(f"{url!r} is no database; write sqlite:///FILE, or a URL like postgresql+psycopg://HOST/NAME")
    database: Database = _Sqlite(url, rest.removeprefix("/")) if scheme == "sqlite" else _Server(url, connections)
    names = _TYPES.get(database.dialect, _TYPES["sqlite"])
    with database.transaction() as transaction:
        for statement in database.missing(transaction, schema):
            transaction.execute(statement.format(**names))
    return database


_TYPES = {
    "sqlite": {"bytes": "BLOB", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT"},
    "postgresql": {"bytes": "BYTEA", "serial": "BIGSERIAL PRIMARY KEY"},
    "mysql": {"bytes": "LONGBLOB", "serial": "BIGINT AUTO_INCREMENT PRIMARY KEY"},
}


class _Sqlite(Database):
    """One connection, in WAL mode: readers and one writer at a time, across processes."""

    dialect = "sqlite"
    is_local = True

    def __init__(self, url: str, path: str) -> None:
        super().__init__(url)
        self._lock = threading.RLock()
        try:
            if path:
                _make_private(path)
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=_BUSY, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            # Its own patience sleeps up to 0.1 seconds at a time, while writers come and go within a millisecond.
            self._connection.execute("PRAGMA busy_timeout = 0")
            # A process that dies loses nothing; a machine that loses power may lose the last moments, never more.
            self._connection.execute("PRAGMA synchronous = NORMAL")
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(url, error) from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            try:
                self._begin()
                yield _SqliteTransaction(self._connection)
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                raise DatabaseError(self.url, error) from error
            except BaseException:
                self._undo()
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _begin(self) -> None:
        """Begin to write, once no other connection does."""
        given_up = time.monotonic() + _BUSY
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > given_up:
                    raise
            time.sleep(_RETRY)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def change(self, sql: str, **values: Any) -> int:
        return self._connection.execute(sql, values).rowcount


class _Server(Database):
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
                pool_pre_ping=True,
                pool_size=pool[0],
                max_overflow=pool[1],
                # A pooler between may give each transaction another connection, which has not prepared the statement.
                connect_args={"prepare_threshold": None} if made.drivername == "postgresql+psycopg" else {},
            )
        except (sqlalchemy.exc.ArgumentError, ImportError) as error:
            raise UsageError(f"{url.partition(':')[0]!r} is no database that is installed here: {error}") from error
        super().__init__(made.render_as_string(hide_password=True))
        self.dialect = self.engine.dialect.name
        if self.dialect == "postgresql":
            sqlalchemy.event.listen(self.engine, "connect", _bound_transactions)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        try:
            with self.engine.begin() as connection:
                yield _ServerTransaction(connection, self._sql.text)
        except self._sql.exc.SQLAlchemyError as error:
            raise DatabaseError(self.url, getattr(error, "orig", None) or error) from error

    def close(self) -> None:
        self.engine.dispose()

    def missing(self, transaction: Transaction, schema: Sequence[str]) -> Sequence[str]:
        if self.dialect != "postgresql":
            return schema
        # Even where an index is there, to make it "if not exists" waits for all that write to its table.
        left = [each for each in schema if not _is_there(transaction, each)]
        if left:
            transaction.execute("SELECT pg_advisory_xact_lock(:key)", key=_MAKING)
        return left


class _ServerTransaction:
    def __init__(self, connection: Any, text: Callable[[str], Any]) -> None:
        self._connection, self._text = connection, text

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        result = self._connection.execute(self._text(sql), values)
        return [tuple(row) for row in result] if result.returns_rows else []

    def change(self, sql: str, **values: Any) -> int:
        return int(self._connection.execute(self._text(sql), values).rowcount)


def _bound_transactions(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {int(_STOPPED * 1000)}")
    connection.commit()


def _is_there(transaction: Transaction, statement: str) -> bool:
    """Tell whether PostgreSQL has what a statement makes."""
    name = statement.partition(" IF NOT EXISTS ")[2].partition(" ")[0]
    return bool(name) and bool(transaction.execute("SELECT to_regclass(:name) IS NOT NULL", name=name)[0][0])


def _make_private(path: str) -> None:
    """Have a file that only its owner can read; a new database in it takes the mode over."""
    if folder := os.path.dirname(path):
        os.makedirs(folder, mode=0o700, exist_ok=True)
    # Never one that is there already: whoever closes a file lets go of all locks that its process has on it, those of
    # another connection too, and SQLite would take the database to be nobody's.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
