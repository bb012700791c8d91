"""Drive one session from ``Start`` to its end: execute what it asks for, feed back what came of it.

The code is one coroutine that needs no event loop until a call has to wait, so that a spell that only computes
and prints never pays for one.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import Crossing, error_from, error_value
from llmspell_core.errors import (
    BadArgument,
    Cancelled,
    LimitExceeded,
    LlmspellError,
    ProtocolError,
    UnknownMethod,
)
from llmspell_core.protocol import (
    Call,
    Cancel,
    Event,
    Fail,
    Finish,
    Inbox,
    Invoke,
    Outbox,
    Reject,
    Release,
    Resolve,
    Return,
    Start,
    Tell,
    Throw,
)

if TYPE_CHECKING:
    import asyncio

    from llmspell_core.engine import Session
    from llmspell_core.limits import Limits
    from llmspell_core.mount import Method, Mount
    from llmspell_core.values import Handle

__all__ = ["Drive", "WantLoop"]

Output = Callable[[str, str], None]


class WantLoop:
    """Awaited where an event loop is needed; whoever drives the coroutine starts one and goes on."""

    def __await__(self) -> Generator[WantLoop, None, None]:
        yield self


class Drive:
    """One run of one session.

    :param print: called with every text that the spell prints and its level
    :param record: called with every inbox and outbox, in order
    """

    def __init__(
        self,
        session: Session,
        mount: Mount,
        crossing: Crossing,
        limits: Limits,
        clock: Callable[[], float],
        print: Output,
        record: Callable[[Inbox, Outbox], None] | None = None,
    ) -> None:
        self._session, self._mount, self._crossing = session, mount, crossing
        self._limits, self._clock, self._print, self._record = limits, clock, print, record
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._events: list[Event] = []
        self._plain = True
        self._flying: dict[int, Callable[[], object]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._unclosed: list[Handle] = []
        self._invocations: dict[int, asyncio.Future[Any]] = {}
        self._invoked = 0
        self._calls = 0
        self._printed = 0
        self._now = 0.0
        crossing.invoke = self._invoke

    async def run(self, start: Start, *, plain: bool) -> Any:
        """Return the spell's value; :raises LlmspellError: what the spell ended with."""
        self._use_running_loop()
        self._deadline = None if self._limits.wall is None else time.monotonic() + self._limits.wall
        self._plain, self._events = plain, [start]
        breath = time.monotonic()
        try:
            while True:
                outbox = self._step()
                done, value = await self._answer(outbox)
                if done:
                    return value
                if not self._events:
                    await self._wait()
                elif self._loop is not None and time.monotonic() - breath > 0.005:
                    import asyncio

                    await asyncio.sleep(0)
                    breath = time.monotonic()
                self._check_wall()
        except BaseException as error:
            if _is_cancel(error):
                self._tell_cancelled()
            raise
        finally:
            await self._end()

    def _use_running_loop(self) -> None:
        import sys

        # Where nothing has imported asyncio, no loop can be running.
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or self._loop is not None:
            return
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._wake = asyncio.Event()

    async def _need_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            await WantLoop()
            self._use_running_loop()
        assert self._loop is not None
        return self._loop

    def _step(self) -> Outbox:
        self._now = max(self._now, self._clock())
        events = self._events
        if forgotten := self._crossing.forgotten():
            events = [*events, forgotten]
        inbox = Inbox(self._now, tuple(events), self._plain)
        self._events, self._plain = [], True
        self._mount.stepped()
        outbox = self._session.step(inbox)
        if self._record is not None:
            self._record(inbox, outbox)
        return outbox

    async def _answer(self, outbox: Outbox) -> tuple[bool, Any]:
        plain = outbox.plain
        for request in outbox.requests:
            kind = type(request)
            if kind is Call:
                await self._call(request, plain)  # type: ignore[arg-type]
            elif kind is Tell:
                self._tell(request, plain)  # type: ignore[arg-type]
            elif kind is Finish:
                return True, request.value if plain else self._crossing.adopt(request.value)  # type: ignore[union-attr]
            elif kind is Fail:
                raise error_from(request.error)  # type: ignore[union-attr]
            elif kind is Return or kind is Throw:
                self._settle(request, plain)  # type: ignore[arg-type]
        for request in outbox.requests:
            if type(request) is Release:
                for number in request.handles:
                    self._close_soon(self._mount.release(number))
        return False, None

    async def _call(self, call: Call, plain: bool) -> None:
        self._check_calls()
        try:
            args = call.args if plain else self._crossing.adopt(call.args)
            if call.target == "host":
                await self._host(call.id, call.method, args)
                return
            method = self._mount.method(call.target, call.method)
            positional, options = method.signature.bind(args)
            if not method.signature.is_async:
                self._resolve(call.id, method.function(*positional, **options))
                return
            loop = await self._need_loop()
            coroutine = method.function(*positional, **options)
            if method.signature.may_wait:
                self._start(loop, call.id, coroutine, method)
            else:
                self._resolve(call.id, _run_at_once(coroutine))
        except Exception as error:  # noqa: BLE001 - whatever a bridge raises is the script's answer
            self._reject(call.id, error, f"{call.target}.{call.method}")

    def _check_calls(self) -> None:
        self._calls += 1
        limits = self._limits
        if limits.calls is not None and self._calls > limits.calls:
            raise LimitExceeded("calls", limits.calls)
        if limits.concurrent_calls is not None and len(self._flying) >= limits.concurrent_calls:
            raise LimitExceeded("concurrent_calls", limits.concurrent_calls)

    def _start(self, loop: asyncio.AbstractEventLoop, id: int, coroutine: Any, method: Method) -> None:
        task = _task(loop, coroutine)
        self._tasks.add(task)
        self._mount.enter(method)
        self._flying[id] = task.cancel

        def landed(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            self._close_soon(self._mount.leave(method))
            if self._flying.pop(id, None) is None:
                if not task.cancelled():
                    task.exception()
                return
            if task.cancelled():
                self._reject(id, Cancelled("the call was cancelled"), method.signature.name)
            elif (error := task.exception()) is not None:
                self._reject(id, error, method.signature.name)
            else:
                self._resolve(id, task.result())
            self._awake()

        if task.done():
            landed(task)
        else:
            task.add_done_callback(landed)

    async def _host(self, id: int, method: str, args: list[Any]) -> None:
        if method != "sleep":
            raise UnknownMethod("host", method, ["sleep"])
        seconds = args[0] if args else 0
        if type(seconds) not in (int, float) or not 0 <= seconds < 1e9:
            raise BadArgument("sleep", 1, "seconds", f"must be a number of seconds from 0 to 1e9, not {seconds!r}")
        loop = await self._need_loop()

        def landed() -> None:
            if self._flying.pop(id, None) is not None:
                self._resolve(id, None)
                self._awake()

        self._flying[id] = loop.call_later(seconds, landed).cancel

    def _tell(self, tell: Tell, plain: bool) -> None:
        if tell.target != "host" or tell.method not in ("print", "cancel"):
            raise ProtocolError(f"a session told {tell.target}.{tell.method}; only host.print and host.cancel are told")
        if tell.method == "cancel":
            cancel = self._flying.pop(tell.args[0], None)
            if cancel is not None:
                cancel()
            return
        text = tell.args[0]
        self._printed += len(text)
        if self._limits.output is not None and self._printed > self._limits.output:
            raise LimitExceeded("output", self._limits.output)
        self._print(text, tell.args[1] if len(tell.args) > 1 else "info")

    def _resolve(self, id: int, value: Any) -> None:
        if value is not None:
            try:
                value, plain = self._crossing.lower(value)
            except LlmspellError as error:
                self._reject(id, error, "result")
                return
            self._plain = self._plain and plain
        self._events.append(Resolve(id, value))

    def _reject(self, id: int, error: BaseException, where: str) -> None:
        value, _ = self._crossing.lower(error_value(error, where))
        self._plain = False
        self._events.append(Reject(id, value))

    async def _invoke(self, function: int, args: tuple[Any, ...]) -> Any:
        loop = await self._need_loop()
        lowered, plain = self._crossing.lower(list(args))
        self._plain = self._plain and plain
        self._invoked += 1
        number = self._invoked
        future = self._invocations[number] = loop.create_future()
        self._events.append(Invoke(number, function, lowered))
        self._awake()
        try:
            return await future
        finally:
            self._invocations.pop(number, None)

    def _settle(self, request: Return | Throw, plain: bool) -> None:
        future = self._invocations.get(request.invocation)
        if future is None or future.done():
            return
        if isinstance(request, Return):
            future.set_result(request.value if plain else self._crossing.adopt(request.value))
        else:
            future.set_exception(error_from(request.error))

    async def _wait(self) -> None:
        if not self._flying and not self._invocations:
            raise ProtocolError("the session waits, and has asked for nothing")
        loop = await self._need_loop()
        assert self._wake is not None
        timer = None
        if self._deadline is not None:
            timer = loop.call_later(max(0.0, self._deadline - time.monotonic()), self._wake.set)
        try:
            while not self._events:
                self._wake.clear()
                await self._wake.wait()
                self._check_wall()
        finally:
            if timer is not None:
                timer.cancel()

    def _awake(self) -> None:
        if self._wake is not None:
            self._wake.set()

    def _check_wall(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            assert self._limits.wall is not None
            raise LimitExceeded("wall", self._limits.wall, f"the spell ran longer than {self._limits.wall:g} s")

    def _tell_cancelled(self) -> None:
        """Let the session know that it is over, so that its record ends as a cancelled run's does."""
        self._events, self._plain = [Cancel("cancelled by the caller")], True
        self._step()

    def _close_soon(self, handle: Handle | None) -> None:
        if handle is None:
            return
        if self._loop is None:
            self._unclosed.append(handle)
        else:
            task = self._loop.create_task(_close(handle))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        flying, self._flying = self._flying, {}
        for cancel in flying.values():
            cancel()
        for future in self._invocations.values():
            future.cancel()
        self._session.close()
        if self._tasks:
            import asyncio

            await asyncio.gather(*self._tasks, return_exceptions=True)
        for item in (*self._unclosed, *self._mount.closing()):
            await self._need_loop()
            await _close(item)


def _is_cancel(error: BaseException) -> bool:
    import sys

    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError)


def _run_at_once(coroutine: Any) -> Any:
    """Run a coroutine that has no place to wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise ProtocolError("a coroutine without await has waited")


def _task(loop: asyncio.AbstractEventLoop, coroutine: Any) -> asyncio.Task[Any]:
    import asyncio
    import sys

    if sys.version_info >= (3, 12):
        # Started at once: a call that finds its answer without waiting costs no turn of the loop.
        return asyncio.Task(coroutine, loop=loop, eager_start=True)
    return loop.create_task(coroutine)


async def _close(item: Any) -> None:
    closing: Awaitable[None] = item.close()
    try:
        await closing
    except Exception:
        import logging

        logging.getLogger("llmspell").exception("closing %r failed", item)
