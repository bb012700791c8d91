"""A conversation with a session, step by step: events in, exactly these requests out."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from llmspell_conformance.cases import ExpectedError
from llmspell_conformance.matching import difference, error_difference
from llmspell_core.errors import LlmspellError
from llmspell_core.protocol import Event, Fail, Forget, Inbox, Invoke, Release, Request, Throw
from llmspell_core.wire import decode_inbox, decode_outbox

if TYPE_CHECKING:
    from llmspell_conformance.cases import Step
    from llmspell_core.engine import Engine, Session
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell

__all__ = ["exchange"]


def exchange(engine: Engine, spell: Spell, limits: Limits, steps: tuple[Step, ...]) -> str | None:
    """Hold the conversation; return the first thing that is not as expected, or None."""
    with engine.open(engine.compile(spell), limits) as session:
        talk = _Talk(session)
        for number, step in enumerate(steps):
            if problem := talk.step(step, 1000.0 + number):
                return f"step {number + 1}: {problem}"
    return None


class _Talk:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._functions: dict[int, int] = {}

    def step(self, step: Step, now: float) -> str | None:
        written = json.dumps([now if step.now is None else step.now, step.events])
        inbox = decode_inbox(written)
        events = tuple(self._own_number(event) for event in inbox.events)
        try:
            outbox = self._session.step(Inbox(inbox.now, events, inbox.plain))
        except LlmspellError as error:
            return None if error.kind == step.raises else f"the step raised {error.kind}: {error}"
        if step.raises is not None:
            return f"expected a {step.raises} error, found {_shown(outbox.requests)}"
        return self._compare(step.requests, [item for item in outbox.requests if not isinstance(item, Release)])

    def _own_number(self, event: Event) -> Event:
        # A case numbers functions as it likes; the engine has numbers of its own.
        if isinstance(event, Invoke):
            return Invoke(event.invocation, self._functions[event.function], event.args)
        if isinstance(event, Forget):
            return Forget(tuple(self._functions[number] for number in event.functions))
        return event

    def _compare(self, expected: tuple[Any, ...], found: list[Request]) -> str | None:
        if len(expected) != len(found):
            return f"expected {len(expected)} requests {list(expected)}, found {_shown(found)}"
        for wanted, request in zip(expected, found, strict=True):
            if problem := self._compare_one(wanted, request):
                return f"{problem}; expected {wanted}, found {_shown([request])}"
        return None

    def _compare_one(self, wanted: list[Any], found: Request) -> str | None:
        if wanted[0] in ("fail", "throw"):
            if type(found).__name__.lower() != wanted[0] or not isinstance(found, Fail | Throw):
                return f"no {wanted[0]}"
            if isinstance(found, Throw) and found.invocation != wanted[1]:
                return "another invocation"
            if isinstance(found, Fail) and wanted[2:] == [True] and not found.from_session:
                return "not said to be from the session"
            return error_difference(ExpectedError(**wanted[1 if isinstance(found, Fail) else 2]), found.error)
        [request] = decode_outbox(json.dumps([wanted])).requests
        if type(request) is not type(found):
            return "another sort of request"
        for part in fields(request):
            wanted_part, found_part = getattr(request, part.name), getattr(found, part.name)
            if problem := difference(wanted_part, found_part, f"its {part.name}", self._functions):
                return problem
        return None


def _shown(requests: Any) -> str:
    text = ", ".join(map(repr, requests)) or "nothing"
    return text if len(text) <= 500 else f"{text[:497]}..."
