"""What many jobs cost: casts a second from a queue to its journal, against bare DBOS doing nothing; latency, take-over.

Workers are processes started as a user starts them. A database of its own is made for each figure, on the server that
``$LLMSPELL_TEST_POSTGRES`` names; where none answers, the figures on it are left out.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from benchmarks.timing import Figure
from llmspell_core.database import DatabaseError, open_database
from llmspell_core.queue import Job, Ledger
from llmspell_core.queue.settings import table
from llmspell_core.spells import Spell

JOBS, SINGLE = 1500, 20
SERVER = os.environ.get("LLMSPELL_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
BARE = """
import sys, threading
from benchmarks.queue import bare
bare(sys.argv[1], sys.argv[2])
threading.Event().wait()
"""


def figures() -> Iterator[Figure]:
    for name, make, workers, goal in (("SQLite", _file, 1, 150), ("Postgres", _server, 2, 100)):
        try:
            with make() as url, make() as other:
                many = f"{workers} worker{'s' * (workers > 1)}"
                ours, peer = casts(url, workers), empties(other, workers)
                yield Figure(f"queue on {name}, {many}: casts", ours, "/s", f"over {goal} /s", peer)
            with make() as url:
                yield Figure(f"queue on {name}: submit", *submitting(url), "")
            with make() as url:
                yield Figure(f"queue on {name}: submitted to done, p50", latency(url), "ms", "under 250 ms")
            with make() as url:
                yield Figure(f"queue on {name}: taken over after SIGKILL", takeover(url), "s", "under 5 s")
        except DatabaseError as missing:
            print(f"no figures on {name}: {missing}", file=sys.stderr)


def casts(url: str, workers: int) -> float:
    """Trivial casts a second, once all workers are at work."""
    with Ledger(url) as ledger, ExitStack() as stack:
        for _ in range(JOBS):
            ledger.submit(_job("return 1"))
        for _ in range(workers):
            stack.enter_context(_worker(url))
        return _rate(ledger)


def empties(url: str, workers: int) -> float:
    """Empty workflows a second of DBOS alone, with the same settings."""
    with Ledger(url) as ledger, ExitStack() as stack:
        ledger.open_queue("bare")
        for _ in range(JOBS):
            ledger.submit(_job("return 1", queue="bare"))
        for number in range(workers):
            stack.enter_context(_process("-c", BARE, url, str(number)))
        return _rate(ledger)


def bare(url: str, executor: str) -> None:
    """Do nothing for each job, without journal, session and heartbeat."""
    from dbos import DBOS

    from llmspell_core.queue import takeover
    from llmspell_core.queue.settings import CAST, configuration
    from llmspell_core.queue.worker import CONNECTIONS

    made = DBOS(config=configuration(open_database(url, connections=CONNECTIONS - 1), executor))
    DBOS.listen_queues(["bare"])

    @DBOS.workflow(name=CAST)
    async def nothing(job: dict[str, object]) -> None: ...

    DBOS.launch()
    takeover.Share(made, lambda: 16, lambda found: 0.05)


def submitting(url: str) -> tuple[float, str]:
    """Milliseconds of the median submission."""
    times = []
    with Ledger(url) as ledger:
        for _ in range(200):
            began = time.perf_counter()
            ledger.submit(_job("return 1"))
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3, "ms"


def latency(url: str) -> float:
    """Milliseconds from submission to the end of the median job of an idle worker."""
    times = []
    with Ledger(url) as ledger, _worker(url):
        for number in range(SINGLE + 1):
            began = time.perf_counter()
            job = ledger.submit(_job("return 1"))
            while not ledger.find(job).is_over:
                time.sleep(0.005)
            times += [time.perf_counter() - began] if number else []
    return statistics.median(times) * 1e3


def takeover(url: str) -> float:
    """Seconds from the death of a worker to the moment when another one goes on with its job."""
    with Ledger(url) as ledger, _worker(url) as doomed:
        job = ledger.submit(_job("sleep(600)"))
        while (found := ledger.journal.find(job)) is None or found.status != "running":
            time.sleep(0.05)
        with _worker(url):
            warm = ledger.submit(_job("return 1"))
            ledger.wait(warm)
            # Whoever has just come believes nobody dead.
            time.sleep(5)
            os.killpg(doomed.pid, signal.SIGKILL)
            began = time.perf_counter()
            while ledger.journal.run(job).epoch == 1:
                time.sleep(0.01)
            return time.perf_counter() - began


def _rate(ledger: Ledger) -> float:
    """Return how many jobs end in a second, of those that end while nobody is starting or running dry."""
    # By this clock, as SQLite is told the seconds only.
    sql = f"SELECT COUNT(*) FROM {table(ledger.journal.database.dialect)} WHERE status = 'SUCCESS'"
    first, last, ended, began = JOBS // 4, JOBS * 19 // 20, 0, (0, 0.0)
    while ended < last:
        time.sleep(0.1)
        with ledger.journal.database.transaction() as transaction:
            ended = int(transaction.execute(sql)[0][0])
        if ended < first or not began[0]:
            began = ended, time.perf_counter()
    return (ended - began[0]) / (time.perf_counter() - began[1])


def _job(source: str, queue: str = "default") -> Job:
    return Job(Spell.text(source), "lua", queue)


@contextmanager
def _worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    with _process("-m", "llmspell_core", "worker", "--journal", url) as process:
        yield process


@contextmanager
def _process(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _file() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield f"sqlite:///{Path(folder)}/queue.db"


@contextmanager
def _server() -> Iterator[str]:
    import psycopg

    open_database(SERVER).close()
    name = f"llmspell_bench_{uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{SERVER.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
