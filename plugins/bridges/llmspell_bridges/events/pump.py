"""What hands the events of one subscription on, one after the other, until it is stopped.

Of a run with a journal, each event is written down when it comes and each call of a function when it has ended. A run
that goes on after its process was killed goes on with what had come and was not handled, and with nothing else.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from llmspell_bridges.events.backlog import Come
from llmspell_bridges.events.event import correlated
from llmspell_bridges.events.numbered import log
from llmspell_core.errors import LlmspellError
from llmspell_core.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.events.backlog import Backlog
    from llmspell_bridges.events.event import Event
    from llmspell_bridges.events.records import EventRecord
    from llmspell_core.bridge import Context
    from llmspell_core.values import Function

__all__ = ["Batch", "Handler", "Pump", "Told"]

Handler: TypeAlias = "Callable[[Pump, list[EventRecord]], Awaitable[object]]"
"""Called with the pump, whose ``call`` calls functions, and what was taken."""
Batch: TypeAlias = "tuple[int, float | None]"
"""How many events are taken at once, and for how many seconds they are gathered."""


class Told(Protocol):
    """Who is told of what goes wrong with a subscription."""

    async def missed(self, pattern: str, count: int, in_all: int) -> None:
        """Hear that events found no room, and how many did not so far."""
        ...

    async def failed(self, pattern: str, events: list[EventRecord], error: LlmspellError) -> None:
        """Hear that a callback has raised."""
        ...


class Pump:
    """One subscription at work.

    :param gone: called when it has come to its end
    """

    def __init__(
        self,
        context: Context,
        pattern: str,
        backlog: Backlog,
        handle: Handler,
        told: Told,
        *,
        gone: Callable[[Pump], object],
        batch: Batch | None = None,
    ) -> None:
        self.pattern, self._backlog, self._handle, self._told = pattern, backlog, handle, told
        self._once, self._is_gone, self._batch = context.once, gone, batch
        self.handled = self.failed = self.missed = self._gap = 0
        self.stopped = asyncio.Event()
        self._resting = self._busy = self._hurried = False
        self._new: Come | None = None
        self._heard_before: set[str] = set()
        self._calls: set[asyncio.Task[Any]] = set()
        self._intake = asyncio.get_running_loop().create_task(self._take_in())
        self._work = asyncio.get_running_loop().create_task(self._go())
        context.background.add(self._work)
        self._intake.add_done_callback(self._look_at)
        self._work.add_done_callback(self._look_at)
        self._work.add_done_callback(self._ended)

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._backlog)

    @property
    def is_idle(self) -> bool:
        """Whether everything that has come was handled."""
        return self._resting and not len(self._backlog)

    def hear(self, event: Event) -> None:
        """Take an event that the pattern matches; whoever emits does not wait."""
        if not self.stopped.is_set() and matches(self.pattern, event.name) and event.id not in self._heard_before:
            self._backlog.put(event)

    async def settled(self) -> None:
        """Wait until what was heard is written down, and is being handled if nothing was before it."""
        resting = self._batch is None
        await self._until(lambda: self._backlog.is_written and not (resting and self._resting and self._backlog.kept))

    async def idle(self) -> None:
        """Wait until everything that has come was handled, batches that are not whole too, or it was stopped."""
        self._hurried = len(self._backlog) > 0
        self._backlog.changed.set()
        await self._until(lambda: self.is_idle)

    async def call(self, function: Function, *args: Any) -> bool:
        """Call a function of the spell, and return whether it returns something else than nil and false.

        A call that had ended before the run was killed is not made again.
        """
        # Begun first: it is then known again as the one that the session is at, if it had not ended.
        task = asyncio.get_running_loop().create_task(function(*args))
        self._calls.add(task)
        task.add_done_callback(self._called)

        async def outcome() -> bool:
            returned = await task
            return returned is not None and returned is not False

        return await self._once("ended", outcome)

    def stop(self) -> None:
        """Hand on nothing more. What is being handled goes on to its end."""
        if self.stopped.is_set():
            return
        self.stopped.set()
        self._backlog.changed.set()
        self._intake.cancel()
        if not self._busy:
            self._work.cancel()

    async def close(self) -> int:
        """Stop at once, and return how many events were left."""
        left = len(self._backlog)
        self.stop()
        for task in (self._work, *self._calls):
            task.cancel()
        await asyncio.wait([self._intake, self._work, *self._calls])
        return left

    async def _take_in(self) -> None:
        """Write down what comes."""
        while True:
            kept = await self._once("event", self._next)
            come, self._new = self._new, None
            if come is None:
                come = Come(kept["event"], kept["missed"])
                self._heard_before.add(come.event["id"] if come.event else "")
            self._backlog.keep(come)

    async def _next(self) -> dict[str, Any]:
        self._new = come = await self._backlog.next()
        return {"event": come.event, "missed": come.missed}

    async def _go(self) -> None:
        while not self.stopped.is_set():
            events, missed = await self._taken()
            self._busy = True
            if missed:
                self.missed += missed
                self._gap += missed
                await self._once("missed", partial(self._told.missed, self.pattern, missed, self.missed))
            if events:
                if self._gap:
                    events[0]["missed"], self._gap = self._gap, 0
                await self._meet(events)
            self._busy = False

    async def _taken(self) -> tuple[list[EventRecord], int]:
        """Return what is handled next, and how many events were missed before."""
        count = 1 if self._batch is None else await self._once("batch", partial(self._gathered, *self._batch))
        await self._rest(lambda: self._backlog.kept >= count)
        come = [self._backlog.take() for _ in range(count)]
        return [each.event for each in come if each.event is not None], sum(each.missed for each in come)

    async def _gathered(self, size: int, within: float | None) -> int:
        """Return how many events are a batch, when they are."""
        backlog = self._backlog
        await self._rest(lambda: backlog.kept > 0)
        try:
            async with asyncio.timeout(within):
                await self._rest(lambda: backlog.kept >= size or (self._hurried and backlog.is_written))
        except TimeoutError:
            pass  # then it is those that came
        self._hurried = False
        return min(size, backlog.kept)

    async def _meet(self, events: list[EventRecord]) -> None:
        belong = {event["correlation"] for event in events}
        correlated.set(belong.pop() if len(belong) == 1 else "")
        try:
            await self._handle(self, events)
        except LlmspellError as error:
            self.failed += 1
            await self._once("failed", partial(self._told.failed, self.pattern, events, error))
        else:
            self.handled += 1

    async def _rest(self, ready: Callable[[], bool]) -> None:
        self._resting = True
        self._backlog.changed.set()
        await self._backlog.until(ready)
        self._resting = False
        self._backlog.changed.set()

    async def _until(self, ready: Callable[[], bool]) -> None:
        await self._backlog.until(lambda: self.stopped.is_set() or ready())

    def _called(self, task: asyncio.Task[Any]) -> None:
        self._calls.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it has it; of one that had ended before, nobody does

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.stop()
        self._backlog.clear()
        self._is_gone(self)

    def _look_at(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the subscription to %r broke", self.pattern, exc_info=error)
            self.stop()
