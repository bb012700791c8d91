"""What a worker takes of its queue, and how often it looks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from llmspell_core.queue.takeover import Share


class Tables:
    """What DBOS keeps, with some jobs in it."""

    def __init__(self, jobs: int) -> None:
        self.jobs, self.asked = jobs, []  # type: ignore[var-annotated]

    def get_queue(self, name: str, **more: Any) -> Any:
        return SimpleNamespace(name=name)

    def start_queued_workflows(self, queue: Any, *where: Any, **more: Any) -> tuple[list[str], None]:
        self.asked.append(more)
        self.jobs, found = 0, self.jobs
        return ["job"] * found, None


def test_a_worker_that_has_found_jobs_looks_again_sooner_than_one_that_has_not() -> None:
    tables: Any = Tables(2)
    Share(SimpleNamespace(_sys_db=tables), lambda: 7, lambda found: 0.01 if found else 1.0)
    pauses = []
    for _ in range(3):
        queue = tables.get_queue("default")
        pauses.append(queue._polling_interval_sec)
        tables.start_queued_workflows(queue, "worker", "version", None, 0)
    assert pauses == [1.0, 0.01, 1.0]
    assert queue._worker_concurrency == 7


def test_what_another_queue_holds_makes_no_worker_look_sooner() -> None:
    tables: Any = Tables(2)
    Share(SimpleNamespace(_sys_db=tables), lambda: 7, lambda found: 0.01 if found else 1.0)
    tables.get_queue("default")
    tables.start_queued_workflows(SimpleNamespace(name="other"), "worker", "version", None, 0)
    assert tables.get_queue("default")._polling_interval_sec == 1.0


def test_the_latest_version_is_not_asked_for_at_each_look() -> None:
    tables: Any = Tables(0)
    Share(SimpleNamespace(_sys_db=tables), lambda: 1, lambda found: 1.0)
    tables.start_queued_workflows(tables.get_queue("default"), "worker", owner_xid="x")
    assert tables.asked == [{"owner_xid": "x", "is_latest_version": False}]
