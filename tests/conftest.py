"""What the core's tests share: a probe bridge, and a runner with the fake engine."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, Context, Handle, expose
from llmspell_core.database import DatabaseError, open_database
from llmspell_core.runner import Runner
from llmspell_core.testing import FakeEngine
from llmspell_core.values import Function


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test read or write what belongs to whoever runs it: config, keys, journal."""
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path_factory.getbasetemp() / f"home-{os.urandom(4).hex()}"))


@pytest.fixture(scope="session")
def postgres() -> str:
    """The URL of a PostgreSQL server; what was missing is named where there is none."""
    url = os.environ.get("LLMSPELL_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
    try:
        open_database(url).close()
    except DatabaseError as missing:
        pytest.skip(f"no PostgreSQL answers: {missing}")
    return url


class World:
    """A server that counts what is asked of it, and takes a moment for each; what begins with ``/hold`` it holds."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.order: list[str] = []
        self.free = threading.Event()
        world, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                with lock:
                    world.counts[self.path] += 1
                    world.order.append(self.path)
                if self.path.startswith("/hold"):
                    world.free.wait(60)
                time.sleep(0.005)
                body = json.dumps({"n": int(self.path.rpartition("/")[2])}).encode()
                with contextlib.suppress(ConnectionError):  # whoever asked may have been killed
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None: ...

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

            def process_request(self, request: Any, address: Any) -> None:
                world._open.add(request)
                super().process_request(request, address)

            def shutdown_request(self, request: Any) -> None:
                world._open.discard(request)
                super().shutdown_request(request)

        self._open: set[object] = set()
        self._server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Return when all that was sent before, by a process that was killed since, has been counted."""
        # Connections are accepted in the order in which they were made.
        with socket.create_connection(("127.0.0.1", self._server.server_port)) as last:
            last.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while last.recv(4096):
                pass
        before, deadline = self._open.copy(), time.monotonic() + 60
        while before & self._open:
            assert time.monotonic() < deadline, "requests are held"
            time.sleep(0.001)

    def close(self) -> None:
        self.free.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


class Counter(Handle):
    """Counts."""

    def __init__(self, closed: list[str]) -> None:
        self.count = 0
        self._closed = closed

    @expose
    def incr(self, by: int = 1) -> int:
        """Return the count after adding."""
        self.count += by
        return self.count

    async def close(self) -> None:
        self._closed.append("counter")


class ProbeBridge(Bridge):
    """Looks at what a spell does."""

    name = "probe"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.closed: list[str] = context.shared.get("closed", list)
        self.seen: list[Any] = context.shared.get("seen", list)
        self.gate = asyncio.Event() if context.options.get("gate") else None

    @expose
    async def echo(self, x: Any) -> Any:
        """Return the argument."""
        self.seen.append(x)
        return x

    @expose(aliases=("twice_of",))
    def double(self, n: int) -> int:
        """Return twice the number."""
        return 2 * n

    @expose
    async def fail(self) -> None:
        """Raise an error that is not llmspell's."""
        raise KeyError("no such thing")

    @expose
    async def hang(self) -> None:
        """Wait until cancelled."""
        self.seen.append("waiting")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.seen.append("stopped")

    @expose
    async def each(self, f: Function, items: list[Any]) -> list[Any]:
        """Return what the function makes of each item."""
        return [await f(item) for item in items]

    @expose
    def counter(self) -> Counter:
        """Return a new counter."""
        return Counter(self.closed)

    @expose
    def same(self, c: Counter) -> int:
        """Return the count of a counter that was handed back."""
        return c.count

    @expose
    async def count(self, n: int) -> AsyncIterator[int]:
        """Return an iterator of numbers."""

        async def numbers() -> AsyncIterator[int]:
            for i in range(n):
                yield i

        return numbers()

    async def close(self) -> None:
        self.closed.append("probe")


@pytest.fixture
def engines() -> dict[str, type[FakeEngine]]:
    return {"fake": FakeEngine}


@pytest.fixture
def runner(engines: dict[str, type[FakeEngine]]) -> Iterator[Runner]:
    with Runner(engines=engines, bridges={"probe": ProbeBridge}, isolation="inline") as made:
        yield made


@pytest.fixture
def shared(runner: Runner) -> dict[str, list[Any]]:
    """What the probe noted: ``seen`` and ``closed``."""
    return {name: runner.shared.get(name, list) for name in ("seen", "closed")}
