"""The runs of one workflow, one at a time: begun, gone on with, stopped, rolled back, and what came of the last."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from llmspell_bridges.workflow.course import Course
from llmspell_bridges.workflow.failures import (
    Busy,
    NotRunning,
    WaitsForItself,
    WorkflowCancelled,
    WorkflowFailed,
    WorkflowWaits,
)
from llmspell_bridges.workflow.outcomes import FATAL, error_of
from llmspell_core.errors import BadArgument
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_bridges.workflow.definition import Definition
    from llmspell_bridges.workflow.home import Home
    from llmspell_bridges.workflow.records import State
    from llmspell_core.values import Function

__all__ = ["Life"]

_GLANCE = 0.05


class Life:
    """What a workflow does.

    :param listeners: returns the functions that want to be told of an event
    """

    def __init__(self, home: Home, definition: Definition, listeners: Callable[[str], list[Function]]) -> None:
        self._home, self._definition, self._listeners = home, definition, listeners
        self._task: asyncio.Task[Any] | None = None
        self._state: State = "created"
        self._is_cancelling = False
        self.course: Course | None = None
        self.error: BaseException | None = None

    @property
    def name(self) -> str:
        """Of the workflow."""
        return self._definition.name

    @property
    def state(self) -> State:
        """What the workflow is doing."""
        if self.course is None or self._state != "running":
            return self._state
        if self.course.control.is_paused:
            return "paused"
        return "waiting" if self.course.control.stalled.is_set() else "running"

    def begin(self, given: Any, params: Mapping[str, Any]) -> None:
        """Begin a run in the background; :raises Busy: when one is under way."""
        self.check_idle("be run")
        if self.course is not None:
            self.course.ledger.clear()
        self._go(Course(self._home, self._definition, given, params, self._listeners))

    async def at_rest(self) -> None:
        """Wait, where an interrupted run goes on, until nothing is under way any more, as it was then."""
        mark, task, course = self._home.context.mark, self._task, self.course
        if mark is None or task is None or course is None or not mark("rest").is_past:
            return
        while not task.done() and not (course.control.is_paused and course.control.stalled.is_set()):
            await asyncio.wait([task], timeout=_GLANCE)

    def check_idle(self, wanted: str) -> None:
        """Do nothing if no run is under way, or is rolled back; :raises Busy: else."""
        if self._state == "compensating" or (self._task is not None and not self._task.done()):
            raise Busy(self.name, self.state, wanted)

    def some(self, wanted: str) -> Course:
        """Return the run that is under way or was the last; :raises NotRunning: when there was none."""
        if self.course is None:
            raise NotRunning(self.name, self.state, wanted, "run() begins")
        return self.course

    def running(self, wanted: str) -> Course:
        """Return the run that is under way; :raises NotRunning: when there is none."""
        if self.course is None or self._task is None or self._task.done():
            raise NotRunning(self.name, self.state, wanted, f"{spelled('run_async')}() begins in the background")
        return self.course

    async def pause(self) -> None:
        """Let no step begin from now on."""
        course = self.running("pause")
        await self._as_far(course, "paused at")
        course.control.pause()
        await course.tell("paused")

    async def resume(self) -> None:
        """Go on where the run was paused, has failed, was cancelled, or was rolled back to."""
        course = self.some("resume")
        if not course.control.is_paused:
            await self.at_rest()
        if self._state == "done":
            raise NotRunning(self.name, self.state, "resume", "run() begins anew, rollback() goes back")
        if not course.control.is_paused or self._state == "compensating":
            self.check_idle("be resumed")
        course.control.resume()
        if self._task is None or self._task.done():
            self._go(course)
        await course.tell("resumed")

    async def cancel(self) -> None:
        """Stop the run, and wait until what was done is compensated."""
        course = self.running("cancel")
        await self._as_far(course, "cancelled at")
        task = self._task
        assert task is not None
        if self._state != "compensating":
            self._is_cancelling = True
            task.cancel()
        await asyncio.wait([task])

    async def roll_back(self, number: int, *, compensate: bool) -> None:
        """Go back to a checkpoint; 0 is the beginning."""
        await self.at_rest()
        course, task = self.some("roll back"), self._task
        if task is not None and not task.done() and not (course.control.is_paused and course.control.stalled.is_set()):
            raise Busy(self.name, self.state, "be rolled back; pause() it first")
        if self._state == "compensating":
            raise Busy(self.name, self.state, "be rolled back")
        found = course.ledger.checkpoints()
        if not 0 <= number <= len(found):
            raise BadArgument("rollback", 1, "number", f"must be from 0 to {len(found)}, not {number}")
        self._state, self.error, self._task = "compensating", None, None
        try:
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])
            await course.go_back(found[number:], compensate=compensate)
        finally:
            course.control.resume()
            self._state = "paused"
        await course.tell("rolled_back")

    async def outcome(self, wait: float) -> Any:
        """Return what comes of the run that is under way, or was the last; :raises WorkflowWaits: if it stands still.

        :param wait: seconds that it may
        """
        task, course = self._task, self.course
        if task is None or course is None:
            raise NotRunning(self.name, self.state, "wait for", "run() or resume() begins")
        if self in _within.get() and not task.done():
            raise WaitsForItself(self.name)
        while not task.done():
            await _either(task, course.control.stalled)
            if await _stands_still(task, course, wait):
                raise WorkflowWaits(self.name, course.control.is_paused, course.approvals.names)
        if task.cancelled():
            raise WorkflowCancelled(self.name, {"compensated": [], "compensation_errors": []})
        return task.result()

    def _go(self, course: Course) -> None:
        task = self._home.begin(self._whole(course))
        self.course, self._task = course, task
        self._state, self.error, self._is_cancelling = "running", None, False

        def ended(job: asyncio.Task[Any]) -> None:
            if job.cancelled() and self._task is job:
                self._state = "cancelled"
            course.ledger.wake()

        task.add_done_callback(ended)

    async def _whole(self, course: Course) -> Any:
        """Return what comes of a run; one that fails or is cancelled is undone first."""
        _within.set((*_within.get(), self))
        try:
            await course.tell("started")
            made = await course.forward()
        except asyncio.CancelledError:
            if not self._is_cancelling:
                raise
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            self.error = WorkflowCancelled(self.name, await self._undone(course))
            self._state = "cancelled"
            await course.tell("cancelled")
            raise self.error from None
        except Exception as error:
            told = error_of(error, self.name)
            failure = WorkflowFailed(self.name, *course.failed_at, told, await self._undone(course))
            # What bounds the whole spell is told as it is.
            self.error = error if isinstance(error, FATAL) else failure
            self._state = "failed"
            await course.tell("failed", error={"kind": told.kind, "message": told.message, "data": told.data})
            if isinstance(error, FATAL):
                raise
            raise failure from error
        self._state = "done"
        await course.tell("done", output=made)
        return made

    async def _undone(self, course: Course) -> dict[str, Any]:
        self._state = "compensating"
        course.control.resume()
        return await course.undo()

    async def _as_far(self, course: Course, key: str) -> None:
        """Wait, where an interrupted run goes on, until it is as far as it was when this was asked for first."""

        async def keys() -> list[str]:
            return course.ledger.keys()

        task = self._task
        await course.ledger.reached(await self._home.once(key, keys), lambda: task is None or task.done())


_within: ContextVar[tuple[Life, ...]] = ContextVar("llmspell_workflows", default=())
"""The workflows that what is done at present is a part of."""


async def _either(task: asyncio.Task[Any], event: asyncio.Event) -> None:
    """Wait until a task has ended or an event is set."""
    waiter = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait([task, waiter], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()


async def _stands_still(task: asyncio.Task[Any], course: Course, seconds: float) -> bool:
    """Tell whether a run waits for the spell, and still does after so many seconds."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while course.control.stalled.is_set() and not task.done():
        left = ends - loop.time()
        if left <= 0:
            return True
        await asyncio.wait([task], timeout=min(left, _GLANCE))
    return False
