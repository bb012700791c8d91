"""A case of the engines' fuzzing: a spell and what it is fed, played against any session of it.

A case is JSON: ``source``, ``limits``, ``answers`` (what calls come to, in turn: ``["resolve", VALUE]``,
``["reject", ERROR]`` or ``["never"]``), and ``extras`` (events beside the answers, a list for each step).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

from llmspell_core import wire
from llmspell_core.errors import LlmspellError, ProtocolError
from llmspell_core.isolation.customs import Customs
from llmspell_core.limits import Limits
from llmspell_core.protocol import Call, Fail, Finish, Inbox, Invoke, Outbox, Start
from llmspell_core.spells import Spell
from llmspell_core.values import lower

STEPS = 12
"""After so many a spell has shown what it can."""
_BRIDGES = ("probe", "llm")
_SMALL = 2**20
"""Bytes of memory with which an engine may fail in any way that it says."""


def spell_of(case: dict[str, Any]) -> Spell:
    """Return the spell of a case."""
    return Spell(case["source"], "spell", modules=case.get("modules", {}))


def limits_of(case: dict[str, Any]) -> Limits:
    """Return the limits of a case."""
    return Limits(**{"cpu": 0.2, "memory": 2**25, "message": 2**20} | case.get("limits", {}))


async def play(case: dict[str, Any], open: Callable[[], Any]) -> str:
    """Play a case to its end and return what it came to; what is wrong with the engine is raised."""
    try:
        with closing(open()) as session:
            return await _steps(case, session)
    except ProtocolError:
        raise
    except LlmspellError as error:
        return error.kind


async def _steps(case: dict[str, Any], session: Any) -> str:
    customs, invoked = Customs(), set[int]()
    inbox = Inbox(1.0, (Start({"x": 1}, 5, _BRIDGES),))
    for number in range(STEPS):
        customs.sent(inbox)
        outbox = await session.astep(inbox) if hasattr(session, "astep") else session.step(inbox)
        customs.outbox(wire.encode_outbox(outbox))
        ending = outbox.requests[-1] if outbox.requests else None
        if isinstance(ending, Finish):
            return "ok"
        if isinstance(ending, Fail):
            assert ending.error.kind != "internal" or limits_of(case).memory in range(_SMALL), ending.error
            return ending.error.kind
        inbox = _once(_next(case, number, outbox), invoked)
        if not inbox.events:
            return "waits"
    return "goes on"


def _next(case: dict[str, Any], number: int, outbox: Outbox) -> Inbox:
    answers = case.get("answers") or [["resolve", None]]
    rows: list[Any] = []
    for call in outbox.requests:
        if isinstance(call, Call):
            name, *rest = answers[call.id % len(answers)]
            rows += [[name, call.id, *rest]] if name != "never" else []
    extras = case.get("extras", [])
    rows += extras[number] if number < len(extras) else []
    return Inbox(2.0 + number, tuple(event for row in rows for event in _event(row)))


def _once(inbox: Inbox, invoked: set[int]) -> Inbox:
    """Leave out what a host never does: use the number of an invocation again."""
    kept = []
    for event in inbox.events:
        if isinstance(event, Invoke):
            if event.invocation in invoked:
                continue
            invoked.add(event.invocation)
        kept.append(event)
    return Inbox(inbox.now, tuple(kept))


def _event(row: Any) -> tuple[Any, ...]:
    """Read an event, if a host could have sent it."""
    try:
        (event,) = wire.decode_inbox(json.dumps([0.0, [row]])).events
        if isinstance(event, Start):
            return ()
        for part in vars(event).values():
            lower(list(part) if isinstance(part, tuple) else part, _refuse)
    except (LlmspellError, RecursionError):
        return ()
    numbers = [part for name, part in vars(event).items() if name in ("id", "invocation", "function")]
    return (event,) if all(type(each) is int and 0 < each < 2**53 for each in numbers) else ()


def _refuse(value: object, path: str) -> Any:
    raise ProtocolError("no script value")
