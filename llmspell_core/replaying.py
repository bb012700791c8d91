"""Drive a session through its journal to where a run was interrupted, and on from there.

The session is fed what it was fed before and asks for what it asked for before; nothing of that is done, but what
rebuilds the host's own side: calls that return handles and those that are marked so are made again. What such a call
asks a model or does to the world comes from the journal (:meth:`llmspell_core.bridge.Context.once`), and the script's
functions that it calls are those that the session is fed anyway. Calls that had not ended are made when the journal
is at its end.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import mark
from llmspell_core.drive import Drive, was_cut_off
from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.flight import run_at_once
from llmspell_core.mismatch import ReplayMismatch, check, shown
from llmspell_core.present import enter, in_call, origin
from llmspell_core.protocol import Abort, Call, Forget, Invoke, Reject, Resolve, Return
from llmspell_core.values import ErrorValue, HandleRef
from llmspell_core.wire import encode_value

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from llmspell_core.journal import Logbook
    from llmspell_core.journal.past import Step
    from llmspell_core.mount import Method
    from llmspell_core.protocol import Event, Inbox, Outbox, Start, Throw

__all__ = ["Replaying"]

_CALM = 1.0
"""Seconds within which what goes on in the background calls the functions of its past, and a call fails again."""
_PATIENCE = 30.0
"""Seconds within which a call that is made again comes to what it came to before; it has nothing to wait for."""
_TURNS = 100
"""Turns of the loop after which a call that has come to the end of its past will call no function of the past."""

_GONE = "what it needs is not there as it was; resume the run when it is, or fork it from before that entry"


@fact
class _Waiting(Fact):
    """A call that had not ended, made when the present is reached.

    :param held: its arguments, so that their functions are not forgotten meanwhile
    """

    call: Call
    plain: bool
    asked: float
    held: Any

    def handles(self) -> list[int]:
        """Return the numbers of the handles that it needs, which the session may have released since."""
        target = [self.call.target] if isinstance(self.call.target, int) else []
        return [*target, *_handles(self.call.args)]


@record
class _Again(Record):
    """A call that was made again."""

    method: Method
    task: asyncio.Task[Any] | None = None
    value: Any = None
    error: Exception | None = None


class Replaying(Drive):
    """Goes on with a run that was interrupted. Until the present is reached, nothing is done but what rebuilds."""

    _log: Logbook

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._past = self._log.past
        self._step_at: Step | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._again: dict[int, _Again] = {}
        self._ended_again: set[int] = set()
        self._unclaimed = {
            call: [event for event in made if event.invocation not in self._past.void]
            for call, made in self._past.invocations.items()
        }
        self._returned: dict[int, tuple[Return | Throw, bool]] = {}
        self._fed: dict[int, int] = {}
        answers = [event.value for event in self._past.answers.values() if isinstance(event, Resolve)]
        made = [event for events in self._past.invocations.values() for event in events]
        handles = [number for value in (*answers, *(event.args for event in made)) for number in _handles(value)]
        self._mount.number((), max(handles, default=0))
        self._mount.points.past = lambda: None if self._past.live else self._now
        self._invocations.last = self._last_before = max((event.invocation for event in made), default=0)

    def _begin(self, start: Start, plain: bool) -> None:
        if self._past.is_over:
            self._past.go_live()
            super()._begin(start, plain)

    async def _next(self) -> Inbox:
        if self._past.is_over:
            return await super()._next()
        self._step_at = step = self._past.next()
        self._now = step.inbox.now
        for event in step.inbox.events:
            await self._meet(event, step)
        return step.inbox

    def _stepped(self, outbox: Outbox) -> None:
        step, self._step_at = self._step_at, None
        if step is None:
            super()._stepped(outbox)
            return
        calls = [request for request in outbox.requests if isinstance(request, Call)]
        if was_cut_off(outbox):
            return
        if step.calls is None:
            self._log.asked(outbox)
        else:
            check(step, calls)

    async def _rest(self) -> None:
        if not self._past.is_over:
            return
        if not self._past.live:
            await self._catch_up()
            self._past.go_live()
            self._log.anew([call for call in sorted(self._waiting) if self._past.invocations.get(call)])
            if self._drop_stale():
                return
        for number in sorted(self._waiting):
            await self._make(self._waiting.pop(number))
        await super()._rest()

    async def _call(self, call: Call, plain: bool) -> None:
        if self._past.live:
            await super()._call(call, plain)
            return
        self._bounds.call(len(self._flight))
        answer = self._past.answers.get(call.id)
        found = self._found(call, plain)
        if found is not None:
            method, positional, options = found
            redone = method.is_redone(positional, options)
            if answer is None and redone:
                self._bounds.calls -= 1  # counted there
                await super()._call(call, plain)
                self._again[call.id] = _Again(method, self._flight.task(call.id))
                return
            if answer is not None and (redone or (isinstance(answer, Resolve) and any(_handles(answer.value)))):
                await self._redo(call, method, positional, options)
        if answer is None:
            waiting = self._waiting[call.id] = _Waiting(call, plain, self._now, found)
            for number in waiting.handles():
                self._mount.hold(number)

    def _cancel(self, id: int) -> None:
        waiting = self._waiting.pop(id, None)
        if waiting is None:
            super()._cancel(id)
        else:
            self._let_go(waiting)

    async def _invoke(self, function: int, args: tuple[Any, ...]) -> Any:
        claimed = self._claim(function, args)
        if claimed is None:
            await self._past.present(in_call.get())
            return await super()._invoke(function, args)
        loop = await self._need_loop()
        number = claimed.invocation
        with self._invocations.under_way(number, loop) as future:
            if number in self._returned:
                request, plain = self._returned.pop(number)
                super()._settle(request, plain)
            try:
                return await future
            finally:
                if future.cancelled() and self._past.live:
                    self._replies.add(Abort(number), plain=True)

    def _settle(self, request: Return | Throw, plain: bool) -> None:
        self._fed.pop(request.invocation, None)
        if request.invocation in self._invocations or request.invocation > self._last_before:
            super()._settle(request, plain)
        else:
            self._returned[request.invocation] = request, plain

    async def _redo(self, call: Call, method: Method, positional: list[Any], options: dict[str, Any]) -> None:
        enter(call.id)
        again = self._again[call.id] = _Again(method)
        hooked = self._mount.points.hooked and not method.unhooked
        if method.signature.is_async or hooked:
            await self._need_loop()
        if method.signature.may_wait or hooked:
            made = self._made(call, method, positional, options, hooked)
            again.task = self._flight.start_again(made, method, self._invocations.context(call.within, call.id))
            return
        try:
            made = method.function(*positional, **options)
            again.value = run_at_once(made) if method.signature.is_async else made
        except Exception as error:  # noqa: BLE001 - whatever a bridge raises, as it did before
            again.error = error

    async def _made(
        self, call: Call, method: Method, positional: list[Any], options: dict[str, Any], hooked: bool
    ) -> Any:
        enter(call.id)
        if hooked:
            return await self._mount.call(method, positional, options, again=True)
        return await method.function(*positional, **options)

    async def _meet(self, event: Event, step: Step) -> None:
        """Have the host's own side where it was when the session was fed an event."""
        if isinstance(event, Resolve | Reject):
            if isinstance(event, Reject):
                self._replies.delivered.add(mark(event.error))
            again = self._again.pop(event.id, None)
            if again is not None:
                self._ended_again.add(event.id)
                await self._ended(again, event, step)
        elif isinstance(event, Invoke):
            self._fed[event.invocation] = step.origins.get(event.invocation, 0)
            await self._claimed(event, step)
        elif isinstance(event, Abort):
            self._fed.pop(event.invocation, None)
            self._unclaim({event.invocation})
        elif isinstance(event, Forget):
            self._crossing.drop(event.functions)

    async def _ended(self, again: _Again, event: Resolve | Reject, step: Step) -> None:
        """Wait until a call that is made again has ended, and give the handles that it returns their numbers."""
        if again.task is not None:
            import asyncio

            await asyncio.wait([again.task], timeout=_PATIENCE if isinstance(event, Resolve) else _CALM)
            if not again.task.done() and isinstance(event, Reject):
                # It had given up waiting, for what comes later in its past.
                again.task.cancel()
                return
            if not again.task.done():
                asked = f"{again.method.signature.name} does not come to its end"
                raise ReplayMismatch(step.number, shown(event), asked)
            again.error = error = None if again.task.cancelled() else again.task.exception()  # type: ignore[assignment]
            again.value = None if error is not None or again.task.cancelled() else again.task.result()
        if isinstance(event, Reject):
            return
        if again.error is not None:
            failed = f"{again.method.signature.name} fails: {again.error}"
            raise ReplayMismatch(step.number, shown(event), failed, _GONE)
        self._number(event.value, again.value)

    async def _claimed(self, event: Invoke, step: Step) -> None:
        """Wait until a call that is made again has called the function, so that it has its arguments' handles."""
        call = step.origins.get(event.invocation, 0)
        again, unclaimed = self._again.get(call), self._unclaimed.get(call, ())
        if again is None or event not in unclaimed:
            return
        import asyncio

        given_up, idle = time.monotonic() + _PATIENCE, 0
        while event in unclaimed and idle < _TURNS and not (again.task is not None and again.task.done()):
            if time.monotonic() > given_up:
                asked = f"{again.method.signature.name} does not call it"
                raise ReplayMismatch(step.number, shown(event), asked)
            # What is at the end of its past in one part may still call from another.
            idle = idle + 1 if call in self._past.waiting else 0
            await asyncio.sleep(0 if idle or time.monotonic() < given_up - _PATIENCE + 0.05 else 0.005)

    def _claim(self, function: int, args: tuple[Any, ...]) -> Invoke | None:
        """Return the call of a function in the past that is the present one made again; None if there is none.

        In the present only what is done once can make calls again: it had not ended, and is begun anew.
        """
        within = origin()
        if self._past.live and within >= 0:
            return None
        made = self._unclaimed.get(within, [])
        alike = [event for event in made if event.function == function and len(event.args) == len(args)]
        if not alike:
            return None
        outline = encode_value(self._crossing.outline(list(args)))
        # Those made at once may come in another order than before.
        found = next((event for event in alike if encode_value(_outline(event.args)) == outline), alike[0])
        made.remove(found)
        self._number(found.args, list(args))
        return found

    def _number(self, before: Any, now: Any) -> None:
        """Give the handles in a value the numbers that they had before."""
        self._mount.number(list(_handles(before)), 0)
        try:
            self._crossing.lower(now)
        finally:
            self._mount.number((), 0)

    async def _catch_up(self) -> None:
        """Wait until what goes on in the background has called the functions that it had called.

        It was begun by calls that have ended and were made again; in the present, it would have them called anew.
        """
        given_up, idle = time.monotonic() + _CALM, 0
        while behind := [call for call in self._ended_again if self._unclaimed.get(call)]:
            if idle >= _TURNS or time.monotonic() > given_up:
                return
            import asyncio

            await self._need_loop()
            idle = idle + 1 if all(call in self._past.waiting for call in behind) else 0
            await asyncio.sleep(0)

    def _drop_stale(self) -> bool:
        """Stop the functions whose callers are about to call them anew; return whether there are any.

        What is done once finds those that it had called, and goes on with them, but for those that were given handles:
        what these stand for is not there any more.
        """
        given = {
            event.invocation for made in self._past.invocations.values() for event in made if any(_handles(event.args))
        }
        stale = [
            number for number, call in self._fed.items() if call in self._waiting or (call < 0 and number in given)
        ]
        for number in stale:
            self._replies.add(Abort(number), plain=True)
        self._unclaim(set(stale))
        return bool(stale)

    def _unclaim(self, stopped: set[int]) -> None:
        """Have nobody wait for functions that were stopped."""
        for made in self._unclaimed.values():
            made[:] = [event for event in made if event.invocation not in stopped]

    async def _make(self, waiting: _Waiting) -> None:
        call = waiting.call
        self._bounds.calls -= 1  # it was counted when it was asked for
        if call.target == "host" and call.method == "sleep" and type(seconds := call.args[0]) in (int, float):
            left = max(0.0, waiting.asked + seconds - self._clock())
            await self._host(call.id, call.method, [left])
            return
        await super()._call(call, waiting.plain)
        self._let_go(waiting)

    def _let_go(self, waiting: _Waiting) -> None:
        for number in waiting.handles():
            self._flight.close_soon(self._mount.let_go(number))


def _handles(value: Any) -> Iterator[int]:
    """Yield the numbers of the handles in a value, in order."""
    if type(value) is list:
        for item in value:
            yield from _handles(item)
    elif type(value) is dict:
        for item in value.values():
            yield from _handles(item)
    elif type(value) is HandleRef:
        yield value.id
    elif type(value) is ErrorValue:
        yield from _handles(value.data)


def _outline(value: Any) -> Any:
    """Return a script value whose handles have no numbers."""
    if type(value) is list:
        return [_outline(item) for item in value]
    if type(value) is dict:
        return {key: _outline(item) for key, item in value.items()}
    return HandleRef(0) if type(value) is HandleRef else value
