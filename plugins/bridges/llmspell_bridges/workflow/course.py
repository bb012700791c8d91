"""One run of a workflow: its steps taken one by one, tried again, handled when they fail, and undone."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.memory import size_of
from llmspell_bridges.state.scopes import refuse_objects
from llmspell_bridges.tools.builtin.queries import of_json
from llmspell_bridges.workflow.actions import BUSY, is_kept, perform
from llmspell_bridges.workflow.approvals import Approvals
from llmspell_bridges.workflow.control import Control
from llmspell_bridges.workflow.failures import CircuitOpen, StepTimeout
from llmspell_bridges.workflow.frame import UNDO, Frame, Spot
from llmspell_bridges.workflow.kinds import CONTAINERS
from llmspell_bridges.workflow.ledger import Entry, Ledger
from llmspell_bridges.workflow.outcomes import FATAL, came_of, error_of, may_retry, outcome_of
from llmspell_bridges.workflow.places import filled
from llmspell_core.errors import LimitExceeded
from llmspell_core.values import Function

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from llmspell_bridges.workflow.definition import Condition, Definition, Step
    from llmspell_bridges.workflow.home import Home
    from llmspell_core.values import ErrorValue

__all__ = ["Course"]

_REMEMBERED = 1000


class Course:
    """A run of a definition.

    :param listeners: returns the functions that want to be told of an event
    """

    def __init__(
        self,
        home: Home,
        definition: Definition,
        given: Any,
        params: Mapping[str, Any],
        listeners: Callable[[str], list[Function]],
    ) -> None:
        self.home, self.definition, self.given = home, definition, given
        self.frame = Frame(definition.name, given, params)
        self.ledger, self.control, self.approvals = Ledger(home.room), Control(), Approvals()
        self.current: dict[str, str] = {}
        self.trail: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self.failed_at: tuple[str, str] = ("", "")
        self.taken = 0
        self._listeners = listeners
        self._places = asyncio.Semaphore(definition.most)

    async def forward(self) -> Any:
        """Return what the workflow makes of its input; steps that the ledger knows are not taken again."""
        self.ledger.restore(self.frame)
        self.failed_at = ("", "")
        async with self.in_time(self.definition.name, self.definition.timeout):
            return await self.step(self.definition.root, self.given, Spot(self.frame, "steps"))

    async def step(self, step: Step, given: Any, spot: Spot) -> Any:
        """Return what comes of a step, with all that is said of it."""
        if not step.name:
            return await perform(self, step, given, spot)
        if (known := self.ledger.find(spot.key)) is not None:
            return known.output
        wanted, handled = given, False
        try:
            if step.when is not None and not await self.holds(step.when, given, spot, "when"):
                await self.tell("step_skipped", step)
                return given
            wanted = given if step.given is None else await self.value(step.given, given, spot)
            output = await self._attempts(step, wanted, spot)
        except FATAL:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a step raises is handled, or raised again
            output, handled = await self._handled(step, wanted, spot, error), True
        # What has failed is not done, so there is nothing of it to undo.
        # The others hold, or hand on, what was counted where it was made.
        size = size_of(output) if handled or step.kind in BUSY else 0
        self.ledger.add(Entry(spot.key, output, spot, step, undone=handled, size=size))
        if not spot.is_aside:
            spot.frame.note(step.name, output, step.save)
        await self.tell("step_done", step, output=output)
        return output

    async def holds(self, condition: Condition, given: Any, spot: Spot, part: str) -> bool:
        """Tell whether a condition holds; it is asked for once at each spot."""
        if isinstance(condition, bool):
            return condition
        key = f"{spot.key}?{part}"
        if (known := self.ledger.find(key)) is not None:
            return bool(known.output)
        seen = spot.seen(given)
        if isinstance(condition, Function):
            held = bool(await condition(given, seen))
        else:
            held = bool(await of_json(self.home.context, condition, seen))
        self.ledger.add(Entry(key, held))
        return held

    async def value(self, source: Any, given: Any, spot: Spot, **more: Any) -> Any:
        """Return what a function makes of a step's input, or data with its places filled."""
        seen = spot.seen(given, **more)
        return await source(given, seen) if isinstance(source, Function) else filled(source, seen)

    def count(self, steps: int = 1) -> None:
        """Count steps; :raises LimitExceeded: when the run has taken as many as it may."""
        self.taken += steps
        allowed = self.home.bounds.steps
        if self.taken > allowed:
            raise LimitExceeded("workflow_steps", allowed, f"the workflow takes more than {allowed} steps")

    async def tell(self, event: str, step: Step | None = None, **more: Any) -> list[Any]:
        """Tell whoever listens what happens, and return what they say."""
        about: dict[str, Any] = {"event": event, "workflow": self.definition.name}
        if step is not None:
            about |= {"step": step.name, "path": step.path}
        shown = {name: value for name, value in more.items() if name in ("attempt", "error")}
        self.trail.append({**about, **shown, "time": self.home.context.clock()})
        said = []
        for function in self._listeners(event):
            try:
                said.append(await function({**about, **more}))
            except FATAL:
                raise
            except Exception as error:  # noqa: BLE001 - who listens cannot break what is listened to
                told = error_of(error, f"the listener to {event}")
                self.trail.append(
                    {"event": "listener_failed", "error": _shown(told), "time": self.home.context.clock()}
                )
        return said

    async def undo(self, below: str = "") -> dict[str, Any]:
        """Compensate what was done, each step once and the newest first, and forget it.

        :param below: the key of the step that it was a part of; all when empty
        :return: ``{compensated, compensation_errors}``
        """
        todo = self.ledger.undoable(below)
        told = await self.undo_these(todo)
        if below:
            self.ledger.forget_below(below)
        elif todo:
            self.ledger.forget_from(todo[-1])
        return told

    async def go_back(self, later: list[Entry], *, compensate: bool) -> None:
        """Forget steps, the oldest first among them, and all that came after it.

        Where it is cancelled, what was compensated by then is forgotten, so that it is taken again.

        :param compensate: compensate them first
        """
        keys = {entry.key for entry in later} if compensate else set()
        todo = [entry for entry in self.ledger.undoable() if entry.key in keys]
        try:
            await self.undo_these(todo)
        except BaseException:
            later = [entry for entry in todo if entry.undone][-1:]
            raise
        finally:
            if later:
                self.ledger.forget_from(later[0])
            self.ledger.restore(self.frame)

    async def undo_these(self, todo: list[Entry]) -> dict[str, Any]:
        """Compensate steps in this order, also when one of the compensations fails."""
        done: list[str] = []
        errors: list[dict[str, Any]] = []
        for entry in todo:
            assert entry.step is not None
            assert entry.spot is not None
            entry.undone = True
            try:
                await self._undo(entry.step, entry.output, entry.spot)
            except Exception as error:  # noqa: BLE001 - the others are compensated nevertheless
                told = _shown(error_of(error, f"the compensation of {entry.step.name}"))
                errors.append({"step": entry.step.name, **told})
                await self.tell("compensation_failed", entry.step, error=told)
            else:
                done.append(entry.step.name)
                await self.tell("compensated", entry.step)
        return {"compensated": done, "compensation_errors": errors}

    @asynccontextmanager
    async def in_time(self, what: str, seconds: float | None, key: str = "") -> AsyncIterator[None]:
        """Stop what runs inside after so many seconds; :raises StepTimeout: then."""
        timer = self.home.context.deadline(key or what, seconds)
        try:
            async with timer:
                yield
        except TimeoutError:
            if seconds is None or not timer.expired():
                raise
            raise StepTimeout(what, seconds) from None

    async def _undo(self, step: Step, output: Any, spot: Spot) -> None:
        undoing = step.compensate
        assert undoing is not None
        await self.step(undoing, output, Spot(spot.frame, spot.key + UNDO, spot.item, spot.number))

    async def _attempts(self, step: Step, given: Any, spot: Spot) -> Any:
        attempt = 0
        while True:
            attempt += 1
            at = spot.again(attempt)
            try:
                return await self._attempt(step, given, at, attempt)
            except FATAL:
                raise
            except Exception as error:
                if step.kind == "workflow":
                    await self.undo(at.key)
                if attempt >= step.retry.attempts or not may_retry(step.retry, error):
                    raise
                await self.tell("step_retry", step, attempt=attempt)
            if pause := step.retry.pause(attempt):
                await self.home.once(f"{at.key} pause", partial(asyncio.sleep, pause))

    async def _attempt(self, step: Step, given: Any, spot: Spot, attempt: int) -> Any:
        if not spot.undoes:
            await self.control.gate()
            self.count()
        await self.tell("step_started", step, attempt=attempt)
        self.current[spot.key] = step.name
        try:
            return await self._came(step, given, spot, attempt)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if not spot.undoes and step.kind not in CONTAINERS:
                self.failed_at = (step.name, step.path)
            await self.tell("step_failed", step, attempt=attempt, error=_shown(error_of(error, step.name)))
            raise
        finally:
            del self.current[spot.key]

    async def _came(self, step: Step, given: Any, spot: Spot, attempt: int) -> Any:
        breaker = None if step.breaker is None else self.home.breaker(step.breaker)
        entered = False

        async def do(arguments: dict[str, Any]) -> Any:
            made = await perform(self, step, arguments["input"], spot)
            refuse_objects(made)
            return made

        async def act() -> Any:
            nonlocal entered
            if breaker is not None and step.breaker is not None:
                if not breaker.lets_through():
                    raise CircuitOpen(step.breaker.name, breaker.failures, step.breaker.reset)
                breaker.enter()
                entered = True
            about = {"workflow": spot.frame.name, "kind": step.kind, "input": given, "attempt": attempt}
            async with (
                self._places if step.kind in BUSY else nullcontext(),
                self.in_time(step.name, step.timeout, spot.key),
            ):
                return await self.home.context.points.act("workflow_step", step.name, about, do)

        work = partial(outcome_of, act, f"the step {step.name!r}")
        try:
            made = came_of(await (self.home.once(spot.key, work) if is_kept(self, step) else work()))
        except Exception as error:
            if breaker is not None and getattr(error, "kind", "") != CircuitOpen.kind:
                breaker.failed()
            elif breaker is not None and entered:
                breaker.left()  # another one, within the step, has left something alone
            raise
        except BaseException:
            if breaker is not None:
                breaker.left()
            raise
        if breaker is not None:
            breaker.succeeded()
        return made

    async def _handled(self, step: Step, given: Any, spot: Spot, error: Exception) -> Any:
        """Return what stands in the place of a step that has failed; its error is raised where nothing does."""
        handling = step.on_error
        if handling is None:
            raise error
        told = _shown(error_of(error, f"the step {step.name!r}"))
        at = Spot(spot.frame, f"{spot.key}~error", spot.item, spot.number)
        made = None
        if handling.function is not None:
            made = await handling.function(told, at.seen(given, step=step.name))
        elif handling.step is not None:
            made = await self.step(handling.step, {"input": given, "error": told}, at)
        refuse_objects(made)
        return made


def _shown(error: ErrorValue) -> dict[str, Any]:
    return {"kind": error.kind, "message": error.message, "data": error.data}
