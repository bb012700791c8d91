"""Listening that fails, or is cut short, before anything was heard leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from llmspell_bridges.events.bus import Bounds, BusFailed
from llmspell_bridges.events.event import Event
from llmspell_bridges.events.host import HostEvents
from llmspell_bridges.events.memory import MemoryBus
from llmspell_bridges.events.sqlite import SqliteBus, open_sqlite

from llmspell_core.runner import Runner

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Deaf(MemoryBus):
    """Fails, or waits for ever, when somebody begins to listen."""

    waits = False

    async def listen(self, receiver: object) -> None:
        if self.waits:
            await asyncio.Event().wait()
        raise BusFailed("deaf:", OSError("gone"))


@pytest.mark.parametrize("waits", [False, True])
def test_who_cannot_listen_is_handed_nothing(run: Run, waits: bool) -> None:
    async def main() -> None:
        with Runner() as runner:
            async with HostEvents(runner) as events:
                hub = events._hub
                hub.bus = Deaf(Bounds())
                hub.bus.waits = waits
                with pytest.raises(TimeoutError if waits else BusFailed):
                    async with asyncio.timeout(0):
                        await events.listen(">")
                assert not hub._ears

    run(main())


class Nobody:
    def received(self, node: str, event: Event) -> None: ...
    def lost(self, count: int) -> None: ...


def test_a_bus_in_a_file_that_is_closed_at_once_leaves_no_connection_open(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *args, **kwargs: opened.append(connect(*args, **kwargs)) or opened[-1]
    )

    async def main() -> None:
        bus = open_sqlite(f"sqlite:///{tmp_path}/events.db", "s", Bounds())
        await bus._last()
        await bus._watched()
        # The task that watches has had no turn yet.
        await bus.close()

    run(main())
    assert opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


class Stubborn(SqliteBus):
    """A bus whose file cannot be read one time."""

    failing = 1

    async def _last(self) -> int:
        self.failing -= 1
        if not self.failing:
            raise BusFailed(self.url, OSError("locked"))
        return await super()._last()


@pytest.mark.parametrize("failing", [1, 2])
def test_listening_that_failed_is_begun_again_from_nothing(tmp_path: Path, run: Run, failing: int) -> None:
    async def main() -> None:
        bus = Stubborn(f"sqlite:///{tmp_path}/events.db", "s", Bounds(), f"{tmp_path}/events.db")
        bus.failing = failing
        try:
            with contextlib.suppress(BusFailed):
                await bus.listen(Nobody())
            if len(bus._tasks) < 2:
                await bus.listen(Nobody())
            assert len(bus._tasks) == 2
        finally:
            await bus.close()

    run(main())
