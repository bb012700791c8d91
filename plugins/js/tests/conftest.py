"""A scripted host that drives one session by itself: virtual time, and a probe bridge."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from llmspell_js.engine import JsEngine

from llmspell_core.limits import Limits
from llmspell_core.protocol import (
    Call,
    Event,
    Fail,
    Finish,
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
from llmspell_core.values import ErrorValue, HandleRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.engine import Session


@dataclass
class Run:
    """What came of a cast."""

    value: Any = None
    error: ErrorValue | None = None
    from_session: bool = False
    printed: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    answers: list[Return | Throw] = field(default_factory=list)
    now: float = 1_700_000_000.0


class Host:
    """Answers calls: ``probe.echo`` gives its argument back, ``probe.fail`` fails, ``probe.call`` calls a function."""

    def __init__(self, session: Session) -> None:
        self.session, self.run = session, Run()
        self.events: list[Event] = []
        self.sleeping: list[tuple[float, int]] = []
        self.invoked: dict[int, int] = {}
        self.items = [1, 2, 3]

    def play(self, start: Start) -> Run:
        self.events = [start]
        for _ in range(10_000):
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
        raise AssertionError("the spell does not come to an end")

    def take(self, request: Any) -> None:
        match request:
            case Tell("host", "print", [text, level]):
                self.run.printed.append(text)
                self.run.levels.append(level)
            case Tell("host", "cancel", [call]):
                self.run.cancelled.append(call)
                self.sleeping = [entry for entry in self.sleeping if entry[1] != call]
            case Release(handles):
                self.run.released += handles
            case Return(invocation, _) | Throw(invocation, _):
                self.run.answers.append(request)
                call = self.invoked.pop(invocation)
                self.events.append(
                    Resolve(call, request.value) if isinstance(request, Return) else Reject(call, request.error)
                )
            case Finish(value):
                self.run.value = value
            case Fail(error, from_session):
                self.run.from_session = from_session
                self.run.error = error
            case Call():
                self.run.calls.append(request)
                self.answer(request)

    def answer(self, call: Call) -> None:
        match call.method:
            case "sleep":
                heapq.heappush(self.sleeping, (self.run.now + call.args[0], call.id))
            case "fail":
                self.events.append(Reject(call.id, ErrorValue("boom", "it broke", {"a": 1})))
            case "call":
                self.invoked[call.id] = call.id
                self.events.append(Invoke(call.id, call.args[0].id, call.args[1:]))
            case "walk":
                self.events.append(Resolve(call.id, HandleRef(7, "Walk", True)))
            case "next":
                self.events.append(Resolve(call.id, [self.items.pop(0)] if self.items else None))
            case _:
                self.events.append(Resolve(call.id, call.args[0] if call.args else None))


@pytest.fixture
def engine() -> JsEngine:
    return JsEngine()


@pytest.fixture
def play(engine: JsEngine) -> Callable[..., Run]:
    """Return a function that casts a spell and says what came of it."""

    def play(
        source: str,
        *,
        modules: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        limits: Limits | None = None,
        file: str = "spell.js",
    ) -> Run:
        program = engine.compile(Spell(source, file, modules=modules or {}))
        with engine.open(program, limits or Limits(cpu=5.0, memory=64 * 2**20)) as session:
            return Host(session).play(Start(params or {}, 42, ("probe", "tool_box")))

    return play


@pytest.fixture
def value(play: Callable[..., Run]) -> Callable[..., Any]:
    """Return a function that casts a spell that ends well, and gives its value."""

    def value(source: str, **options: Any) -> Any:
        run = play(source, **options)
        assert run.error is None, run.error
        return run.value

    return value


@pytest.fixture
def error(play: Callable[..., Run]) -> Callable[..., ErrorValue]:
    """Return a function that casts a spell that fails, and gives its error."""

    def error(source: str, **options: Any) -> ErrorValue:
        run = play(source, **options)
        assert run.error is not None, run.value
        return run.error

    return error
