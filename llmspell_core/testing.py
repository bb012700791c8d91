"""A fake engine, to test what is not an engine: its spells are Python, trusted and uncaged.

    def main(params):
        answer = yield call("probe", "echo", params["x"])
        show(f"got {answer}")
        task = spawn(other(answer))
        return (yield task)

``main`` and what it spawns are generators; ``yield call(...)`` waits for a bridge, ``yield task`` for a task, ``yield
sleep(s)`` for time, a bare ``yield`` for nothing. Functions given to a bridge are generator functions too.
"""

from __future__ import annotations

import random
import sys
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import delivered_error, error_value
from llmspell_core.engine import Engine, EngineInfo, Feature, Program, Session
from llmspell_core.errors import Deadlock, IncompleteSource, LlmspellError, ProtocolError, SpellSyntaxError
from llmspell_core.protocol import (
    Abort,
    Call,
    Cancel,
    Fail,
    Finish,
    Forget,
    Inbox,
    Invoke,
    Outbox,
    Reject,
    Request,
    Resolve,
    Return,
    Start,
    Tell,
    Throw,
)
from llmspell_core.values import ErrorValue, Function, HandleRef
from llmspell_core.wire import decode_outbox, encode_outbox

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell
    from llmspell_core.stubs import Api

__all__ = ["FakeEngine", "FakeSession"]

_Code = Generator[Any, Any, Any]


class FakeEngine(Engine):
    """Runs Python generators as spells."""

    info = EngineInfo("fake", "fake", "1", (".fake",), "#", frozenset(Feature) - {Feature.LIBRARY, Feature.COVERAGE})
    opened: list[FakeSession]

    def __init__(self) -> None:
        self.opened = []

    def compile(self, spell: Spell) -> Program:
        """Return the program, parsed by Python."""
        try:
            compile(spell.source, spell.file, "exec")
        except SyntaxError as error:
            unfinished = (error.lineno or 0) >= spell.source.count("\n") + 1 and "was never closed" in str(error)
            kind = IncompleteSource if unfinished else SpellSyntaxError
            raise kind(str(error.msg), spell.file, error.lineno) from None
        return Program(spell.file, {spell.file: spell.source, **spell.modules})

    def open(self, program: Program, limits: Limits) -> FakeSession:
        """Return a session, remembered in ``opened``."""
        session = FakeSession(program)
        self.opened.append(session)
        return session

    @staticmethod
    def binding_name(name: str) -> str:
        """Return the name as it is."""
        return name

    @classmethod
    def declare(cls, api: Api) -> dict[str, str]:
        """Return one line per method."""
        lines = [f"{module.name}.{method.name}" for module in api.modules for method in module.methods]
        return {"llmspell.fake.txt": "\n".join(lines) + "\n"}


@dataclass(eq=False)
class _Task:
    code: _Code
    invocation: int | None = None
    within: int = 0
    done: bool = False
    value: Any = None
    error: BaseException | None = None
    waiters: list[_Task] = field(default_factory=list)


@dataclass(frozen=True)
class _Asked:
    id: int


class FakeSession(Session):
    """One run of a fake spell; ``closed`` tells whether it was closed."""

    def __init__(self, program: Program) -> None:
        self.closed = False
        self._program = program
        self._requests: list[Request] = []
        self._waiting: dict[int, _Task | None] = {}
        self._answers: dict[int, Resolve | Reject] = {}
        self._functions: dict[int, Callable[..., _Code]] = {}
        self._asked = self._within = 0
        self._main: _Task | None = None
        self._tasks: list[_Task] = []
        self._ready: list[tuple[_Task, Any, BaseException | None]] = []
        self._now = 0.0
        self._ended = False

    def step(self, inbox: Inbox) -> Outbox:
        """Feed events, run every task until it waits."""
        if self._ended:
            raise ProtocolError("the session has ended")
        self._now = inbox.now
        self._requests = []
        for event in inbox.events:
            if not self._ended:
                self._handle(event)
                self._run()
        self._look_for_end()
        # Through the text form and back, so that no object of the fake spell reaches the host.
        return decode_outbox(encode_outbox(Outbox(tuple(self._requests))))

    def close(self) -> None:
        """Drop the tasks."""
        self.closed = True
        for task in self._tasks:
            task.code.close()

    def _handle(self, event: Any) -> None:
        match event:
            case Start(params, seed, _):
                self._main = self._task(self._open(seed)(params))
            case Resolve(id, _) | Reject(id, _):
                self._answers[id] = event
                task = self._waiting.pop(id, None)
                if task is not None:
                    self._wake(task, id)
            case Invoke(invocation, function, args):
                self._task(self._functions[function](*args), invocation)
            case Abort(invocation):
                self._abort(invocation)
            case Forget(functions):
                for function in functions:
                    self._functions.pop(function, None)
            case Cancel(reason):
                self._end(Fail(ErrorValue("cancelled", reason), from_session=True))

    def _abort(self, invocation: int) -> None:
        for task in [task for task in self._tasks if task.invocation == invocation and not task.done]:
            task.done = True
            task.code.close()
            for number in [number for number, waiter in self._waiting.items() if waiter is task]:
                del self._waiting[number]
                self._requests.append(Tell("host", "cancel", [number]))

    def _open(self, seed: int) -> Callable[[Any], _Code]:
        scope: dict[str, Any] = {
            "call": self._call,
            "show": lambda text: self._requests.append(Tell("host", "print", [f"{text}\n"])),
            "sleep": lambda seconds: self._call("host", "sleep", seconds),
            "spawn": self._task,
            "now": lambda: self._now,
            "random": random.Random(seed).random,
        }
        exec(compile(self._program.files[self._program.entry], self._program.entry, "exec"), scope)
        main: Callable[[Any], _Code] = scope["main"]
        return main

    def _call(self, target: str | HandleRef, method: str, *args: Any) -> _Asked:
        self._asked += 1
        where = target.id if isinstance(target, HandleRef) else target
        self._requests.append(Call(self._asked, where, method, [self._out(arg) for arg in args], self._within))
        self._waiting[self._asked] = None
        return _Asked(self._asked)

    def _out(self, value: Any) -> Any:
        if not callable(value) or isinstance(value, (Function, HandleRef)):
            return value
        number = next((key for key, known in self._functions.items() if known is value), len(self._functions) + 1)
        self._functions[number] = value
        return Function(number)

    def _task(self, code: _Code, invocation: int | None = None) -> _Task:
        task = _Task(code, invocation, within=self._within if invocation is None else invocation)
        self._tasks.append(task)
        self._ready.append((task, None, None))
        return task

    def _wake(self, task: _Task, id: int) -> None:
        answer = self._answers.pop(id)
        error = delivered_error(answer.error) if isinstance(answer, Reject) else None
        self._ready.append((task, getattr(answer, "value", None), error))

    def _run(self) -> None:
        while self._ready and not self._ended:
            task, value, error = self._ready.pop(0)
            self._within = task.within
            try:
                wanted = task.code.throw(error) if error is not None else task.code.send(value)
            except StopIteration as stop:
                self._finish(task, stop.value, None)
            except Exception as failure:  # noqa: BLE001 - whatever a fake spell raises is its failure
                self._finish(task, None, failure)
            else:
                self._wait(task, wanted)

    def _wait(self, task: _Task, wanted: Any) -> None:
        if isinstance(wanted, _Asked):
            if wanted.id in self._answers:
                self._wake(task, wanted.id)
            else:
                self._waiting[wanted.id] = task
        elif wanted is None:
            self._ready.append((task, None, None))
        elif wanted.done:
            self._ready.append((task, wanted.value, wanted.error))
        else:
            wanted.waiters.append(task)

    def _finish(self, task: _Task, value: Any, error: Exception | None) -> None:
        task.done, task.value, task.error = True, value, error
        if task.invocation is not None:
            number = task.invocation
            self._requests.append(
                Return(number, self._out(value)) if error is None else Throw(number, self._describe(error))
            )
        elif error is not None and (task is self._main or not task.waiters):
            self._end(Fail(self._describe(error)))
        for waiter in task.waiters:
            self._ready.append((waiter, value, error))

    def _look_for_end(self) -> None:
        if self._ended or self._waiting or self._main is None:
            return
        if all(task.done for task in self._tasks):
            self._end(Finish(self._out(self._main.value)))
        else:
            self._end(Fail(error_value(Deadlock("every task waits for another"), "spell")))

    def _end(self, request: Request) -> None:
        self._ended = True
        self._requests.append(request)

    def _describe(self, error: Exception) -> ErrorValue:
        if isinstance(error, LlmspellError) and error.value is not None:
            return error.value
        lines = [frame for frame in traceback.extract_tb(sys.exc_info()[2]) if frame.filename in self._program.files]
        line = lines[-1].lineno if lines else None
        kind = error.kind if isinstance(error, LlmspellError) else "runtime"
        return replace(ErrorValue(kind, str(error)), file=self._program.entry, line=line)
