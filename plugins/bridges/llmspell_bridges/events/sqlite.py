"""The bus of all processes of one machine that have a SQLite file in common."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

from llmspell_bridges.events.bus import BusFailed
from llmspell_bridges.events.numbered import log
from llmspell_bridges.events.sql import SqlBus
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from llmspell_bridges.events.bus import Bounds

__all__ = ["SqliteBus", "open_sqlite"]

_POLL = 0.02
"""Seconds between two looks at the file's counter of changes, each of which takes some microseconds."""
_AGAIN = 1.0


def open_sqlite(url: str, space: str, bounds: Bounds) -> SqliteBus:
    """Return the bus in a file; it is opened when it is first used. :raises UsageError: when the URL names no file."""
    path = url.removeprefix("sqlite:///")
    if path in (url, "", ":memory:"):
        raise UsageError(f"{url!r} names no file for events; write sqlite:///FILE, or memory: for one process")
    return SqliteBus(url, space, bounds, path)


class SqliteBus(SqlBus):
    """Looks whether others have written to the file.

    :param path: the file
    """

    def __init__(self, url: str, space: str, bounds: Bounds, path: str) -> None:
        super().__init__(url, space, bounds)
        self._path = path

    async def _watched(self) -> None:
        try:
            # A connection of its own: the counter tells it of what all others have changed.
            connection = sqlite3.connect(self._path, isolation_level=None)
        except sqlite3.Error as error:
            raise BusFailed(self.url, error) from error
        # A task that is cancelled before its first step closes nothing itself.
        self._start(self._watch(connection)).add_done_callback(lambda _: connection.close())

    async def _watch(self, connection: sqlite3.Connection) -> None:
        seen = None
        while True:
            try:
                now = connection.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error as error:
                log.warning("the event bus %s is looked at again soon: %s", self.url, error)
                await asyncio.sleep(_AGAIN)
                continue
            if now != seen:
                seen = now
                self._woken.set()
            await asyncio.sleep(_POLL)
