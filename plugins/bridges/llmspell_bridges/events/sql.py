"""Events in a table, numbered in the order in which they were kept, for the drivers of SQL databases."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.bus import BusFailed, plain_url
from llmspell_bridges.events.numbered import Line, NumberedBus, at_least, log
from llmspell_core.database import DatabaseError, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_bridges.events.bus import Bounds, Receiver
    from llmspell_bridges.events.event import Event
    from llmspell_core.database import Database, Transaction

__all__ = ["SCHEMA", "SqlBus"]

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS llmspell_event_spaces (space VARCHAR(64) PRIMARY KEY, last BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS llmspell_events (space VARCHAR(64) NOT NULL, number BIGINT NOT NULL,"
    " id VARCHAR(64) NOT NULL, node VARCHAR(64) NOT NULL, size INTEGER NOT NULL, body TEXT NOT NULL,"
    " PRIMARY KEY (space, number), UNIQUE (space, id))",
)
_PAGE = 500
_AGAIN = 1.0
"""Seconds after which a database that failed is asked again."""


class SqlBus(NumberedBus):
    """Writes events to a table and reads those of others from there, woken by what :meth:`_watch` sees."""

    def __init__(self, url: str, space: str, bounds: Bounds, schema: Sequence[str] = SCHEMA) -> None:
        super().__init__(bounds)
        self.url, self._space, self._schema = plain_url(url), space, schema
        self._full_url = url
        self._database: Database | None = None
        self._opening = asyncio.Lock()
        self._running: set[asyncio.Future[Any]] = set()
        self._published = 0
        self._woken = asyncio.Event()

    async def publish(self, event: Event, node: str) -> None:
        self._published += 1
        prune = self._published % max(10, min(1000, self._bounds.events // 10)) == 0

        def work(transaction: Transaction) -> None:
            number = self._next_number(transaction)
            known = "SELECT 1 FROM llmspell_events WHERE space = :space AND id = :id"
            if transaction.execute(known, space=self._space, id=event.id):
                raise _Known
            row = {"number": number, "id": event.id, "node": node, "size": event.size, "body": event.text().decode()}
            insert = "INSERT INTO llmspell_events (space, number, id, node, size, body)"
            transaction.change(f"{insert} VALUES (:space, :number, :id, :node, :size, :body)", space=self._space, **row)
            if prune:
                self._prune(transaction, number)
            self._kept(transaction, number)

        with contextlib.suppress(_Known):  # then its number is free again
            await self._run(work)

    async def listen(self, receiver: Receiver) -> None:
        line = Line(await self._last())
        # It is woken at once, so that nothing is missed that came meanwhile.
        await self._watched()
        self._start(self._read(receiver, line))

    async def close(self) -> None:
        await self._stop()
        await asyncio.gather(*self._running, return_exceptions=True)
        database, self._database = self._database, None
        if database is not None:
            await asyncio.to_thread(database.close)

    async def _last(self) -> int:
        last = "SELECT last FROM llmspell_event_spaces WHERE space = :space"
        return int(await self._run(lambda transaction: transaction.execute(last, space=self._space)[0][0]))

    async def _between(self, first: int, before: int) -> list[bytes]:
        rows = "SELECT body FROM llmspell_events WHERE space = :space AND number >= :first AND number < :before"
        values = {"space": self._space, "first": first, "before": before}
        found = await self._run(lambda transaction: transaction.execute(f"{rows} ORDER BY number", **values))
        return [row[0].encode() for row in found]

    @abstractmethod
    async def _watched(self) -> None:
        """Begin to set ``_woken``, now and whenever something may have come, by a task of :meth:`_start`.

        There is the space by now. Nothing has begun where it fails or is cancelled.
        """

    def _kept(self, transaction: Transaction, number: int) -> None:
        """Do what belongs to the transaction that keeps an event."""

    async def _read(self, receiver: Receiver, line: Line) -> None:
        """Tell of events in the order of their numbers, whenever some have come."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                rows = await self._run(partial(self._news, last=line.last))
            except BusFailed as error:
                log.warning("events are read again soon: %s", error)
                await asyncio.sleep(_AGAIN)
                self._woken.set()
                continue
            for number, node, body in rows:
                self._came(receiver, line, number, node, body.encode())
            if len(rows) == _PAGE:
                self._woken.set()

    async def _run(self, work: Callable[[Transaction], Any]) -> Any:
        """Return what some work makes of a transaction; :raises BusFailed: when it cannot be done."""
        running = asyncio.ensure_future(self._work(work))
        self._running.add(running)
        running.add_done_callback(self._has_run)
        try:
            # Whoever asked may be cancelled; what a thread does goes on, and has its connection until it is done.
            return await asyncio.shield(running)
        except DatabaseError as error:
            # Of what SQLAlchemy wraps, the driver's own words.
            cause = error.__cause__ or error
            raise BusFailed(self.url, getattr(cause, "orig", None) or cause) from error

    async def _work(self, work: Callable[[Transaction], Any]) -> Any:
        async with self._opening:
            if self._database is None:
                self._database = await self._opened()
        return await self._database.run(work)

    def _has_run(self, running: asyncio.Future[Any]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # whoever still waits for it has it

    async def _opened(self) -> Database:
        database = await asyncio.to_thread(open_database, self._full_url, self._schema)
        first = "INSERT INTO llmspell_event_spaces (space, last) VALUES (:space, 0) ON CONFLICT (space) DO NOTHING"
        await database.run(lambda transaction: transaction.change(first, space=self._space))
        return database

    def _next_number(self, transaction: Transaction) -> int:
        # It holds the space until the transaction ends, so that numbers are seen in their order.
        count = "UPDATE llmspell_event_spaces SET last = last + 1 WHERE space = :space RETURNING last"
        return int(transaction.execute(count, space=self._space)[0][0])

    def _news(self, transaction: Transaction, last: int) -> list[tuple[Any, ...]]:
        news = "SELECT number, node, body FROM llmspell_events WHERE space = :space AND number > :last"
        return transaction.execute(f"{news} ORDER BY number LIMIT {_PAGE}", space=self._space, last=last)

    def _prune(self, transaction: Transaction, last: int) -> None:
        """Drop what is beyond the bounds."""
        bounds = at_least(self._bounds)
        sizes = (
            "SELECT number, SUM(size) OVER (ORDER BY number DESC) AS total FROM llmspell_events WHERE space = :space"
            " AND number > :first"
        )
        oldest = f"SELECT MIN(number) FROM ({sizes}) AS sizes WHERE total <= :bytes"
        values = {"space": self._space, "first": last - bounds.events, "bytes": bounds.bytes}
        first = transaction.execute(oldest, **values)[0][0]
        prune = "DELETE FROM llmspell_events WHERE space = :space AND number < :first"
        transaction.change(prune, space=self._space, first=last if first is None else first)


class _Known(Exception):
    """An event of that id is kept already."""
