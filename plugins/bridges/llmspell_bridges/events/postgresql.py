"""The bus of all who have a PostgreSQL in common: events in a table, and its NOTIFY with their numbers."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.bus import BusFailed
from llmspell_bridges.events.numbered import log
from llmspell_bridges.events.sql import SCHEMA, SqlBus
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from llmspell_bridges.events.bus import Bounds
    from llmspell_core.database import Transaction

__all__ = ["PostgresqlBus", "open_postgresql"]

# Two who make the same table at once would fail each other.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7232650163)"
_LOOK = 30.0
"""Seconds after which the table is looked at though nothing was told."""
_AGAIN = 1.0


def open_postgresql(url: str, space: str, bounds: Bounds) -> PostgresqlBus:
    """Return the bus in a database; it is opened when it is first used.

    :raises UsageError: when what it needs is not installed
    """
    try:
        import psycopg  # noqa: F401 - told of here rather than when the first event is emitted
    except ImportError as error:
        raise UsageError("a bus in PostgreSQL needs a library: pip install 'llmspell-core[sql]'") from error
    return PostgresqlBus(url, space, bounds, (_ONE_AT_A_TIME, *SCHEMA))


class PostgresqlBus(SqlBus):
    """Is told of each event by a notification, which holds no more than its number."""

    _connection: Any = None

    @property
    def _topic(self) -> str:
        return "llmspell_events_" + hashlib.sha256(self._space.encode()).hexdigest()[:16]

    def _kept(self, transaction: Transaction, number: int) -> None:
        transaction.execute("SELECT pg_notify(:topic, :number)", topic=self._topic, number=str(number))

    async def close(self) -> None:
        await super().close()
        await self._leave()

    async def _watched(self) -> None:
        from psycopg import Error

        try:
            await self._enter()
        except BaseException as error:
            await self._leave()
            if isinstance(error, Error):
                raise BusFailed(self.url, error) from error
            raise
        self._start(self._watch())

    async def _enter(self) -> None:
        from psycopg import AsyncConnection

        scheme, _, rest = self._full_url.partition("://")
        url = f"{scheme.partition('+')[0]}://{rest}"
        self._connection = await AsyncConnection.connect(url, autocommit=True)
        await self._connection.execute(f"LISTEN {self._topic}")

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _watch(self) -> None:
        from psycopg import Error

        while True:
            try:
                if self._connection is None:
                    await self._enter()
                while True:
                    self._woken.set()
                    async for _ in self._connection.notifies(timeout=_LOOK):
                        self._woken.set()
            except Error as error:
                log.warning("the event bus %s has gone, and is looked for: %s", self.url, error)
                await self._leave()
            await asyncio.sleep(_AGAIN)
