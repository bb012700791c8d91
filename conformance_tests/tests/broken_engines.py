"""Engines that each break one rule: a real engine, and a session that spoils what goes in or comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import SystemRandom
from typing import Any, ClassVar

from llmspell_core import plugins
from llmspell_core.engine import Engine, EngineInfo, Program, Session
from llmspell_core.errors import ProtocolError
from llmspell_core.protocol import (
    Call,
    Cancel,
    Event,
    Fail,
    Finish,
    Inbox,
    Invoke,
    Outbox,
    Ran,
    Reject,
    Request,
    Start,
    Tell,
)
from llmspell_core.values import ErrorValue, Function

_Real: type[Engine] = plugins.engine_class("lua")


class Wrapped(Session):
    """Passes everything on; a subclass spoils events or requests."""

    def __init__(self, session: Session, engine: WrappedEngine) -> None:
        self.session, self.engine = session, engine

    def step(self, inbox: Inbox) -> Outbox:
        events = tuple(made for event in inbox.events for made in self.event(event))
        outbox = self.session.step(replace(inbox, events=events, plain=False))
        return Outbox(tuple(self.requests([made for item in outbox.requests for made in self.request(item)])))

    def close(self) -> None:
        self.session.close()

    def event(self, event: Event) -> list[Any]:
        return [event]

    def request(self, request: Request) -> list[Any]:
        return [request]

    def requests(self, requests: list[Any]) -> list[Any]:
        return requests


class WrappedEngine(Engine):
    """The real engine under another name, with sessions of the given class."""

    info: ClassVar[EngineInfo] = replace(_Real.info, name="unbroken")
    sessions: ClassVar[type[Wrapped]] = Wrapped

    def __init__(self) -> None:
        self.real = _Real()
        self.opened = 0

    def compile(self, spell: Any) -> Program:
        return self.real.compile(spell)

    def cover(self, spell: Any) -> Program:
        return self.real.cover(spell)

    @classmethod
    def statements(cls, source: str) -> Any:
        return _Real.statements(source)

    def open(self, program: Program, limits: Any) -> Session:
        self.opened += 1
        return self.sessions(self.real.open(program, limits), self)

    @staticmethod
    def binding_name(name: str) -> str:
        return _Real.binding_name(name)

    @classmethod
    def declare(cls, api: Any) -> dict[str, str]:
        return _Real.declare(api)


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return the value with everything in it changed, the inner parts first."""
    if isinstance(value, list):
        return change([changed(item, change) for item in value])
    if isinstance(value, dict):
        return change({key: changed(item, change) for key, item in value.items()})
    return change(value)


class ChangesValues(Wrapped):
    """Changes every value that comes out."""

    def change(self, value: Any) -> Any:
        return value

    def request(self, request: Request) -> list[Any]:
        if isinstance(request, Call):
            return [replace(request, args=changed(request.args, self.change) or [])]
        return (
            [replace(request, value=changed(request.value, self.change))] if isinstance(request, Finish) else [request]
        )


class DropsTells(Wrapped):
    def request(self, request: Request) -> list[Any]:
        return [] if isinstance(request, Tell) else [request]


class ReordersCalls(Wrapped):
    def requests(self, requests: list[Any]) -> list[Any]:
        return sorted(requests, key=lambda item: -item.id if isinstance(item, Call) else 0)


class AsksTwice(Wrapped):
    def request(self, request: Request) -> list[Any]:
        return [request, request] if isinstance(request, Call) else [request]


class EmptiesMapsIntoLists(ChangesValues):
    def change(self, value: Any) -> Any:
        return [] if value == {} else value


class RoundsIntegers(ChangesValues):
    def change(self, value: Any) -> Any:
        return int(float(value)) if type(value) is int and abs(value) < 2**62 else value


class CutsTextAtNul(ChangesValues):
    def change(self, value: Any) -> Any:
        return value.partition("\0")[0] if isinstance(value, str) else value


class TakesBytesForText(ChangesValues):
    def change(self, value: Any) -> Any:
        return value.decode() if isinstance(value, bytes) and value.isascii() else value


class LosesTheSignOfZero(ChangesValues):
    def change(self, value: Any) -> Any:
        return 0.0 if type(value) is float and value == 0 else value


class RenumbersFunctions(ChangesValues):
    """Gives a function a new number each time it goes out."""

    def __init__(self, session: Session, engine: WrappedEngine) -> None:
        super().__init__(session, engine)
        self.numbers: dict[int, int] = {}

    def change(self, value: Any) -> Any:
        if not isinstance(value, Function):
            return value
        self.numbers[len(self.numbers) + 1] = value.id
        return Function(len(self.numbers))

    def event(self, event: Event) -> list[Any]:
        return [replace(event, function=self.numbers[event.function])] if isinstance(event, Invoke) else [event]


class LosesErrorData(Wrapped):
    def event(self, event: Event) -> list[Any]:
        return [replace(event, error=replace(event.error, data=None))] if isinstance(event, Reject) else [event]


class LosesCauses(Wrapped):
    def event(self, event: Event) -> list[Any]:
        return [replace(event, error=replace(event.error, cause=None))] if isinstance(event, Reject) else [event]


class SwallowsTheLine(Wrapped):
    def request(self, request: Request) -> list[Any]:
        return [replace(request, error=replace(request.error, line=None))] if isinstance(request, Fail) else [request]


class EndsBeforeItsTasks(Wrapped):
    def requests(self, requests: list[Any]) -> list[Any]:
        ended = any(isinstance(item, Finish | Fail) for item in requests)
        return requests if ended else [*requests, Finish("main")]


class NeverEnds(Wrapped):
    def request(self, request: Request) -> list[Any]:
        return [] if isinstance(request, Finish) else [request]


class IgnoresCancel(Wrapped):
    def event(self, event: Event) -> list[Any]:
        return [] if isinstance(event, Cancel) else [event]


class RollsItsOwnDice(Wrapped):
    def event(self, event: Event) -> list[Any]:
        return [replace(event, seed=SystemRandom().getrandbits(53))] if isinstance(event, Start) else [event]


class IgnoresTheSeed(Wrapped):
    def event(self, event: Event) -> list[Any]:
        return [replace(event, seed=1)] if isinstance(event, Start) else [event]


class StopsTheClock(Wrapped):
    def step(self, inbox: Inbox) -> Outbox:
        return super().step(replace(inbox, now=1000.0))


class StepsAfterTheEnd(Wrapped):
    def step(self, inbox: Inbox) -> Outbox:
        try:
            return super().step(inbox)
        except ProtocolError:
            return Outbox(())


class HandlesEventsBackwards(Wrapped):
    def step(self, inbox: Inbox) -> Outbox:
        return super().step(replace(inbox, events=inbox.events[::-1]))


class CatchesLimits(Wrapped):
    def request(self, request: Request) -> list[Any]:
        limited = isinstance(request, Fail) and request.error.kind == "limit"
        return [Fail(ErrorValue("runtime", "too much"))] if limited else [request]


class BelievesWhatIsThrown(Wrapped):
    def request(self, request: Request) -> list[Any]:
        thrown = isinstance(request, Fail) and request.error.kind == "limit"
        return [replace(request, from_session=True)] if thrown else [request]


class TellsOfFewLines(Wrapped):
    def request(self, request: Request) -> list[Any]:
        return [replace(request, lines=request.lines[:-1])] if isinstance(request, Ran) else [request]


class TellsOfEveryLine(Wrapped):
    def request(self, request: Request) -> list[Any]:
        return [replace(request, lines=tuple(range(1, 11)))] if isinstance(request, Ran) else [request]


class Crashes(Wrapped):
    def step(self, inbox: Inbox) -> Outbox:
        raise ZeroDivisionError("the VM divided by zero")


class LeavesGlobalsBehind(WrappedEngine):
    """Every session but the first finds what the first left behind."""

    info = replace(_Real.info, name="LeavesGlobalsBehind")

    def open(self, program: Program, limits: Any) -> Session:
        left = "left_behind = 'mine' " if self.opened else ""
        files = {**program.files, program.entry: left + program.files[program.entry]}
        return super().open(replace(program, files=files), limits)


def _engine(sessions: type[Wrapped]) -> type[WrappedEngine]:
    info = replace(_Real.info, name=sessions.__name__)
    return type(sessions.__name__ + "Engine", (WrappedEngine,), {"info": info, "sessions": sessions})


BREAKS: dict[str, str] = {
    "DropsTells": "host-output",
    "ReordersCalls": "tasks-not-waited-for",
    "AsksTwice": "calls-in-order",
    "EmptiesMapsIntoLists": "values-list-or-map",
    "RoundsIntegers": "values-int64-kept",
    "CutsTextAtNul": "values-text-kept",
    "TakesBytesForText": "values-bytes-kept",
    "LosesTheSignOfZero": "values-float-kept",
    "RenumbersFunctions": "functions-same",
    "LosesErrorData": "errors-caught",
    "LosesCauses": "errors-cause",
    "SwallowsTheLine": "where-lines",
    "EndsBeforeItsTasks": "tasks-waited-for",
    "NeverEnds": "calls-in-order",
    "IgnoresCancel": "cancel-waiting",
    "RollsItsOwnDice": "determinism-random",
    "IgnoresTheSeed": "determinism-random",
    "StopsTheClock": "determinism-clock",
    "StepsAfterTheEnd": "end-finish",
    "HandlesEventsBackwards": "order-of-events",
    "BelievesWhatIsThrown": "limits-forged",
    "CatchesLimits": "limits-cpu",
    "LeavesGlobalsBehind": "isolation-globals",
    "TellsOfFewLines": "coverage-branches",
    "TellsOfEveryLine": "coverage-branches",
    "Crashes": "values-nothing",
}
"""Each broken engine, and the case that the suite finds it out by."""

for _name in BREAKS:
    if _name in globals() and issubclass(globals()[_name], Wrapped):
        globals()[_name + "Engine"] = _engine(globals()[_name])
LeavesGlobalsBehindEngine = LeavesGlobalsBehind


class SpeechlessEngine(WrappedEngine):
    """An engine whose language has no spells yet."""

    info = replace(_Real.info, name="speechless", language="silence", extensions=(".mute",))
