"""How a job stands, in words of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_core.facts import Fact, fact
from llmspell_core.queue.jobs import USUAL, attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STATUSES", "WORDS", "JobState", "JobStatus", "Schedule", "schedule_of", "state_of"]

JobStatus: TypeAlias = Literal["delayed", "waiting", "running", "ok", "failed", "cancelled", "parked"]
STATUSES: Mapping[str, JobStatus] = {
    "DELAYED": "delayed",
    "ENQUEUED": "waiting",
    "PENDING": "running",
    "SUCCESS": "ok",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "parked",
}
"""What becomes of a job, by DBOS's words for it."""
OVER: frozenset[JobStatus] = frozenset({"ok", "failed", "cancelled", "parked"})
WORDS: Mapping[JobStatus, str] = {status: word for word, status in STATUSES.items()}


@fact
class JobState(Fact):
    """How a job stands.

    :param spell: the name of its spell
    :param schedule: the name of the schedule that submitted it
    :param created: Unix seconds; so ``began``, of the last time it was begun, and ``ended``
    :param worker: where it runs, or ran last
    :param tries: how often it was begun since it was submitted or retried
    :param error: of one that has failed: ``{kind, message}``
    """

    id: str
    status: JobStatus
    spell: str
    queue: str | None
    created: float
    priority: int
    tries: int
    began: float | None = None
    ended: float | None = None
    worker: str | None = None
    schedule: str | None = None
    error: dict[str, Any] | None = None

    @property
    def is_over(self) -> bool:
        """True when nothing becomes of it any more, unless it is retried."""
        return self.status in OVER


@fact
class Schedule(Fact):
    """When jobs are submitted by themselves.

    :param cron: five fields, or six with seconds first
    :param last: when it has last submitted one, or went on after a pause, as ISO text
    """

    name: str
    cron: str
    zone: str
    queue: str
    spell: str
    priority: int
    active: bool
    last: str | None


def state_of(found: Any) -> JobState:
    """Return how a job stands that DBOS tells of."""
    told, status = found.attributes or {}, STATUSES[found.status]
    return JobState(
        found.workflow_id,
        status,
        told.get("spell", ""),
        found.queue_name or told.get("queue"),
        (found.created_at or 0) / 1000,
        found.priority or 0,
        # Whoever parks it counts that as a try, too.
        (found.recovery_attempts or 0) - (status == "parked"),
        _seconds(found.dequeued_at),
        _seconds(found.completed_at),
        found.executor_id,
        found.schedule_name,
        _error(found.error),
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _error(error: Any) -> dict[str, Any] | None:
    return None if error is None else {"kind": getattr(error, "code", None) or "internal", "message": str(error)}


def schedule_of(found: Any) -> Schedule:
    """Return a schedule that DBOS tells of."""
    context = found["context"]
    return Schedule(
        found["schedule_name"],
        found["schedule"],
        found["cron_timezone"] or "UTC",
        found["queue_name"] or "",
        attributes(context)["spell"],
        context.get("priority", USUAL),
        found["status"] == "ACTIVE",
        found["last_fired_at"],
    )
