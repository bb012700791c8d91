"""Which workers are alive: each tells the database every half second, and whoever has not for three is dead.

Times are the database's own, so that the clocks of machines do not matter.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from llmspell_core.database import DatabaseError, open_database

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.database import Transaction

__all__ = ["BEAT", "DEAD", "Heartbeats", "Pulse"]

BEAT = 0.5
"""Seconds between two signs of life."""
DEAD = 3.0
"""Seconds without one after which a worker counts as dead."""

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS queue_workers (
        id VARCHAR(200) PRIMARY KEY, queue VARCHAR(200) NOT NULL, began DOUBLE PRECISION NOT NULL,
        beat DOUBLE PRECISION NOT NULL)""",
)
_NOW = {"sqlite": "((julianday('now') - 2440587.5) * 86400.0)", "postgresql": "EXTRACT(EPOCH FROM clock_timestamp())"}


class Heartbeats:
    """The signs of life of all workers of a database.

    :raises DatabaseError: when it cannot be opened
    """

    def __init__(self, url: str) -> None:
        # One of its own, so that a sign of life never waits for what jobs write.
        self.database = open_database(url, _SCHEMA, connections=1)
        self._now = _NOW[self.database.dialect]

    def arrive(self, id: str, queue: str) -> None:
        """Add a worker that lives from now on."""
        sql = f"INSERT INTO queue_workers (id, queue, began, beat) VALUES (:id, :queue, {self._now}, {self._now})"
        with self.database.transaction() as transaction:
            transaction.change(sql, id=id, queue=queue)

    def beat(self, id: str) -> bool:
        """Note that a worker lives; False when it has been declared dead."""
        sql = f"UPDATE queue_workers SET beat = {self._now} WHERE id = :id"
        with self.database.transaction() as transaction:
            return transaction.change(sql, id=id) > 0

    def bury(self) -> list[str]:
        """Declare those dead who give no sign of life any more, and return them."""
        with self.database.transaction() as transaction:
            return [worker for worker in self._silent(transaction) if self._gone(transaction, worker)]

    def leave(self, id: str) -> None:
        """Drop a worker that has nothing left to do."""
        with self.database.transaction() as transaction:
            transaction.change("DELETE FROM queue_workers WHERE id = :id", id=id)

    def living(self, queue: str) -> int:
        """Return how many workers a queue has."""
        with self.database.transaction() as transaction:
            rows = transaction.execute("SELECT COUNT(*) FROM queue_workers WHERE queue = :queue", queue=queue)
        return int(rows[0][0])

    def close(self) -> None:
        """Let go of the database. A second call does nothing."""
        self.database.close()

    def _silent(self, transaction: Transaction) -> list[str]:
        rows = transaction.execute(f"SELECT id FROM queue_workers WHERE beat < {self._now} - {DEAD}")
        return [worker for (worker,) in rows]

    def _gone(self, transaction: Transaction, id: str) -> bool:
        # It may have beaten in the meantime, or somebody else may have buried it.
        sql = f"DELETE FROM queue_workers WHERE id = :id AND beat < {self._now} - {DEAD}"
        return transaction.change(sql, id=id) > 0


class Pulse(threading.Thread):
    """Beats for one worker, however busy its event loop is.

    :param lost: called, in this thread, when the worker has been declared dead; it beats no more then
    :param told: called, in this thread, when the database has gone, and when it is back
    """

    def __init__(
        self,
        heartbeats: Heartbeats,
        id: str,
        lost: Callable[[], object],
        told: Callable[[str], object] = lambda line: None,
    ) -> None:
        super().__init__(name="llmspell-pulse", daemon=True)
        self._heartbeats, self._id, self._lost, self._told = heartbeats, id, lost, told
        self._away = False
        self._done = threading.Event()
        self._since = self._last = time.monotonic()

    @property
    def is_steady(self) -> bool:
        """True when no beat has failed for so long that the silence of others is their own.

        After a database was away, all have been silent.
        """
        now = time.monotonic()
        return now - self._since >= DEAD and now - self._last < DEAD / 2

    def run(self) -> None:
        """Beat until stopped."""
        while not self._done.wait(BEAT):
            try:
                alive = self._heartbeats.beat(self._id)
            except DatabaseError as error:
                self._since = time.monotonic()
                self._tell(error)
                continue
            self._tell(None)
            if not alive:
                self._lost()
                return
            self._note(time.monotonic())

    def _tell(self, error: DatabaseError | None) -> None:
        if self._away != (error is not None):
            self._told("the database answers again" if error is None else f"waits for the database: {error}")
        self._away = error is not None

    def _note(self, now: float) -> None:
        if now - self._last > DEAD / 2:
            self._since = now
        self._last = now

    def stop(self) -> None:
        """Beat no more."""
        self._done.set()
        self.join()
