"""What it costs that a run survives: each call written down, and a thousand of them replayed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator

from benchmarks.calls import LOOP, ProbeBridge
from benchmarks.timing import Figure
from llmspell_core.journal import Journal
from llmspell_core.runner import Runner

CALLS = 2000
RESUMED = 1000


def figures() -> Iterator[Figure]:
    for engine in LOOP:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/runs.db"
            plain = min(per_call(engine, None) for _ in range(3))
            written = min(per_call(engine, url) for _ in range(3))
            yield Figure(f"{engine}: a call written down, in SQLite", written, "us", "under 250 us more", plain)
            yield Figure(f"{engine}: resuming {RESUMED} calls", resuming(engine, url), "ms", "under 1000 ms")


def per_call(engine: str, journal: str | None) -> float:
    """Microseconds a call, beyond what the same cast takes without calls."""
    with Runner(bridges={"probe": ProbeBridge}, isolation="inline", journal=journal) as runner:

        def seconds(n: int) -> float:
            return runner.cast(LOOP[engine], engine=engine, params={"n": n}).duration

        empty = min(seconds(0) for _ in range(3))
        return (min(seconds(CALLS) for _ in range(3)) - empty) / CALLS * 1e6


def resuming(engine: str, url: str) -> float:
    """Milliseconds from asking for a run of so many calls, killed before its last, to its end."""
    with Journal(url) as journal, Runner(bridges={"probe": ProbeBridge}, isolation="inline", journal=journal) as runner:
        took: list[float] = []
        for n in range(3):
            run = f"{engine}-{n}"
            runner.cast(LOOP[engine], engine=engine, params={"n": RESUMED}, run_id=run)
            with journal.database.transaction() as transaction:
                transaction.change("UPDATE runs SET status = 'interrupted' WHERE id = :run", run=run)
                last = "(SELECT MAX(number) FROM entries WHERE run = :run)"
                transaction.change(f"DELETE FROM entries WHERE run = :run AND number > {last} - 3", run=run)
            began = time.perf_counter()
            runner.resume(run).unwrap()
            took.append(time.perf_counter() - began)
    return min(took) * 1e3
