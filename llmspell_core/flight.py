"""The calls of one run that are in flight, and the handles that are being closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from llmspell_core.errors import Cancelled, ProtocolError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from contextvars import Context

    from llmspell_core.mount import Method, Mount
    from llmspell_core.replies import Replies
    from llmspell_core.values import Handle

__all__ = ["Flight", "Timer", "Timers"]


class Timer(Protocol):
    """What lands at a time."""

    def cancel(self) -> None:
        """Have it never land."""


class Timers(Protocol):
    """A clock that sleeps may go by instead of the loop's."""

    def call_later(self, seconds: float, landed: Callable[[], None], /) -> Timer | None:
        """Return a timer; None leaves it to the loop."""

    def waits(self) -> None:
        """Note that the session waits for what is in flight."""


class Flight:
    """Starts what waits, hands its outcome to the replies, and can stop it."""

    def __init__(self, mount: Mount, replies: Replies, timers: Timers | None = None) -> None:
        self._mount, self._replies, self._timers = mount, replies, timers
        self._flying: dict[int, asyncio.Task[Any] | Timer] = {}
        self._again: set[asyncio.Task[Any]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._unclosed: list[Handle] = []
        self._asleep: float | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._flying)

    def start(self, id: int, coroutine: Any, method: Method, context: Context | None = None) -> None:
        """Run a call that may wait.

        :param context: that it runs in; None is the present one
        """
        task = self._begin(coroutine, method, context)
        self._flying[id] = task

        def landed(task: asyncio.Task[Any]) -> None:
            self._left(task, method)
            self._land(id, task, method.signature.name)

        task.add_done_callback(landed)

    def start_again(self, coroutine: Any, method: Method, context: Context | None = None) -> asyncio.Task[Any]:
        """Run a call whose answer is known: what comes of it is for the caller alone."""
        task = self._begin(coroutine, method, context)
        self._again.add(task)

        def landed(task: asyncio.Task[Any]) -> None:
            self._again.discard(task)
            self._left(task, method)

        task.add_done_callback(landed)
        return task

    def stepped(self) -> None:
        """Note that the session asks anew: what it asks for from now on begins now."""
        self._asleep = None

    def sleep(self, id: int, seconds: float) -> None:
        """Answer a call with nil after so many seconds.

        All sleeps of one step begin at one time, a nanosecond apart: they end in the order of their lengths, and equal
        ones in the order they were asked for, however slowly the calls of the step are made.
        """
        assert self.loop is not None
        self._asleep = self.loop.time() if self._asleep is None else self._asleep + 1e-9

        def landed() -> None:
            if self._flying.pop(id, None) is not None:
                self._replies.resolve(id, None)

        timer = None if self._timers is None else self._timers.call_later(seconds, landed)
        self._flying[id] = self.loop.call_at(self._asleep + seconds, landed) if timer is None else timer

    def waits(self) -> None:
        """Note that the session waits for what is in flight."""
        if self._timers is not None:
            self._timers.waits()

    def cancel(self, id: int) -> None:
        """Stop a call, whose answer is no longer wanted."""
        flying = self._flying.pop(id, None)
        if flying is not None:
            flying.cancel()

    def task(self, id: int) -> asyncio.Task[Any] | None:
        """Return the task of a call that is in flight."""
        import asyncio

        flying = self._flying.get(id)
        return flying if isinstance(flying, asyncio.Task) else None

    def close_soon(self, handle: Handle | None) -> None:
        """Close a handle that the script let go of, without waiting for it."""
        if handle is None:
            return
        if self.loop is None:
            self._unclosed.append(handle)
            return
        task = self.loop.create_task(close(handle))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> list[Handle]:
        """Stop every call and wait until it has stopped; return the handles that are still to be closed."""
        flying, self._flying = self._flying, {}
        for each in (*flying.values(), *self._again):
            each.cancel()
        if self._tasks:
            import asyncio

            await asyncio.gather(*self._tasks, return_exceptions=True)
        unclosed, self._unclosed = self._unclosed, []
        return unclosed

    def _begin(self, coroutine: Any, method: Method, context: Context | None = None) -> asyncio.Task[Any]:
        assert self.loop is not None
        task = self.loop.create_task(coroutine, context=context)
        self._tasks.add(task)
        self._mount.enter(method)
        return task

    def _left(self, task: asyncio.Task[Any], method: Method) -> None:
        self._tasks.discard(task)
        self.close_soon(self._mount.leave(method))

    def _land(self, id: int, task: asyncio.Task[Any], name: str) -> None:
        if self._flying.pop(id, None) is None:
            if not task.cancelled():
                task.exception()  # asked for, so that it is not reported as lost
        elif task.cancelled():
            self._replies.reject(id, Cancelled("the call was cancelled"), name)
        elif (error := task.exception()) is not None:
            self._replies.reject(id, error, name)
        else:
            self._replies.resolve(id, task.result())


async def close(item: Any) -> None:
    """Close a handle, a bridge, or what bridges have in common; what goes wrong is logged, for the run has ended."""
    try:
        closing: Awaitable[None] | None = item.close()
        if closing is not None:  # of a plain `def`
            await closing
    except Exception:
        import logging

        logging.getLogger("llmspell").exception("closing %r failed", item)


def run_at_once(coroutine: Any) -> Any:
    """Run a coroutine that has no place to wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise ProtocolError("a coroutine without await has waited")
