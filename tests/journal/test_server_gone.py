"""A database server that goes away while a run is written: back in time, nothing is lost; else it goes on later."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from llmspell_core.journal import Journal, logbook
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

_PATIENCE = 60.0


class Road:
    """The way to a server, which can be closed and opened again."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._pairs: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        """Let connections through, at the same place as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def close(self) -> None:
        """Cut every connection and let none through."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        pairs, self._pairs = self._pairs, []
        for end in pairs:
            # Who waits for what comes on it would hold it open else, and the other side might wait for ever.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self._server)
            except OSError:
                return
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=[one, other], daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    for end in (one, other):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


@pytest.fixture
def road(postgres: str) -> Iterator[Road]:
    at = urlsplit(postgres)
    made = Road(at.hostname or "127.0.0.1", at.port or 5432)
    yield made
    made.close()


@pytest.fixture
def url(road: Road, postgres: str) -> str:
    at = urlsplit(postgres)
    return f"{at.scheme}://{at.username}@127.0.0.1:{road.port}{at.path}"


def cast(url: str, office: type, world: Counter[str], run: str) -> Any:
    source = 'for i = 1, 6 do office.effect("e" .. i, {after = 0.15}) end return "done"'
    options = {"office": {"world": world}}
    with Runner(bridges={"office": office}, journal=url, isolation="inline", options=options) as runner:
        return runner.cast(Spell.text(source), engine="lua", run_id=run)


def cut_in_the_midst(road: Road, world: Counter[str], *, back_after: float | None = None) -> threading.Thread:
    """Close the road once the run is written and has had effects, and open it again so many seconds later."""

    def cut() -> None:
        given_up = time.monotonic() + _PATIENCE
        while not world["e2"] and time.monotonic() < given_up:
            time.sleep(0.01)
        road.close()
        if back_after is not None:
            time.sleep(back_after)
            road.open()

    thread = threading.Thread(target=cut)
    thread.start()
    return thread


def test_a_server_that_comes_back_in_time_loses_nothing(road: Road, url: str, postgres: str, bridge: Any) -> None:
    run, world = f"gone-{uuid4().hex}", Counter[str]()
    cut = cut_in_the_midst(road, world, back_after=0.8)
    result = cast(url, bridge, world, run)
    cut.join()
    assert (result.value, result.error) == ("done", None)
    assert set(world.values()) == {1}
    with Journal(postgres) as journal:
        assert journal.run(run).status == "ok"
        journal.delete(run)


def test_a_server_that_stays_away_ends_the_run_which_goes_on_later(
    road: Road, url: str, postgres: str, bridge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logbook, "_AWAY", 0.3)
    run, world = f"gone-{uuid4().hex}", Counter[str]()
    cut = cut_in_the_midst(road, world)
    result = cast(url, bridge, world, run)
    cut.join()
    assert result.error.kind == "database"
    had = world.copy()

    options = {"office": {"world": world}}
    with Runner(bridges={"office": bridge}, journal=postgres, isolation="inline", options=options) as runner:
        again = runner.resume(run)
        assert again.value == "done"
        assert runner.journal is not None
        runner.journal.delete(run)
    # What was under way when the server went is had once more, and nothing else.
    assert sum(world[name] - 1 for name in world) <= 1
    assert all(world[name] >= had[name] for name in had)
