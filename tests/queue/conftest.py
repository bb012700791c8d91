"""What the tests of queues share: databases of their own, and workers as processes that end with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from llmspell_core.policy import Policy
from llmspell_core.queue import Job, Ledger
from llmspell_core.spells import Spell

PATIENCE = 90.0


class Crew:
    """Workers of one queue, each a process in a group of its own."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self._home = url, home
        self.all: list[subprocess.Popen[str]] = []

    def start(self, *words: str, queue: str = "default") -> subprocess.Popen[str]:
        """Start a worker, and come back when it takes jobs."""
        worker = self.begin(*words, queue=queue)
        self.until_ready(worker)
        return worker

    def begin(self, *words: str, queue: str = "default") -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "llmspell_core", "worker", "--journal", self.url, "--queue", queue, *words]
        told = self._home / f"worker-{len(self.all)}.txt"
        with told.open("w") as file:
            environment = {**os.environ, "LLMSPELL_HOME": str(self._home)}
            worker = subprocess.Popen(
                command, stdout=file, stderr=file, text=True, env=environment, start_new_session=True
            )
        worker.told = told  # type: ignore[attr-defined]
        self.all.append(worker)
        return worker

    def until_ready(self, worker: Any) -> None:
        until(lambda: "takes jobs" in worker.told.read_text() or worker.poll() is not None)
        assert worker.poll() is None, worker.told.read_text()

    def kill(self, worker: subprocess.Popen[str]) -> None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def end(self) -> None:
        for worker in self.all:
            if worker.poll() is None:
                self.kill(worker)


def until(true: Callable[[], Any]) -> Any:
    """Come back with what a condition came to once it is true."""
    given_up = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < given_up, "it has not come to pass"
        time.sleep(0.02)
    return found


def job(source: str, engine: str = "lua", queue: str = "default", **more: Any) -> Job:
    """A job that may reach loopback."""
    policy = more.pop("policy", Policy.standard().allow("net:127.0.0.1"))
    return Job(Spell.text(source, file=f"job.{engine}"), engine, queue, policy=policy, **more)


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Job]:
    return job


@pytest.fixture(scope="session")
def make_crew() -> type[Crew]:
    return Crew


@pytest.fixture(scope="session")
def wait_until() -> Callable[[Callable[[], Any]], Any]:
    return until


def new_database(server: str) -> Iterator[str]:
    """A database of its own on a server, dropped afterwards."""
    import psycopg

    name = f"llmspell_queue_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/queue.db"
    else:
        yield from new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/queue.db"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger(url) as made:
        yield made


@pytest.fixture
def crew(url: str, tmp_path: Path) -> Iterator[Crew]:
    made = Crew(url, tmp_path)
    yield made
    made.end()


@pytest.fixture
def any_crew(any_url: str, tmp_path: Path) -> Iterator[Crew]:
    made = Crew(any_url, tmp_path)
    yield made
    made.end()


@pytest.fixture
def any_ledger(any_url: str) -> Iterator[Ledger]:
    with Ledger(any_url) as made:
        yield made
