"""Listeners that lose their server, or are cut off by it, read on from where they were."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from llmspell_bridges.events.backlog import Backlog, Room
from llmspell_bridges.events.bus import Bounds, Bus, BusFailed
from llmspell_bridges.events.event import Event, new_id
from llmspell_bridges.events.memory import MemoryBus

from llmspell_core.plugins import driver as driver_of

_SPEC = importlib.util.spec_from_file_location("llmspell_event_buses", Path(__file__).with_name("event_buses.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
buses = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(buses)

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def event(name: str) -> Event:
    return Event(name, "null", new_id(), 1.0, "s/r", "r")


class Heard:
    def __init__(self) -> None:
        self.names: list[str] = []
        self.missing = 0
        self._came = asyncio.Event()

    def received(self, node: str, event: Event) -> None:
        self.names.append(event.name)
        self._came.set()

    def lost(self, count: int) -> None:
        self.missing += count
        self._came.set()

    async def until(self, name: str) -> None:
        while name not in self.names:
            self._came.clear()
            await self._came.wait()


def opened(url: str, space: str) -> Bus:
    made: Bus = driver_of("buses", url.partition(":")[0])(url, space, Bounds())
    return made


def test_runs_of_several_threads_fill_a_bus_in_memory_no_more_than_one_does(run: Run) -> None:
    bus = MemoryBus(Bounds(1000, 1000))

    class Slow(Event):
        """Is measured while another thread publishes."""

        @property
        def size(self) -> int:  # type: ignore[override]
            if not others:
                others.append(Thread(target=lambda: asyncio.run(publish(bus, "other"))))
                others[0].start()
                others[0].join()
            return len(self.text())

    async def story() -> int:
        await bus.publish(Slow("slow", "null", new_id(), 1.0, "s/r", "r"), "n")
        for _ in range(50):
            await publish(bus, "more")
        return sum(each.size for each in await bus.history(">", lambda event: True, 1000))

    others: list[Thread] = []
    assert run(story()) <= 1000


def test_what_is_being_written_down_gives_its_room_back_when_the_subscription_ends(run: Run) -> None:
    async def story() -> bool:
        room = Room(1000)
        backlog = Backlog(10, room)
        for _ in range(3):
            backlog.put(event("a"))
        backlog.keep(await backlog.next())
        await backlog.next()
        backlog.clear()
        return room.take(1000)

    assert run(story())


async def publish(bus: Bus, name: str) -> None:
    """Publish; while the server is away, again and again."""
    made = event(name)
    while True:
        try:
            await bus.publish(made, "one")
        except BusFailed:
            await asyncio.sleep(0.05)
        else:
            return


class Server:
    """A server of our own, that can be killed and begun again."""

    def __init__(self, command: list[str], port: int) -> None:
        self._command, self._port = command, port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                assert self._process.poll() is None, "the server does not begin"
                subprocess.run(["sleep", "0.02"], check=True)
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


_KEEP = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(params=["nats", "redis"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    pytest.importorskip(request.param)
    program = shutil.which(f"{request.param}-server")
    if program is None:
        pytest.skip(f"{request.param}-server is not installed")
    port = free_port()
    commands = {
        "nats": [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(tmp_path)],
        "redis": [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path), *_KEEP],
    }
    server = Server(commands[request.param], port)
    server.start()
    yield server, f"{request.param}://127.0.0.1:{port}"
    server.kill()


def test_a_listener_reads_on_when_its_server_comes_back(served: tuple[Server, str], run: Run) -> None:
    server, url = served

    async def main() -> None:
        one, other, heard = opened(url, "s"), opened(url, "s"), Heard()
        try:
            await other.listen(heard)
            await publish(one, "before")
            await heard.until("before")
            server.kill()
            await asyncio.to_thread(server.start)
            await publish(one, "after")
            await publish(one, "last")
            await heard.until("last")
            assert heard.names == ["before", "after", "last"]
            assert heard.missing == 0
            found = await other.history(">", lambda event: True, 10)
            assert [each.name for each in found] == ["before", "after", "last"]
        finally:
            await one.close()
            await other.close()

    run(main())


def test_a_listener_that_the_database_cuts_off_reads_on(tmp_path: Path, run: Run) -> None:
    url, space = buses.bus_url("postgresql", tmp_path), f"test-{uuid4().hex}"

    async def main() -> None:
        import psycopg

        one, other, heard = opened(url, space), opened(url, space), Heard()
        try:
            await other.listen(heard)
            await one.publish(event("before"), "one")
            await heard.until("before")
            topic = other._topic  # type: ignore[attr-defined]  # its listener is known by it
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s"
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                found = await (await connection.execute(cut, (f"LISTEN {topic}",))).fetchall()
            assert found == [(True,)]
            await one.publish(event("meanwhile"), "one")
            await heard.until("meanwhile")
            await one.publish(event("after"), "one")
            await heard.until("after")
            assert heard.names == ["before", "meanwhile", "after"]
            assert heard.missing == 0
        finally:
            await one.close()
            await other.close()
            await buses.forget(url, space)

    run(main())


def test_a_file_that_is_locked_for_long_is_read_when_it_is_free(tmp_path: Path, run: Run) -> None:
    url = f"sqlite:///{tmp_path}/events.db"

    async def main() -> None:
        one, other, heard = opened(url, "s"), opened(url, "s"), Heard()
        try:
            await other.listen(heard)
            await one.publish(event("a"), "one")
            with sqlite3.connect(tmp_path / "events.db", isolation_level=None) as connection:
                connection.execute("BEGIN IMMEDIATE")
                loop = asyncio.get_running_loop()
                loop.call_soon(connection.execute, "COMMIT")
                await heard.until("a")
            connection.close()
            await one.publish(event("b"), "one")
            await heard.until("b")
            assert heard.names == ["a", "b"]
        finally:
            await one.close()
            await other.close()

    run(main())


def test_rows_that_others_wrote_badly_are_passed_over(tmp_path: Path, run: Run) -> None:
    url = f"sqlite:///{tmp_path}/events.db"

    async def main() -> None:
        one, other, heard = opened(url, "s"), opened(url, "s"), Heard()
        try:
            await other.listen(heard)
            await one.publish(event("a"), "one")
            await heard.until("a")
            with sqlite3.connect(tmp_path / "events.db", isolation_level=None) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE llmspell_event_spaces SET last = last + 1")
                connection.execute("INSERT INTO llmspell_events VALUES ('s', 2, 'x', 'n', 1, '[\"half')")
                connection.execute("COMMIT")
            connection.close()
            await one.publish(event("b"), "one")
            await heard.until("b")
            assert (heard.names, heard.missing) == (["a", "b"], 1)
            assert [each.name for each in await one.history(">", lambda event: True, 10)] == ["a", "b"]
        finally:
            await one.close()
            await other.close()

    run(main())
