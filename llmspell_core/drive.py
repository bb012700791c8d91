"""Drive one session from ``Start`` to its end: execute what it asks for, feed back what came of it.

The code is one coroutine that needs no event loop until a call has to wait, so that a spell that only computes
and prints never pays for one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_core.bounds import Bounds
from llmspell_core.crossing import Crossing, end_of, error_from
from llmspell_core.engine import AsyncSession, stepped
from llmspell_core.errors import BadArgument, Cancelled, LlmspellError, ProtocolError, UnknownMethod, WorkerCrashed
from llmspell_core.eventloop import WantLoop, running
from llmspell_core.flight import Flight, close, run_at_once
from llmspell_core.invocations import Invocations
from llmspell_core.present import enter
from llmspell_core.protocol import (
    Abort,
    Call,
    Cancel,
    Fail,
    Finish,
    Inbox,
    Invoke,
    Outbox,
    Ran,
    Release,
    Return,
    Start,
    Tell,
    Throw,
)
from llmspell_core.replies import Replies

if TYPE_CHECKING:
    import asyncio

    from llmspell_core.engine import Session
    from llmspell_core.flight import Timers
    from llmspell_core.journal import Logbook
    from llmspell_core.limits import Limits
    from llmspell_core.mount import Method, Mount

__all__ = ["Drive", "Output", "was_cut_off"]

Output: TypeAlias = Callable[[str, str], None]
"""Called with each printed text and its level."""

_BREATH = 0.005
"""Seconds after which a run that never waits lets the loop serve others."""
_HELD_UP = 0.1
"""Seconds of a call that nothing else goes on in and that its author is told of, as asyncio tells of them."""


class Drive:
    """One run of one session.

    :param print: called with every text that the spell prints and its level
    :param record: called with every inbox and outbox, in order
    :param log: the run's journal, where it has one
    """

    def __init__(
        self,
        session: Session | AsyncSession,
        mount: Mount,
        crossing: Crossing,
        limits: Limits,
        clock: Callable[[], float],
        print: Output,
        record: Callable[[Inbox, Outbox], None] | None = None,
        log: Logbook | None = None,
    ) -> None:
        self._session, self._mount, self._crossing = session, mount, crossing
        self._is_away = isinstance(session, AsyncSession)
        self._bounds, self._clock, self._print, self._record = Bounds(limits), clock, print, record
        self._log = log
        self._replies = Replies(crossing)
        self._flight = Flight(mount, self._replies, _timers(clock))
        self._invocations = Invocations()
        self.ended: Finish | Fail | None = None
        """How the spell ended by itself, once it has."""
        self._over = False
        self._now = self._breath = 0.0
        crossing.invoke = self._invoke

    async def run(self, start: Start, *, plain: bool) -> Any:
        """Return the spell's value; :raises LlmspellError: what the spell ended with."""
        self._use(running())
        self._bounds.begin()
        self._begin(start, plain)
        try:
            return await self._steps()
        except BaseException as error:
            if _is_cancel(error) and not self._is_away:
                self._step(Inbox(self._now, (Cancel("cancelled by the caller"),), plain=True))
            raise
        finally:
            await self._end()

    def stop(self, error: LlmspellError) -> None:
        """Have the run end with an error, the calls that it waits for cancelled; from any thread."""
        self._bounds.strike(error)
        loop, came = self._flight.loop, self._replies.came
        if loop is not None and came is not None and not loop.is_closed():
            loop.call_soon_threadsafe(came.set)

    def _begin(self, start: Start, plain: bool) -> None:
        self._replies.add(start, plain=plain)

    async def _steps(self) -> Any:
        self._breath = time.monotonic()
        make = self._timed_call if sys.flags.dev_mode else self._call
        while True:
            inbox = await self._next()
            outbox = await self._astep(inbox) if self._is_away else self._step(inbox)
            self._stepped(outbox)
            for request in outbox.requests:
                kind = type(request)
                if kind is Call:
                    await make(request, outbox.plain)  # type: ignore[arg-type]
                elif kind is Finish:
                    self.ended = request  # type: ignore[assignment]
                    return self._adopt(request.value, outbox.plain)  # type: ignore[union-attr]
                elif kind is Fail:
                    self.ended = request  # type: ignore[assignment]
                    raise end_of(request, self._replies.delivered)  # type: ignore[arg-type]
                else:
                    self._do(request, outbox.plain)
            self._release(outbox)
            self._bounds.check()
            await self._rest()

    async def _next(self) -> Inbox:
        """Return what the session is fed next."""
        now = self._clock()
        # Only a test may turn its clock back.
        self._now = max(self._now, now) if _timers(self._clock) is None else now
        inbox = self._replies.take(self._now)
        if self._log is not None:
            await self._log.fed(inbox, self._invocations.origins)
        return inbox

    def _stepped(self, outbox: Outbox) -> None:
        self._flight.stepped()
        if self._log is not None and not was_cut_off(outbox):
            self._log.asked(outbox)

    async def _rest(self) -> None:
        """Come back when there is something to feed."""
        if not self._replies:
            await self._wait()
        elif self._flight.loop is not None and time.monotonic() - self._breath > _BREATH:
            await _yield()
            self._breath = time.monotonic()

    def _step(self, inbox: Inbox) -> Outbox:
        self._mount.stepped()
        outbox = stepped(self._session.step(inbox))  # type: ignore[union-attr]
        if self._record is not None:
            self._record(inbox, outbox)
        return outbox

    async def _astep(self, inbox: Inbox) -> Outbox:
        self._mount.stepped()
        try:
            outbox = await self._session.astep(inbox)  # type: ignore[union-attr]
        except WorkerCrashed:
            self._bounds.check()  # who stops the run ends its worker, too
            raise
        if self._record is not None:
            self._record(inbox, outbox)
        return outbox

    async def _call(self, call: Call, plain: bool) -> None:
        self._bounds.call(len(self._flight))
        enter(call.id)
        try:
            args = self._adopt(call.args, plain)
            if call.target == "host":
                await self._host(call.id, call.method, args)
                return
            method = self._mount.method(call.target, call.method)
            positional, options = method.signature.bind(args)
            points = self._mount.points
            if points.watched and not method.unhooked:
                made = self._mount.call(method, positional, options)
                if not points.hooked and not method.signature.may_wait:
                    around = self._invocations.context(call.within, call.id)
                    done = run_at_once(made) if around is None else around.run(run_at_once, made)
                    self._replies.resolve(call.id, done)
                    return
                await self._need_loop()
                self._flight.start(call.id, made, method, self._invocations.context(call.within, call.id))
                return
            if method.needs:
                self._mount.admit(method, method.signature.named(positional, options))
            if not method.signature.is_async:
                self._replies.resolve(call.id, method.function(*positional, **options))
                return
            await self._need_loop()
            coroutine = method.function(*positional, **options)
            if method.signature.may_wait:
                self._flight.start(call.id, coroutine, method, self._invocations.context(call.within, call.id))
            else:
                self._replies.resolve(call.id, run_at_once(coroutine))
        except Exception as error:  # noqa: BLE001 - whatever a bridge raises is the script's answer
            self._replies.reject(call.id, error, f"{call.target}.{call.method}")
        except BaseException as error:
            if not _is_cancel(error):
                raise
            # Nothing is waited for here: it was not the run that was cancelled, but something of the bridge's own.
            self._replies.reject(call.id, Cancelled("the call was cancelled"), f"{call.target}.{call.method}")

    async def _timed_call(self, call: Call, plain: bool) -> None:
        """Make a call, and tell its author when it held up everything else; in Python's development mode."""
        began = time.monotonic()
        await self._call(call, plain)
        if (held := time.monotonic() - began) > _HELD_UP:
            import logging

            message = "%s.%s held up the event loop for %.1f s; what takes so long is awaited, as by asyncio.to_thread"
            logging.getLogger("llmspell").warning(message, call.target, call.method, held)

    def _found(self, call: Call, plain: bool) -> tuple[Method, list[Any], dict[str, Any]] | None:
        """Return how a call is made; None for the host's own and for one that fails before it is."""
        if call.target == "host":
            return None
        try:
            method = self._mount.method(call.target, call.method)
            positional, options = method.signature.bind(self._adopt(call.args, plain))
        except LlmspellError:
            return None
        return method, positional, options

    async def _host(self, id: int, method: str, args: list[Any]) -> None:
        if method != "sleep":
            raise UnknownMethod("host", method, ["sleep"])
        seconds = args[0] if args else 0
        if type(seconds) not in (int, float) or not 0 <= seconds < 1e9:
            raise BadArgument("sleep", 1, "seconds", f"must be a number of seconds from 0 to 1e9, not {seconds!r}")
        await self._need_loop()
        self._flight.sleep(id, seconds)

    def _do(self, request: Any, plain: bool) -> None:
        if isinstance(request, Tell):
            self._tell(request)
        elif isinstance(request, Return | Throw):
            self._settle(request, plain)
        elif not isinstance(request, Release | Ran):
            raise ProtocolError(f"a session asked for {request!r}, which is no request")

    def _tell(self, tell: Tell) -> None:
        what = (tell.target, tell.method, *(type(arg) for arg in tell.args[:1]))
        if what == ("host", "print", str):
            text: str = tell.args[0]
            self._bounds.printed(text)
            self._print(text, str(tell.args[1]) if len(tell.args) > 1 else "info")
        elif what == ("host", "cancel", int):
            self._cancel(tell.args[0])
        else:
            raise ProtocolError(f"a session told {tell.target}.{tell.method}; only host.print and host.cancel are told")

    def _cancel(self, id: int) -> None:
        """Stop a call, whose answer is no longer wanted."""
        self._flight.cancel(id)

    async def _invoke(self, function: int, args: tuple[Any, ...]) -> Any:
        if self._over:
            raise Cancelled("the run has ended, and its functions with it")
        loop = await self._need_loop()
        self._bounds.invocation(len(self._invocations))
        lowered, plain = self._crossing.lower(list(args))
        self._invocations.last = number = self._invocations.last + 1
        self._replies.add(Invoke(number, function, lowered), plain=plain)
        return await self._come_of(number, loop)

    async def _come_of(self, number: int, loop: asyncio.AbstractEventLoop) -> Any:
        """Return what comes of the call of a function."""
        with self._invocations.under_way(number, loop) as future:
            try:
                return await future
            finally:
                if future.cancelled():
                    # Whoever asked for it has gone: what it still does would be for nobody.
                    self._replies.add(Abort(number), plain=True)

    def _settle(self, request: Return | Throw, plain: bool) -> None:
        future = self._invocations.awaited(request.invocation)
        if future is None:
            return
        if isinstance(request, Return):
            future.set_result(self._adopt(request.value, plain))
        else:
            future.set_exception(error_from(request.error, self._replies.delivered))

    def _adopt(self, value: Any, plain: bool) -> Any:
        return value if plain else self._crossing.adopt(value)

    def _release(self, outbox: Outbox) -> None:
        # Last of all: a call of the same outbox may still be on a handle that it releases.
        for request in outbox.requests:
            if type(request) is Release:
                for number in request.handles:
                    self._flight.close_soon(self._mount.release(number))

    async def _wait(self) -> None:
        loop = await self._need_loop()
        came = self._replies.came
        assert came is not None
        timer = None
        if (left := self._bounds.left) is not None:
            timer = loop.call_later(left, came.set)
        try:
            while not self._replies:
                if not (self._flight or self._invocations or self._mount.background):
                    self._expect_nothing()
                    break
                came.clear()
                self._flight.waits()
                if not self._replies:
                    await came.wait()
                self._bounds.check()
        finally:
            if timer is not None:
                timer.cancel()

    def _expect_nothing(self) -> None:
        """Have the session know that nobody is going to call its functions; :raises ProtocolError: when it knows."""
        held = self._crossing.forget_all()
        if held is None:
            raise ProtocolError("the session waits, and has asked for nothing")
        self._replies.add(held, plain=True)

    async def _need_loop(self) -> asyncio.AbstractEventLoop:
        if self._flight.loop is None:
            await WantLoop()
            self._use(running())
        assert self._flight.loop is not None
        return self._flight.loop

    def _use(self, loop: asyncio.AbstractEventLoop | None) -> None:
        if loop is not None:
            import asyncio

            came = asyncio.Event()
            self._flight.loop, self._replies.came, self._mount.background.ended = loop, came, came.set

    async def _end(self) -> None:
        self._over = True
        self._session.close()
        self._invocations.cancel()
        for item in (*await self._flight.end(), *self._mount.closing()):
            await self._need_loop()
            await close(item)


def _timers(clock: Any) -> Timers | None:
    """Return the clock where sleeps go by it."""
    return clock if hasattr(clock, "call_later") else None


def _is_cancel(error: BaseException) -> bool:
    return isinstance(error, getattr(sys.modules.get("asyncio"), "CancelledError", ()))


def was_cut_off(outbox: Outbox) -> bool:
    """Tell whether the session was stopped while it computed, so that it would ask for something else the next time."""
    return any(type(request) is Fail and request.out_of_time for request in outbox.requests)


async def _yield() -> None:
    import asyncio

    await asyncio.sleep(0)
