"""A scripted host that drives a session by itself: virtual time, and a dict of answers."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from llmspell_lua.engine import Lua55Engine, LuaEngine, LuaJitEngine

from llmspell_core.limits import Limits
from llmspell_core.protocol import (
    Call,
    Event,
    Fail,
    Finish,
    Forget,
    Inbox,
    Invoke,
    Reject,
    Release,
    Resolve,
    Return,
    Start,
    Tell,
    Throw,
)
from llmspell_core.spells import Spell
from llmspell_core.values import ErrorValue, Function, HandleRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmspell_core.engine import Engine, Session

ENGINES: list[type[Engine]] = [LuaEngine, Lua55Engine, LuaJitEngine]


@dataclass
class Run:
    """What came of a cast."""

    value: Any = None
    error: ErrorValue | None = None
    output: str = ""
    now: float = 0.0
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    tells: list[Tell] = field(default_factory=list)
    released: list[int] = field(default_factory=list)


class Host:
    """Answers the calls of one session: ``echo`` with its argument, ``call`` by calling the function given."""

    def __init__(self, session: Session, answers: dict[str, Any]) -> None:
        self.session, self.answers = session, answers
        self.run = Run()
        self.events: list[Event] = []
        self.sleeping: list[tuple[float, int]] = []
        self.invoked: dict[int, int] = {}

    def play(self, start: Start) -> Run:
        self.events = [start]
        while True:
            inbox = Inbox(self.run.now, tuple(self.events))
            self.events = []
            for request in self.session.step(inbox).requests:
                self.take(request)
                if isinstance(request, Finish | Fail):
                    return self.run
            if not self.events:
                assert self.sleeping, "the session waits for nothing"
                self.run.now, call = heapq.heappop(self.sleeping)
                self.events = [Resolve(call, None)]

    def take(self, request: Any) -> None:
        match request:
            case Tell("host", "print", [text, "info"]):
                self.run.output += text
            case Tell("host", "print", _):
                self.run.tells.append(request)
            case Tell("host", "cancel", [call]):
                self.run.tells.append(request)
                self.sleeping = [(at, asleep) for at, asleep in self.sleeping if asleep != call]
            case Call(id, "host", "sleep", [seconds]):
                heapq.heappush(self.sleeping, (self.run.now + seconds, id))
            case Call():
                self.answer(request)
            case Return(invocation, value):
                self.events.append(Resolve(self.invoked.pop(invocation), value))
            case Throw(invocation, error):
                self.events.append(Reject(self.invoked.pop(invocation), error))
            case Release(handles):
                self.run.released += handles
            case Finish(value):
                self.run.value = value
            case Fail(error):
                self.run.error = error

    def answer(self, call: Call) -> None:
        self.run.calls.append((call.target, call.method, *call.args))
        answer = self.answers.get(f"{call.target}.{call.method}", self.answers.get(call.method))
        if call.method == "call":
            function, *args = call.args
            assert isinstance(function, Function)
            invocation = len(self.run.calls)
            self.invoked[invocation] = call.id
            self.events.append(Invoke(invocation, function.id, args))
        elif call.method == "echo":
            self.events.append(Resolve(call.id, call.args[0] if call.args else None))
        elif call.method == "forget":
            self.events += [Forget((call.args[0].id,)), Resolve(call.id, None)]
        elif call.method == "handle":
            self.events.append(Resolve(call.id, HandleRef(call.args[0], "Stream", True)))
        elif isinstance(answer, ErrorValue):
            self.events.append(Reject(call.id, answer))
        else:
            self.events.append(Resolve(call.id, answer(*call.args) if callable(answer) else answer))


@pytest.fixture(params=ENGINES, ids=lambda cls: cls.info.name)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = request.param()
    yield made
    made.close()


@pytest.fixture
def open_session(engine: Engine) -> Iterator[Callable[..., Session]]:
    opened: list[Session] = []

    def open_session(
        source: str, *, modules: dict[str, str] | None = None, file: str = "main.lua", limits: Limits | None = None
    ) -> Session:
        program = engine.compile(Spell(source, file, modules=modules or {}))
        opened.append(engine.open(program, limits or Limits()))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


@pytest.fixture
def cast(open_session: Callable[..., Session]) -> Callable[..., Run]:
    def cast(
        source: str,
        answers: dict[str, Any] | None = None,
        *,
        params: dict[str, Any] | None = None,
        seed: int = 1,
        **more: Any,
    ) -> Run:
        host = Host(open_session(source, **more), answers or {})
        return host.play(Start(params or {}, seed, ("probe", "llm")))

    return cast


@pytest.fixture
def value(cast: Callable[..., Run]) -> Callable[..., Any]:
    """Cast a spell that must end well, and return its value."""

    def value(source: str, answers: dict[str, Any] | None = None, **more: Any) -> Any:
        run = cast(source, answers, **more)
        assert run.error is None, run.error
        return run.value

    return value


@pytest.fixture
def error(cast: Callable[..., Run]) -> Callable[..., ErrorValue]:
    """Cast a spell that must fail, and return its error."""

    def error(source: str, answers: dict[str, Any] | None = None, **more: Any) -> ErrorValue:
        run = cast(source, answers, **more)
        assert run.error is not None, run.value
        return run.error

    return error
