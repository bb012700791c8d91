"""A job is cast, or its run goes on: nothing that had ended is done again, whichever worker it ended in."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from llmspell_core.database import DatabaseError
from llmspell_core.queue.jobs import going_on
from llmspell_core.runs import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from llmspell_core.journal import Journal, Run
    from llmspell_core.queue.jobs import Cap, Job
    from llmspell_core.runner import Isolation, Result, Runner

__all__ = ["Caster"]


class Caster:
    """Casts the jobs of one worker.

    :param cap: the most that any job gets
    :param place: where spells run at least
    :param make: returns a runner for one place
    """

    def __init__(self, journal: Journal, cap: Cap, place: Isolation, make: Callable[[str], Runner]) -> None:
        self._journal, self._cap, self._place, self._make = journal, cap, place, make
        self._runners: dict[str, Runner] = {}
        self._open = ExitStack()

    async def run_of(self, id: str) -> Run | None:
        """Return the run of a job, where it has begun."""
        return await self._journal.work(lambda transaction: self._journal.read(transaction, id))

    async def cast(self, id: str, job: Job, run: Run | None) -> Result:
        """Return what came of a job.

        :param run: how far it has come before
        :raises DatabaseError: when the journal could not be read or written, so that it has not ended
        """
        if run is not None and run.status in ("ok", "failed"):
            return result_of(run)
        runner = self._runner(job.place(self._place))
        if run is None:
            options: Any = job.options(self._cap)
            result = await runner.acast(job.spell, run_id=id, **options)
        else:
            more: Any = going_on(run, self._cap)
            result = await runner.aresume(id, take_over=True, **more)
        if isinstance(result.error, DatabaseError) and result.error.url == self._journal.url:
            raise result.error
        return result

    def close(self) -> None:
        """Let go of the runners. A second call does nothing."""
        self._open.close()

    def __enter__(self) -> Caster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _runner(self, place: str) -> Runner:
        if place not in self._runners:
            self._runners[place] = self._open.enter_context(self._make(place))
        return self._runners[place]
