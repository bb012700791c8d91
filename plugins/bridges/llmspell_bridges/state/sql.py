"""Values in tables of a SQL database, shared by whichever processes open it.

Whoever changes a space first takes the row of the space, and gives it back with the transaction: changes of one space
come one after the other, and as each takes one such row, none waits in a circle.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from llmspell_bridges.state.sql_commit import Commit, Transaction, enter, rows_of
from llmspell_bridges.state.store import Bounds, Change, Codec, Entry, Make, Past, Store
from llmspell_bridges.state.store_failed import StoreFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["TABLES", "SqlStore", "open_sql"]

_TRIES = 3
_CONNECTIONS = 4
"""To a server, at the most: what is done there is short, and nothing that holds one waits for another."""
TABLES = (
    "CREATE TABLE IF NOT EXISTS state_spaces (space {bytes} PRIMARY KEY, used BIGINT NOT NULL, used_by_past BIGINT"
    " NOT NULL, entries BIGINT NOT NULL, revision BIGINT NOT NULL, fence BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS state_entries (space {bytes} NOT NULL, name {bytes} NOT NULL, version BIGINT NOT NULL,"
    " value TEXT NOT NULL, expires DOUBLE PRECISION, time DOUBLE PRECISION NOT NULL, size BIGINT NOT NULL,"
    " PRIMARY KEY (space, name))",
    "CREATE INDEX IF NOT EXISTS state_expiring ON state_entries (space, expires)",
    "CREATE TABLE IF NOT EXISTS state_past (space {bytes} NOT NULL, name {bytes} NOT NULL, version BIGINT NOT NULL,"
    " value TEXT NOT NULL, time DOUBLE PRECISION NOT NULL, until DOUBLE PRECISION NOT NULL, size BIGINT NOT NULL,"
    " PRIMARY KEY (space, name, version))",
    "CREATE TABLE IF NOT EXISTS state_locks (space {bytes} NOT NULL, name {bytes} NOT NULL, owner TEXT NOT NULL,"
    " fence BIGINT NOT NULL, expires DOUBLE PRECISION NOT NULL, PRIMARY KEY (space, name))",
)
"""``{bytes}`` stands for the database's name of a type for bytes."""


class _Database(Protocol):
    dialect: str
    is_local: bool

    def transaction(self) -> AbstractContextManager[Transaction]: ...
    def close(self) -> None: ...


def open_sql(url: str, bounds: Bounds, clock: Callable[[], float], codec: Codec) -> SqlStore:
    """Return the store in the database of a URL, its tables made where they are missing."""
    from llmspell_core.database import DatabaseError, open_database

    for attempt in range(_TRIES):
        try:
            return SqlStore(open_database(url, TABLES, connections=_CONNECTIONS), bounds, clock, codec)
        except DatabaseError:
            # Two processes that make the same tables at the same time fail in PostgreSQL; then they are there.
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


class SqlStore(Store):
    """Spaces in four tables.

    :param database: has ``transaction()``, ``dialect``, ``is_local`` and ``close()``
    """

    def __init__(self, database: _Database, bounds: Bounds, clock: Callable[[], float], codec: Codec) -> None:
        super().__init__(bounds, clock)
        self._database, self._codec = database, codec
        self.is_local = database.is_local

    def read(self, space: str, keys: Iterable[str]) -> dict[str, Entry]:
        with self._transaction() as transaction:
            return self._read(transaction, space, list(keys))

    def keys(self, space: str, prefix: str) -> tuple[list[str], int]:
        sql = "SELECT name FROM state_entries WHERE space = :space AND (expires IS NULL OR expires > :now)"
        begin = prefix.encode()
        values = {"space": space.encode(), "now": self.clock(), "begin": begin}
        if end := _after(begin):
            sql, values["end"] = f"{sql} AND name < :end", end
        with self._transaction() as transaction:
            # The revision first: a change that comes between is then seen as one.
            rows = transaction.execute("SELECT revision FROM state_spaces WHERE space = :space", space=space.encode())
            names = transaction.execute(f"{sql} AND name >= :begin ORDER BY name", **values)
        return [bytes(name).decode() for (name,) in names], rows[0][0] if rows else 0

    def commit(self, space: str, change: Change) -> int:
        for key in change.writes:
            self.bounds.check_key(key)
        with self._transaction() as transaction:
            return self._commit(transaction, space, self.clock()).make(change)

    def alter(self, space: str, key: str, make: Make) -> Entry | None:
        self.bounds.check_key(key)
        with self._transaction() as transaction:
            now = self.clock()
            commit = self._commit(transaction, space, now)
            write = make(self._read(transaction, space, [key]).get(key))
            version = commit.make(Change({key: write}))
            return None if write is None else Entry(write.value, version, write.expires, now)

    def history(self, space: str, key: str) -> list[Past]:
        with self._transaction() as transaction:
            rows = transaction.execute(
                "SELECT value, version, time, until FROM state_past WHERE space = :space AND name = :name"
                " ORDER BY version DESC",
                **_names(space, key),
            )
        return [Past(self._codec.read(text), *rest) for text, *rest in rows]

    def acquire(self, space: str, name: str, owner: str, ttl: float) -> int | None:
        self.bounds.check_key(name)
        with self._transaction() as transaction:
            enter(transaction, space)
            now = self._server_time(transaction)
            transaction.change(
                "DELETE FROM state_locks WHERE space = :space AND expires <= :now", space=space.encode(), now=now
            )
            transaction.change(
                "UPDATE state_spaces SET fence = fence + 1 WHERE space = :space AND NOT EXISTS"
                " (SELECT 1 FROM state_locks WHERE space = :space AND name = :name)",
                **_names(space, name),
            )
            taken = transaction.change(
                "INSERT INTO state_locks (space, name, owner, fence, expires)"
                " SELECT space, :name, :owner, fence, :expires FROM state_spaces WHERE space = :space"
                " ON CONFLICT DO NOTHING",
                **_names(space, name),
                owner=owner,
                expires=now + ttl,
            )
            if not taken:
                return None
            [(fence,)] = transaction.execute(
                "SELECT fence FROM state_spaces WHERE space = :space", space=space.encode()
            )
            return int(fence)

    def renew(self, space: str, name: str, owner: str, ttl: float) -> bool:
        with self._transaction() as transaction:
            now = self._server_time(transaction)
            renewed = transaction.change(
                "UPDATE state_locks SET expires = :expires"
                " WHERE space = :space AND name = :name AND owner = :owner AND expires > :now",
                **_names(space, name),
                owner=owner,
                now=now,
                expires=now + ttl,
            )
            return renewed > 0

    def release(self, space: str, name: str, owner: str) -> bool:
        with self._transaction() as transaction:
            now = self._server_time(transaction)
            rows = transaction.execute(
                "DELETE FROM state_locks WHERE space = :space AND name = :name AND owner = :owner RETURNING expires",
                **_names(space, name),
                owner=owner,
            )
            return bool(rows) and rows[0][0] > now

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        from llmspell_core.database import DatabaseError

        try:
            with self._database.transaction() as transaction:
                yield transaction
        except DatabaseError as error:
            raise StoreFailed(error.url, error.__cause__ or error) from error

    def _commit(self, transaction: Transaction, space: str, now: float) -> Commit:
        return Commit(transaction, space, self.bounds, self._codec.write, now, self._server_time)

    def _read(self, transaction: Transaction, space: str, keys: list[str]) -> dict[str, Entry]:
        rows = rows_of(transaction, "name, value, version, expires, time", space, keys)
        now = self.clock()
        return {
            bytes(name).decode(): Entry(self._codec.read(text), version, expires, time)
            for name, text, version, expires, time in rows
            if expires is None or expires > now
        }

    def _server_time(self, transaction: Transaction) -> float:
        """Return the time by which locks end: that of the server, which all its clients have in common."""
        if self._database.dialect == "postgresql":
            return float(transaction.execute("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS FLOAT8)")[0][0])
        return time.time()


def _names(space: str, name: str) -> dict[str, bytes]:
    return {"space": space.encode(), "name": name.encode()}


def _after(begin: bytes) -> bytes | None:
    """Return what comes after all that begins so, None where nothing does."""
    kept = begin.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None
