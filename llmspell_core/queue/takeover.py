"""Jobs change hands: the only file that touches what DBOS keeps to itself, written for its releases 3.4.

DBOS leaves it to others to find out that a worker has died. It counts how often a job was begun, and parks one that was
begun too often.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from llmspell_core.queue.jobs import USUAL, attributes
from llmspell_core.queue.settings import VERSION, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from llmspell_core.database import Database

__all__ = [
    "Share",
    "count",
    "describe_scheduled",
    "held",
    "needed",
    "ownerless",
    "pass_over",
    "put_back",
    "return_all",
    "return_one",
    "take_over",
    "tries",
]

_FRESH = 1.0
"""Seconds after which a queue's settings are read again."""


def ownerless(database: Database) -> list[str]:
    """Return the workers that have jobs and are not among the living."""
    sql = (
        f"SELECT DISTINCT executor_id FROM {table(database.dialect)}"
        " WHERE status = 'PENDING' AND application_version = :version"
        " AND executor_id NOT IN (SELECT id FROM queue_workers)"
    )
    with database.transaction() as transaction:
        return [worker for (worker,) in transaction.execute(sql, version=VERSION)]


def take_over(dead: list[str]) -> list[str]:
    """Put the jobs of dead workers back into their queues, and return their ids. It blocks, and is for a thread.

    However many do this at once, each job goes back once.
    """
    from dbos import DBOS

    return [handle.get_workflow_id() for handle in DBOS._recover_pending_workflows(dead)]


def return_all(database: Database, worker: str) -> int:
    """Put all jobs of a worker back into their queues, as if it had not begun them, and return how many."""
    return _enqueue(database, "recovery_attempts - 1", "executor_id = :worker", worker=worker)


def return_one(database: Database, worker: str, job: str) -> int:
    """Put one job of a worker back into its queue, as if it had not begun it."""
    return _enqueue(database, "recovery_attempts - 1", _ONE, worker=worker, job=job)


def put_back(database: Database, worker: str, job: str) -> int:
    """Put one job of a worker back into its queue; that it was begun counts."""
    return _enqueue(database, "recovery_attempts", _ONE, worker=worker, job=job)


def held(database: Database, worker: str) -> set[str]:
    """Return the jobs that are a worker's."""
    sql = f"SELECT workflow_uuid FROM {table(database.dialect)} WHERE status = 'PENDING' AND executor_id = :worker"
    with database.transaction() as transaction:
        return {job for (job,) in transaction.execute(sql, worker=worker)}


def needed(database: Database) -> str | None:
    """Return the condition, in SQL, on which a job goes on with a run, or would be cast anew without it.

    It is not over, or the run was stopped, so that the job can be retried. None where there are no jobs.
    """
    jobs = table(database.dialect)
    there = f"to_regclass('{jobs}') IS NOT NULL" if database.dialect == "postgresql" else _THERE
    with database.transaction() as transaction:
        if database.dialect not in ("sqlite", "postgresql") or not transaction.execute(f"SELECT 1 WHERE {there}"):
            return None
    return (
        f"EXISTS (SELECT 1 FROM {jobs} AS jobs WHERE jobs.workflow_uuid = runs.id"
        " AND (runs.status = 'interrupted' OR jobs.status IN ('DELAYED', 'ENQUEUED', 'PENDING')))"
    )


def tries(database: Database, job: str) -> int:
    """Return how often a job was begun."""
    sql = f"SELECT recovery_attempts FROM {table(database.dialect)} WHERE workflow_uuid = :job"
    with database.transaction() as transaction:
        rows = transaction.execute(sql, job=job)
    return int(rows[0][0] or 0) if rows else 0


def count(database: Database, worker: str, job: str, by: int) -> None:
    """Change how often a job counts as begun, while it is a worker's."""
    sql = (
        f"UPDATE {table(database.dialect)} SET recovery_attempts = recovery_attempts + :by"
        " WHERE status = 'PENDING' AND executor_id = :worker AND workflow_uuid = :job"
    )
    with database.transaction() as transaction:
        transaction.change(sql, by=by, worker=worker, job=job)


def describe_scheduled(dbos: Any) -> None:
    """Have jobs that a schedule submits tell their spell, and wait for their turn, like any other."""
    init, read = dbos._sys_db.init_workflow, dbos._sys_db.serializer.deserialize

    def described(status: Any, **more: Any) -> Any:
        if status["schedule_name"]:
            job = read(status["inputs"])["args"][1]
            status = {**status, "attributes": attributes(job), "priority": job.get("priority", USUAL)}
        return init(status, **more)

    dbos._sys_db.init_workflow = described


def pass_over(database: Database, schedule: str, now: datetime) -> None:
    """Have a paused schedule count as having fired until now, so that nothing is submitted for its pause."""
    sql = (
        f"UPDATE {table(database.dialect, 'workflow_schedules')} SET last_fired_at = :now"
        " WHERE schedule_name = :schedule AND status = 'PAUSED' AND last_fired_at IS NOT NULL"
    )
    with database.transaction() as transaction:
        transaction.change(sql, now=now.isoformat(), schedule=schedule)


class Share:
    """What one worker takes of a queue, whose own settings are the same for all.

    DBOS reads them before each look into the queue; here it is told what this worker has room for.

    :param room: returns how many jobs the worker may have at once
    :param pause: returns how many seconds it waits between two looks, told whether the last one has found anything
    """

    def __init__(self, dbos: Any, room: Callable[[], int], pause: Callable[[bool], float]) -> None:
        self._read, self._claim = dbos._sys_db.get_queue, dbos._sys_db.start_queued_workflows
        self._room, self._pause = room, pause
        self._found = False
        self._queue: Any = None
        self._next = 0.0
        dbos._sys_db.get_queue = self._settings
        dbos._sys_db.start_queued_workflows = self._look

    def _settings(self, name: str, **more: Any) -> Any:
        if more:
            return self._read(name, **more)
        if time.monotonic() >= self._next:
            self._queue, self._next = self._read(name), time.monotonic() + _FRESH
        if self._queue is not None:
            self._queue._worker_concurrency, self._queue._polling_interval_sec = self._room(), self._pause(self._found)
        return self._queue

    def _look(self, queue: Any, *where: Any, **more: Any) -> Any:
        # Each job is of a version, so that it need not be asked which one is the latest.
        found = self._claim(queue, *where, **more | {"is_latest_version": False})
        if self._queue is not None and queue.name == self._queue.name:
            self._found = bool(found[0])
        return found


_THERE = "EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'workflow_status')"
_ONE = "executor_id = :worker AND workflow_uuid = :job"


def _enqueue(database: Database, tries: str, where: str, **values: Any) -> int:
    sql = (
        f"UPDATE {table(database.dialect)} SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL,"
        f" recovery_attempts = {tries} WHERE status = 'PENDING' AND {where}"
    )
    with database.transaction() as transaction:
        return transaction.change(sql, **values)
