"""A run of an agent in the background."""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.records import Answer, JobStatus
from llmspell_bridges.tools.failures import fields_of
from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from llmspell_bridges.agent.home import Home
    from llmspell_bridges.agent.performing import Done

__all__ = ["Job", "JobCancelled"]

_MOST = 100


class JobCancelled(CallError):
    """A run in the background was cancelled, so there is no result."""

    kind = "cancelled_job"

    def __init__(self, agent: str) -> None:
        super().__init__(f"the run of the agent {agent!r} was cancelled")


class Job(Handle):
    """A run in the background. It goes on without its handle, and ends with the spell."""

    def __init__(self, agent: str, work: Coroutine[Any, Any, Done]) -> None:
        import asyncio

        self._agent = agent
        self._awaits: list[Job] = []
        context = copy_context()
        context.run(_within.set, self)
        self._task = asyncio.get_running_loop().create_task(work, context=context)

    @classmethod
    def begin(cls, home: Home, agent: str, work: Coroutine[Any, Any, Done]) -> Job:
        """Begin work in the background; :raises CallError: when there is too much of it."""
        if len(home.jobs) >= _MOST:
            work.close()
            raise CallError(f"{_MOST} runs are under way in the background; wait for some, or cancel them")
        job = cls(agent, work)
        home.jobs.add(job._task)
        home.context.background.add(job._task)
        job._task.add_done_callback(home.ended)
        return job

    @expose
    async def result(self) -> Answer:
        """Return what came of the run, once it has ended; its error is raised here."""
        import asyncio

        asking = _within.get()
        if asking is not None and not self._task.done() and self._waits_for(asking):
            raise CallError(f"the run of the agent {self._agent!r} waits for what asks for its result")
        awaits = [] if asking is None else asking._awaits
        awaits.append(self)
        try:
            await asyncio.wait([self._task])
        finally:
            awaits.remove(self)
        if self._task.cancelled():
            raise JobCancelled(self._agent)
        return self._task.result().answer()

    @expose
    def status(self) -> JobStatus:
        """Return whether the run has ended, and how."""
        task = self._task
        if not task.done():
            return JobStatus(state="running", agent=self._agent, error=None)
        if task.cancelled():
            return JobStatus(state="cancelled", agent=self._agent, error=None)
        error = task.exception()
        told = None if error is None else fields_of(error, self._agent)
        return JobStatus(state="done" if error is None else "failed", agent=self._agent, error=told)

    @expose(redo=True)
    async def cancel(self) -> bool:
        """Stop the run with its requests and tools, and tell whether it was still under way."""
        import asyncio

        if self._task.done():
            return False
        self._task.cancel()
        await asyncio.wait([self._task])
        return self._task.cancelled()

    def _waits_for(self, other: Job) -> bool:
        """Tell whether it is another run, or waits for that, or for one that does."""
        return self is other or any(each._waits_for(other) for each in self._awaits)


_within: ContextVar[Job | None] = ContextVar("llmspell_agent_job", default=None)
"""The run in the background that something is a part of."""
