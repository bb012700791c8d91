"""The jobs of a database as those see them who submit: what waits, what runs, what came of it."""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmspell_core.database import DatabaseError
from llmspell_core.errors import UsageError
from llmspell_core.journal import Journal
from llmspell_core.journal.pruning import BATCH, batches
from llmspell_core.queue.jobs import USUAL, attributes
from llmspell_core.queue.settings import APPLICATION, CAST, SCHEDULED, VERSION, check_place, engine_of
from llmspell_core.queue.states import WORDS, JobState, JobStatus, Schedule, schedule_of, state_of
from llmspell_core.queue.tables import make_tables
from llmspell_core.queue.takeover import pass_over

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from llmspell_core.queue.jobs import Job

__all__ = ["Ledger", "NoJob"]

_POLL = 0.1
_FIRST_LOOK = 0.05
"""Seconds between the first looks of a worker into its queue."""
_NAMES = [CAST, SCHEDULED]
_RANDOM = re.compile(r"(?<![a-z])r(?![a-z])", re.IGNORECASE)
"""What stands for a time at random."""


class NoJob(UsageError):
    """There is no job of that id."""

    def __init__(self, id: str, url: str) -> None:
        super().__init__(f"no job {id!r} in {url}; `llmspell jobs list` names those there are")


class Ledger:
    """The jobs of a database.

    :param url: ``sqlite:///FILE`` for one machine, ``postgresql://HOST/NAME`` for many; runs are written down there too
    :raises UsageError: when it can hold no queues
    :raises DatabaseError: when it cannot be opened
    """

    def __init__(self, url: str) -> None:
        check_place(url)
        self.journal = Journal(url, connections=2)
        self.url = self.journal.url
        self._engine = engine_of(self.journal.database)
        with self._errors():
            self._client = self._opened(url)

    def submit(
        self, job: Job, *, id: str | None = None, priority: int = USUAL, delay: float = 0.0, unique: str | None = None
    ) -> str:
        """Put a job into its queue, and return its id, which will be its run's.

        :param priority: the smallest number goes first
        :param delay: seconds before it may begin
        :param unique: while a job of the queue with this text is not over, no other is added; that one's id comes back
        :raises UsageError: when there is a job or a run of that id
        """
        made = id or os.urandom(8).hex()
        if id is not None and self.journal.find(id) is not None:
            raise UsageError(f"there is a run {id!r} in {self.url} already; choose another --run-id")
        data = job.as_data()
        options: Any = {
            "workflow_name": CAST,
            "queue_name": job.queue,
            "workflow_id": made,
            "workflow_id_reuse_policy": "reject",
            "app_version": VERSION,
            "priority": priority,
            "attributes": attributes(data),
        }
        if delay > 0:
            options["delay_seconds"] = delay
        if unique is not None:
            options |= {"deduplication_id": unique, "duplication_policy": "return-existing"}
        with self._errors(made):
            return str(self._client.enqueue(options, data).get_workflow_id())

    def find(self, id: str) -> JobState:
        """Return how a job stands; :raises NoJob: when there is none."""
        with self._errors():
            found = self._client.list_workflows(workflow_ids=[id], name=_NAMES, load_input=False)
        if not found:
            raise NoJob(id, self.url)
        return state_of(found[0])

    def jobs(self, *, status: JobStatus | None = None, queue: str | None = None, most: int = 100) -> list[JobState]:
        """Return how jobs stand, the newest first."""
        words = None if status is None else WORDS[status]
        with self._errors():
            found = self._client.list_workflows(
                name=_NAMES, status=words, queue_name=queue, limit=most, sort_desc=True, load_input=False
            )
        return [state_of(each) for each in found]

    def wait(self, id: str, seconds: float | None = None) -> JobState:
        """Return how a job stands when it is over, or when so many seconds have passed."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            state = self.find(id)
            if state.is_over or (until is not None and time.monotonic() >= until):
                return state
            time.sleep(_POLL)

    def cancel(self, id: str) -> JobState:
        """Have a job not begin, or end within a second or so; return how it stood.

        :raises UsageError: when it is over
        """
        state = self.find(id)
        if state.status in ("ok", "failed"):
            raise UsageError(f"the job {id} is over ({state.status}), so there is nothing to cancel")
        with self._errors():
            self._client.cancel_workflow(id)
        return state

    def retry(self, id: str) -> JobState:
        """Put a job that was parked, cancelled or stopped by a limit back into its queue, to go on where it was.

        :return: how it stood
        :raises UsageError: when it has ended by itself, or is not over
        """
        state = self.find(id)
        if not state.is_over:
            raise UsageError(f"the job {id} is {state.status}; what is not over needs no retry")
        run = self.journal.find(id)
        if run is not None and run.status in ("ok", "failed"):
            raise UsageError(f"the spell of the job {id} has ended by itself; `llmspell runs fork {id} --at N` goes on")
        if state.status == "ok":
            raise UsageError(f"the job {id} has ended well, and its run was dropped; submit the spell anew")
        queue = self._queue_of(id)
        with self._errors():
            if state.status == "failed":
                self._client.rewind_workflow(id, application_version=VERSION, queue_name=queue)
            else:
                self._client.resume_workflow(id, queue_name=queue)
        return state

    def prune(self, before: float) -> int:
        """Drop the jobs that were over before a time, Unix seconds, with their runs; return how many."""
        at = datetime.fromtimestamp(before, UTC).isoformat()

        def drop_some() -> int:
            found = self._client.list_workflows(
                name=_NAMES, completed_before=at, limit=BATCH, load_input=False, load_output=False
            )
            if ids := [each.workflow_id for each in found]:
                self.journal.drop(ids)
                self._client.delete_workflows(ids)
            return len(ids)

        with self._errors():
            gone = batches(drop_some)
        self.journal.database.shrink()
        return gone

    def open_queue(self, name: str) -> None:
        """Have a queue."""
        with self._errors():
            self._queue(name)

    def set_rate(self, name: str, rate: tuple[int, float] | None) -> None:
        """Have at most so many jobs of a queue begin in any so many seconds, on all machines together."""
        with self._errors():
            self._queue(name).set_limiter(None if rate is None else {"limit": rate[0], "period": rate[1]})

    def set_most(self, name: str, most: int | None) -> None:
        """Have at most so many jobs of a queue run at once, on all machines together."""
        with self._errors():
            self._queue(name).set_global_concurrency(most)

    def schedule(
        self, name: str, cron: str, job: Job, *, priority: int = USUAL, zone: str = "UTC", backfill: bool = False
    ) -> None:
        """Have a job submitted again and again.

        :param cron: five fields, or six with seconds first
        :param priority: the smallest number goes first
        :param zone: whose clock, as ``Europe/Berlin``
        :param backfill: when no worker was there, submit what was missed once one is
        :raises UsageError: when there is a schedule of that name, or the times or the zone are none
        """
        if not name or not all(letter.isalnum() or letter in "-_." for letter in name):
            raise UsageError(f"{name!r} names no schedule; take letters, digits, and -_.")
        _check_times(cron)
        if name in (each.name for each in self.schedules()):
            raise UsageError(f"there is a schedule {name!r} already; `llmspell jobs schedules --drop {name}` drops it")
        with self._errors():
            self._client.create_schedule(
                schedule_name=name,
                workflow_name=SCHEDULED,
                schedule=cron,
                context={**job.as_data(), "priority": priority},
                automatic_backfill=backfill,
                cron_timezone=zone,
                queue_name=job.queue,
                application_name=APPLICATION,
            )

    def schedules(self) -> list[Schedule]:
        """Return the schedules, by name."""
        with self._errors():
            found = self._client.list_schedules(workflow_name=SCHEDULED)
        return sorted(map(schedule_of, found), key=lambda schedule: schedule.name)

    def unschedule(self, name: str) -> None:
        """Drop a schedule; :raises UsageError: when there is none of that name."""
        self._check_schedule(name)
        with self._errors():
            self._client.delete_schedule(name)

    def pause(self, name: str) -> None:
        """Have a schedule submit nothing until it goes on."""
        self._check_schedule(name)
        with self._errors():
            self._client.pause_schedule(name)

    def go_on(self, name: str) -> None:
        """Have a paused schedule go on; what has come due meanwhile is not submitted."""
        self._check_schedule(name)
        pass_over(self.journal.database, name, datetime.now(UTC))
        with self._errors():
            self._client.resume_schedule(name)

    def close(self) -> None:
        """Let go of the database. A second call does nothing."""
        self._client.destroy()
        self._engine.dispose()
        self.journal.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self, url: str) -> Any:
        from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
        from sqlalchemy.exc import DBAPIError

        if not self.journal.database.is_local:
            make_tables(self.journal.database)
        client = DBOSClient(
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            system_database_engine=self._engine,
            retry_connection_errors=False,
        )
        if self.journal.database.is_local:
            try:
                client.list_application_versions()
            except DBAPIError:
                DBOS.migrate(url)
        return client

    def _queue(self, name: str) -> Any:
        # What each worker has at once is its own affair; until it has said so, it takes one.
        # Nor has DBOS begin with looks a second apart that it shortens little by little.
        own: dict[str, Any] = {
            "worker_concurrency": 1,
            "polling_interval_sec": _FIRST_LOOK,
            "application_name": APPLICATION,
        }
        return self._client.register_queue(name, on_conflict="never_update", **own)

    def _queue_of(self, id: str) -> str:
        with self._errors():
            found = self._client.list_workflows(workflow_ids=[id], load_output=False)[0]
        given = found.input["args"]
        return str((given[0] if found.name == CAST else given[1])["queue"])

    def _check_schedule(self, name: str) -> None:
        known = [schedule.name for schedule in self.schedules()]
        if name not in known:
            raise UsageError(f"no schedule {name!r}; there are {', '.join(known) or 'none'}")

    @contextmanager
    def _errors(self, id: str = "") -> Iterator[None]:
        """Tell what goes wrong in our own words."""
        from dbos._error import DBOSException, DBOSWorkflowIDInUseError
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except DBOSWorkflowIDInUseError as error:
            raise UsageError(f"there is a job {id!r} in {self.url} already; choose another --run-id") from error
        except (DBOSException, ValueError) as error:
            raise UsageError(str(error).removeprefix("DBOS Error: ")) from error
        except SQLAlchemyError as error:
            raise DatabaseError(self.url, getattr(error, "orig", None) or error) from error


def _check_times(cron: str) -> None:
    """:raises UsageError: when a schedule would never come, or for each worker at other times."""
    from croniter import CroniterBadDateError, croniter  # DBOS reads them by it

    try:
        croniter(cron, datetime.now(UTC), second_at_beginning=True).get_next(datetime)
    except CroniterBadDateError as error:
        raise UsageError(f"{cron!r} never comes; name a day that its month has") from error
    except ValueError as error:
        raise UsageError(f"{cron!r} names no times ({error}); write it like '*/5 * * * *'") from error
    if _RANDOM.search(cron):
        raise UsageError(f"{cron!r} is another time for each worker; name the time in the place of R")
