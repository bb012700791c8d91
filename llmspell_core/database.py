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


class DatabaseError(LlmspellError):
    """A database cannot be opened, read or written; nothing of the transaction at hand was kept.

    :param passing: it is away, full or busy, so that whatever was to be done may well be done later
    """

    kind = "database"

    def __init__(self, url: str, problem: object, *, passing: bool = False) -> None:
        self.url, self.passing = url, passing
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

    def make(self, transaction: Transaction, schema: Sequence[str]) -> None:
        """Run those statements that make what is not there."""
        names = _TYPES.get(self.dialect, _TYPES["sqlite"])
        for statement in self.missing(transaction, schema):
            transaction.execute(statement.format(**names))

    def missing(self, transaction: Transaction, schema: Sequence[str]) -> Sequence[str]:
        """Return those statements that make what is not there."""
        return schema

    def shrink(self) -> None:  # noqa: B027 - a server sees to it by itself
        """Give back the room of what was deleted, where the database does not do so by itself, while others go on."""

    def alone(self, transaction: Transaction) -> None:  # noqa: B027 - in SQLite each transaction that writes is alone
        """Have nobody else make or change tables until a transaction ends, where another could."""

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
    database: Database = _Sqlite(url, rest.removeprefix("/")) if scheme == "sqlite" else _server(url, connections)
    try:
        with database.transaction() as transaction:
            database.make(transaction, schema)
    except BaseException:
        database.close()
        raise
    return database


def _server(url: str, connections: int | None) -> Database:
    from llmspell_core.servers import Server

    return Server(url, connections)


_PAGES = 500
"""Pages of a file that are given back in one transaction."""
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
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(url, error) from error
        try:
            # Its own patience sleeps up to 0.1 seconds at a time, while writers come and go within a millisecond.
            self._connection.execute("PRAGMA busy_timeout = 0")
            # Takes effect in a new file only, and before anything else is said.
            self._patiently("PRAGMA auto_vacuum = INCREMENTAL")
            self._patiently("PRAGMA journal_mode = WAL")
            # A process that dies loses nothing; a machine that loses power may lose the last moments, never more.
            self._connection.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error as error:
            self._connection.close()
            raise DatabaseError(url, error) from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            try:
                self._patiently("BEGIN IMMEDIATE")
                yield _SqliteTransaction(self._connection)
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                raise DatabaseError(self.url, error, passing=_code(error) in _PASSING) from error
            except BaseException:
                self._undo()
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def shrink(self) -> None:
        before = 0
        while True:
            with self.transaction() as transaction:
                free = int(transaction.execute("PRAGMA freelist_count")[0][0])
                # A file from before it was made so stays as large as it is.
                if free in (0, before):
                    return
                for _ in range(min(free, _PAGES)):
                    # However many it is told, it gives back one each time that Python runs it.
                    transaction.execute("PRAGMA incremental_vacuum(1)")
            before = free
            time.sleep(_RETRY)

    def _patiently(self, statement: str) -> None:
        """Run a statement once no other connection is in its way."""
        given_up = time.monotonic() + _BUSY
        while True:
            try:
                self._connection.execute(statement)
                return
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > given_up:
                    raise
            time.sleep(_RETRY)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def change(self, sql: str, **values: Any) -> int:
        return self._connection.execute(sql, values).rowcount


def _make_private(path: str) -> None:
    """Have a file that only its owner can read; a new database in it takes the mode over."""
    if folder := os.path.dirname(path):
        os.makedirs(folder, mode=0o700, exist_ok=True)
    # Never one that is there already: whoever closes a file lets go of all locks that its process has on it, those of
    # another connection too, and SQLite would take the database to be nobody's.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
