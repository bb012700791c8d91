"""A worker: takes jobs from a queue, casts them, goes on with those of dead workers, and stops in good order."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_core.database import DatabaseError
from llmspell_core.errors import LlmspellError, UsageError
from llmspell_core.journal import Fenced, Journal
from llmspell_core.journal.owners import this_process
from llmspell_core.plugins import hooks
from llmspell_core.queue import takeover
from llmspell_core.queue.casting import Caster
from llmspell_core.queue.heartbeats import DEAD, Heartbeats, Pulse
from llmspell_core.queue.jobs import Cap, Job
from llmspell_core.queue.settings import CAST, SCHEDULED, CastFailed, configuration
from llmspell_core.queue.tables import make_tables
from llmspell_core.queue.watch import CROWD, Watch
from llmspell_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from llmspell_core.journal import Run
    from llmspell_core.runner import Isolation, Result

__all__ = ["DeclaredDead", "Worker"]

_T = TypeVar("_T")

_LOOK, _BUSY_LOOK = 0.05, 0.005
"""Seconds between two looks into the queue, and so the most that a job waits for an idle worker; and after a look that
has found jobs, at the least."""
_MOST_BEGUN = 800
"""Jobs that a worker can begin in a second by looks that each find as many as it may have at once."""
CONNECTIONS = 8
"""Connections of a worker to a server, one of them for its signs of life."""
_SUSPECT = 3
"""A job that is begun this often has ended with its worker each time before."""
_CALM, _MOST_CALM = 1.0, 10.0
"""Seconds after which a database that is away is asked again, twice as many each time, up to so many."""
_END = 10.0
"""Seconds that casts may take to end when they are told to."""


class DeclaredDead(LlmspellError):
    """The worker gave no sign of life, so that others have its jobs; it has stopped, and changed nothing more."""

    kind = "fenced"

    def __init__(self, worker: str) -> None:
        self.worker = worker
        super().__init__(
            f"the worker {worker} gave no sign of life for {DEAD:g} seconds, so others have taken over its jobs; "
            "it has stopped, start another"
        )


class Worker:
    """Casts the jobs of one queue. There is one to a process, and it runs once.

    :param url: the database, as for :class:`Ledger`
    :param at_once: how many jobs it has at once
    :param tries: how many workers a job may take down with it before it is parked
    :param connections: to a server, that it holds at the most
    :param cap: the most that any job gets, whatever it was granted
    :param place: where spells run at least; those of jobs that ask for more run there
    :param runner: options of the runners that cast, see :class:`Runner`
    :param told: called with what happens, a line at a time
    """

    def __init__(
        self,
        url: str,
        queue: str,
        *,
        at_once: int = 16,
        tries: int = 5,
        connections: int = CONNECTIONS,
        cap: Cap | None = None,
        place: Isolation = "process",
        runner: Mapping[str, Any] | None = None,
        told: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.url, self.queue, self.id = url, queue, f"{this_process()}/{os.urandom(4).hex()}"
        self._at_once, self._tries, self._told = at_once, tries, told
        self._heartbeats = Heartbeats(url)
        self._database = self._heartbeats.database
        self._journal = Journal(url, connections=connections - 1)
        self._caster = Caster(self._journal, cap or Cap(), place, self._make)
        self._options = dict(runner or {})
        self._at_work: dict[str, asyncio.Task[Any]] = {}
        self._grace: float | None = None
        self._lost = False
        self._calm = _CALM
        self._threads = ThreadPoolExecutor(4, "llmspell-worker-")

    async def run(self) -> None:
        """Take jobs until told to stop.

        :raises DeclaredDead: when others have taken its jobs over
        :raises UsageError: when there is a worker in this process already
        :raises BrokenPlugin: when hooks are, without which no job is cast
        """
        hooks(self._options.get("plugins", ()))
        self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        self._alone = asyncio.Lock()
        self._heartbeats.arrive(self.id, self.queue)
        pulse = Pulse(self._heartbeats, self.id, lambda: self._loop.call_soon_threadsafe(self._lose), self._told)
        self._watch = Watch(self.id, self.queue, self._heartbeats, pulse, self._at_work, self._told)
        pulse.start()
        try:
            await self._work()
        finally:
            pulse.stop()
            self._caster.close()
            self._threads.shutdown(wait=False)
            self._journal.close()
            self._heartbeats.close()
        if self._lost:
            raise DeclaredDead(self.id)

    def stop(self, grace: float = 0.0) -> None:
        """Take no more jobs, and end when those at work have ended, or after so many seconds: others go on with them.

        For the thread of the worker's event loop; said again, the later word counts.
        """
        self._grace = time.monotonic() + grace
        self._woken.set()

    async def _work(self) -> None:
        try:
            self._launch()
            self._told(f"worker {self.id} takes jobs of {self.queue!r} from {self._journal.url}")
            await _first(asyncio.create_task(self._watch.run()), asyncio.create_task(self._stopping()))
            await self._interrupt()
        finally:
            await self._end()

    def _launch(self) -> None:
        from dbos import DBOS
        from dbos._error import DBOSException

        if not self._database.is_local:
            make_tables(self._journal.database)
        made = DBOS(config=configuration(self._journal.database, self.id))
        try:
            DBOS.listen_queues([self.queue])
        except DBOSException as error:
            raise UsageError(f"there is one worker to a process; start another process ({error})") from error

        async def cast(job: dict[str, Any]) -> dict[str, Any]:
            return await self._cast_job(job)

        async def scheduled(at: str, job: dict[str, Any]) -> dict[str, Any]:
            return await self._cast_job(job)

        for name, work in ((CAST, cast), (SCHEDULED, scheduled)):
            # DBOS would read them for each job.
            work.__annotations__.clear()
            DBOS.workflow(name=name, max_recovery_attempts=self._tries - 1)(work)

        DBOS.launch()
        takeover.Share(made, self._room, self._pause)
        takeover.describe_scheduled(made)

    def _room(self) -> int:
        return 0 if self._lost or self._grace is not None else self._at_once

    def _pause(self, found: bool) -> float:
        look = min(_LOOK, max(_BUSY_LOOK, self._at_once / _MOST_BEGUN)) if found else _LOOK
        return look * max(1.0, self._watch.living / CROWD)

    async def _cast_job(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what is kept of a job that ended well; the journal has its value and output."""
        from dbos import DBOS

        job = DBOS.workflow_id
        assert job is not None
        if self._room() == 0:
            # It was claimed while the worker was told to stop.
            await self._thread(takeover.return_one, self._database, self.id, job)
            raise asyncio.CancelledError
        await self._await_former(job)
        task = asyncio.current_task()
        assert task is not None
        self._at_work[job] = task
        try:
            result = await self._cast(job, Job.from_data(data))
        except DatabaseError as error:
            await self._put_back(job, error)
            raise asyncio.CancelledError from None
        except LlmspellError as error:
            raise CastFailed(error) from error
        finally:
            if self._at_work.get(job) is task:
                del self._at_work[job]
        if isinstance(result.error, Fenced) and not await self._thread(self._heartbeats.beat, self.id):
            self._lose()
            raise asyncio.CancelledError
        if result.error is not None:
            raise CastFailed(result.error, result.usage.as_dict())
        return {"ok": True, "run": job, "engine": result.engine, "usage": result.usage.as_dict()}

    async def _await_former(self, id: str) -> None:
        """Wait until what is left here of an earlier try has ended: a job that was cancelled and retried at once."""
        former = self._at_work.get(id)
        if former is not None:
            former.cancel()
            await asyncio.wait({former})

    async def _cast(self, id: str, job: Job) -> Result:
        run = await self._caster.run_of(id)
        async with self._by_itself(id, run):
            result = await self._caster.cast(id, job, run)
        self._calm = _CALM
        return result

    @asynccontextmanager
    async def _by_itself(self, id: str, run: Run | None) -> AsyncIterator[None]:
        """Have one job at a time that may take the worker down, so that it takes no others to their last try.

        What waits for its turn counts as not begun.
        """
        if run is None or run.status != "running" or await self._thread(takeover.tries, self._database, id) < _SUSPECT:
            yield
            return
        await self._thread(takeover.count, self._database, self.id, id, -1)
        async with self._alone:
            await self._thread(takeover.count, self._database, self.id, id, 1)
            yield

    async def _put_back(self, id: str, error: DatabaseError) -> None:
        """Have a job begin again whose journal could not be written, once the database has had time to come back."""
        self._told(f"job {id} goes back into the queue: {error}")
        # It is no fault of the job's that a disk is full.
        back = takeover.return_one if error.passing else takeover.put_back
        while True:
            pause, self._calm = self._calm, min(_MOST_CALM, self._calm * 2)
            await asyncio.sleep(pause)
            try:
                await self._thread(back, self._database, self.id, id)
                return
            except DatabaseError:
                # Its absence is told already.
                continue

    def _lose(self) -> None:
        """Abandon everything: it is others' by now."""
        if not self._lost:
            self._lost = True
            self.stop()

    async def _stopping(self) -> None:
        """Come back when the worker is to end: it was told so, and nothing is at work or its time is up."""
        await self._woken.wait()
        if self._at_work and not self._lost:
            self._told(f"takes no more jobs; {len(self._at_work)} are at work")
        while self._at_work and self._grace is not None and time.monotonic() < self._grace:
            self._woken.clear()
            left = self._grace - time.monotonic()
            await asyncio.wait(
                {*self._at_work.values(), woken := asyncio.create_task(self._woken.wait())},
                timeout=max(0.0, left),
                return_when=asyncio.FIRST_COMPLETED,
            )
            woken.cancel()

    async def _interrupt(self) -> None:
        tasks = set(self._at_work.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_END)

    async def _end(self) -> None:
        from dbos import DBOS

        await self._return_all()
        # DBOS waits for threads of its own, which may wait for this loop.
        await self._thread(lambda: DBOS.destroy(destroy_registry=True))
        await self._return_all()
        await self._quietly(self._heartbeats.leave, self.id)

    async def _return_all(self) -> None:
        returned = await self._quietly(takeover.return_all, self._database, self.id)
        if returned:
            self._told(f"{returned} jobs go back into the queue")

    async def _quietly(self, work: Callable[..., _T], *args: Any) -> _T | None:
        """Do what others do after a while where it cannot be done now."""
        try:
            return await self._thread(work, *args)
        except DatabaseError as error:
            self._told(f"the database cannot be told: {error}")
            return None

    async def _thread(self, work: Callable[..., _T], *args: Any) -> _T:
        return await self._loop.run_in_executor(self._threads, lambda: work(*args))

    def _make(self, place: Any) -> Runner:
        return Runner(journal=self._journal, isolation=place, **self._options)


async def _first(*tasks: asyncio.Task[Any]) -> None:
    """Come back when one of some tasks has ended, the others being cancelled; raise what it raised."""
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    for task in done:
        task.result()
