"""A session: events in, requests out, and the spell's tasks in between."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from llmspell_core.engine import Session
from llmspell_core.errors import ConversionError, LimitExceeded, ProtocolError
from llmspell_core.protocol import (
    Abort,
    Call,
    Cancel,
    Event,
    Fail,
    Finish,
    Forget,
    Inbox,
    Invoke,
    Outbox,
    Reject,
    Release,
    Request,
    Resolve,
    Return,
    Start,
    Tell,
    Throw,
)
from llmspell_core.values import ErrorValue
from llmspell_lisp.border import Border
from llmspell_lisp.evaluate import Frame, Scope, Steps
from llmspell_lisp.faults import Fault
from llmspell_lisp.library import LIBRARY
from llmspell_lisp.meter import Meter
from llmspell_lisp.modules import Modules
from llmspell_lisp.names import binding_name
from llmspell_lisp.objects import Applicable, Remote, apply
from llmspell_lisp.promises import Promise, Tasks
from llmspell_lisp.world import world

if TYPE_CHECKING:
    from llmspell_core.engine import Program
    from llmspell_core.limits import Limits

__all__ = ["LispSession"]


class LispSession(Session):
    """One spell, its tasks, and what it has asked of the host."""

    def __init__(self, program: Program, limits: Limits) -> None:
        self._program = program
        self._meter = Meter(limits)
        self._tasks = Tasks(self._meter)
        self._border = Border(self.ask, limits)
        self._requests: list[Request] = []
        self._asked: dict[int, Promise] = {}
        self._last = 0
        self._invoked: dict[int, Promise] = {}
        self._owner = 0  # the invocation that what runs now belongs to; 0 is the main code's
        self._owners: dict[int, int] = {}
        self._main: Promise | None = None
        self._ended = False
        self.now = 0.0
        self.random = Random()

    def step(self, inbox: Inbox) -> Outbox:
        """Handle the events in order, and run until every task waits or the spell has ended."""
        if self._ended:
            raise ProtocolError("the session has ended; open another")
        self.now = inbox.now
        self._border.begin()
        try:
            with self._meter:
                for event in inbox.events:
                    self._owner = 0
                    self._handle(event)
                    self._tasks.drain()
                self._conclude()
        except LimitExceeded as limit:
            error = ErrorValue("limit", str(limit), limit.data, file=limit.file, line=limit.line)
            self._fail(error, from_session=True)
        requests, self._requests = self._requests, []
        return Outbox(tuple(requests))

    def close(self) -> None:
        """Drop everything; no code of the spell runs."""
        self._ended = True
        self._tasks = Tasks(self._meter)
        self._asked = {}

    def ask(self, target: str | int, method: str, args: list[Any]) -> Promise:
        """Ask the host for an answer; what may not cross raises at the call."""
        crossed = self._leave_all(args)
        self._last += 1
        number = self._last
        promise = self._asked[number] = Promise(lambda: self._withdraw(number))
        self._owners[number] = self._owner
        self._requests.append(Call(number, target, method, crossed, self._owner))
        return promise

    def tell(self, method: str, *args: Any) -> None:
        """Tell the host something that needs no answer."""
        self._requests.append(Tell("host", method, self._leave_all(list(args))))

    def spawn(self, function: Applicable, args: list[Any]) -> Promise:
        """Return the promise of a new task that calls the function."""

        def steps() -> Steps:
            return (yield apply(function, args))

        return self._tasks.spawn(Frame(steps()))

    def _leave_all(self, args: list[Any]) -> list[Any]:
        try:
            crossed = [self._border.leave(arg) for arg in args]
        except ConversionError as error:
            raise Fault(str(error), "conversion") from None
        while crossed and crossed[-1] is None:
            crossed.pop()
        return crossed

    def _withdraw(self, number: int) -> None:
        if self._asked.pop(number, None) is not None:
            del self._owners[number]
            self.tell("cancel", number)

    def _handle(self, event: Event) -> None:
        if self._ended:
            return
        if isinstance(event, Cancel):
            self._fail(ErrorValue("cancelled", event.reason), from_session=True)
        elif isinstance(event, Start):
            self._start(event)
        elif self._main is None:
            raise ProtocolError("the first inbox begins with Start")
        elif isinstance(event, Invoke):
            self._invoke(event)
        elif isinstance(event, Abort):
            if (task := self._invoked.pop(event.invocation, None)) is not None:
                task.cancel()
        elif isinstance(event, Forget):
            self._border.forget(event.functions)
        elif (promise := self._asked.pop(event.id, None)) is not None:
            self._owner = self._owners.pop(event.id)
            self._answer(promise, event)

    def _start(self, start: Start) -> None:
        names: dict[str, Any] = {**LIBRARY, **world(self)}
        for bridge in start.bridges:
            # A function that the language has by that name stays.
            if not isinstance(names.get(name := binding_name(bridge)), Applicable):
                names[name] = Remote(self.ask, bridge, bridge, False)
        names["params"] = self._border.enter(start.params)
        self.random.seed(start.seed)
        modules = Modules(self._program.files, Scope(names))
        names["import"] = modules.builtin()
        self._main = self._tasks.spawn(modules.start(self._program.entry))
        self._main.heard = True
        self._main.listen(self._main_settled)

    def _main_settled(self, main: Promise) -> None:
        if main.fault is not None:
            self._fail_with(main.fault)

    def _answer(self, promise: Promise, event: Resolve | Reject) -> None:
        try:
            if isinstance(event, Resolve):
                promise.resolve(self._border.enter(event.value))
            else:
                promise.reject(self._border.fault(event.error))
        except Fault as fault:
            promise.reject(fault)

    def _invoke(self, invoke: Invoke) -> None:
        self._owner = invoke.invocation

        def steps() -> Steps:
            return (yield apply(self._border.function(invoke.function), [self._border.enter(a) for a in invoke.args]))

        task = self._invoked[invoke.invocation] = self._tasks.spawn(Frame(steps()))
        task.heard = True
        task.listen(lambda done: self._invoke_settled(invoke.invocation, done))

    def _invoke_settled(self, invocation: int, done: Promise) -> None:
        if self._invoked.pop(invocation, None) is None:
            return
        fault = done.fault
        if fault is None:
            try:
                self._requests.append(Return(invocation, self._border.leave(done.value)))
                return
            except ConversionError as error:
                fault = Fault(str(error), "conversion")
        self._requests.append(Throw(invocation, self._error(fault)))

    def _error(self, fault: Fault) -> ErrorValue:
        try:
            return self._border.error(fault)
        except ConversionError as error:
            return ErrorValue("conversion", f"the error {fault.message!r:.200} cannot cross: {error}")

    def _conclude(self) -> None:
        """End the spell if it has ended, and tell which handles were dropped."""
        if self._ended or self._main is None:
            return
        if (fault := self._tasks.unheard()) is not None:
            self._fail_with(fault)
            return
        if dropped := self._border.dropped():
            self._requests.append(Release(dropped))
        if not self._tasks.live:
            self._finish(self._main.value)
        elif not self._asked and not self._invoked and not self._border.is_held:
            waiting = "the main code waits" if not self._main.settled else "a task waits"
            self._fail(ErrorValue("deadlock", f"{waiting} for what nobody can bring about"))

    def _finish(self, value: object) -> None:
        try:
            self._requests.append(Finish(self._border.leave(value)))
            self._ended = True
        except ConversionError as error:
            self._fail(ErrorValue("conversion", str(error)))

    def _fail_with(self, fault: Fault) -> None:
        self._fail(self._error(fault))

    def _fail(self, error: ErrorValue, *, from_session: bool = False) -> None:
        self._requests.append(Fail(error, from_session))
        self._ended = True
        self._tasks.stop()
