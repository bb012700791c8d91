"""A spell in a session, stepped by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from llmspell_lisp.engine import LispEngine

from llmspell_core.engine import Session
from llmspell_core.limits import Limits
from llmspell_core.protocol import Event, Fail, Finish, Inbox, Request, Start
from llmspell_core.spells import Spell

LIMITS = Limits(instructions=2_000_000)


class Played:
    """One session of a source, and the requests of its last step."""

    def __init__(
        self, source: str, limits: Limits, params: dict[str, object], modules: dict[str, str], bridges: tuple[str, ...]
    ) -> None:
        engine = LispEngine()
        program = engine.compile(Spell(source, "spell.lisp", modules=modules))
        self.session: Session = engine.open(program, limits)
        self.requests: tuple[Request, ...] = ()
        self.feed(Start(params, 7, bridges))

    def feed(self, *events: Event, now: float = 1.0) -> tuple[Request, ...]:
        self.requests = self.session.step(Inbox(now, events)).requests
        return self.requests

    @property
    def value(self) -> object:
        last = self.requests[-1]
        assert isinstance(last, Finish), last
        return last.value

    @property
    def error(self) -> object:
        last = self.requests[-1]
        assert isinstance(last, Fail), last
        return last.error


@pytest.fixture
def play() -> Iterator[Callable[..., Played]]:
    opened: list[Played] = []

    def begin(
        source: str,
        *,
        limits: Limits = LIMITS,
        params: dict[str, object] | None = None,
        modules: dict[str, str] | None = None,
        bridges: tuple[str, ...] = ("probe",),
    ) -> Played:
        opened.append(Played(source, limits, params or {}, modules or {}, bridges))
        return opened[-1]

    yield begin
    for played in opened:
        played.session.close()
        played.session.close()
