"""A workflow in a file, cast as a spell is: with the same permissions, limits, budget and journal.

Its session has no code: it has the bridge load the definition, run it, and ends with what comes of that.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_bridges.workflow.definition import Spells, every
from llmspell_bridges.workflow.reading import Bounds, Known, read_definition
from llmspell_bridges.workflow.texts import read_text
from llmspell_core.engine import Engine, EngineInfo, Program, Session
from llmspell_core.errors import CallError, UsageError
from llmspell_core.protocol import Call, Cancel, Fail, Finish, Inbox, Outbox, Reject, Request, Resolve, Start
from llmspell_core.runner import Runner
from llmspell_core.spells import Manifest, Spell
from llmspell_core.values import ErrorValue, HandleRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.workflow.definition import Definition
    from llmspell_core.casts import Cast
    from llmspell_core.engine import AsyncSession
    from llmspell_core.limits import Limits
    from llmspell_core.stubs import Api

__all__ = ["ENGINE", "FileRunner", "load", "read_file"]

ENGINE = "workflow"
_LOAD, _RUN = 1, 2


def read_file(path: str) -> tuple[str, Definition]:
    """Return the text of a definition, and the workflow that it stands for.

    :raises UsageError: when it cannot be read, or is none
    """
    text = Spell.load(path).source
    try:
        data = read_text(text)
        name = data.get("name")
        named = name if isinstance(name, str) and name else os.path.splitext(os.path.basename(path))[0]
        known = Known(lambda name: None, lambda given: None, lambda given: None)
        return text, read_definition(named, {**data, "name": named}, known, Bounds())
    except CallError as error:
        raise UsageError(f"{path}: {error}") from error


def load(path: str) -> tuple[Spell, Definition]:
    """Return a definition as what is cast, with the spells beside its file that it names.

    :raises UsageError: when it cannot be read, or is none
    """
    text, definition = read_file(path)
    folder = os.path.dirname(os.path.realpath(path))
    modules: dict[str, str] = {}
    steps = (each.what for each in every(definition.root))
    for name in sorted({what.path for what in steps if isinstance(what, Spells) and what.path is not None}):
        whole = os.path.realpath(os.path.join(folder, name))
        if whole.startswith(os.path.join(folder, "")) and os.path.isfile(whole):
            found, own = Spell.load(whole), os.path.relpath(whole, folder).replace(os.sep, "/")
            below = os.path.dirname(own)
            modules |= {os.path.join(below, each).replace(os.sep, "/"): text for each, text in found.modules.items()}
            modules[own] = found.source
    about = Manifest(definition.name, definition.version, definition.description)
    return Spell(text, os.path.basename(path), about, modules), definition


class FileRunner(Runner):
    """Casts definitions here, where they are but data, and the spells that they name where it is told to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(engines={ENGINE: _Definitions}, **options)

    def opener(self, cast: Cast) -> Callable[[], Session | AsyncSession]:
        if cast.engine != ENGINE:
            return super().opener(cast)
        engine = self.engine(ENGINE)
        return lambda: engine.open(engine.compile(cast.spell), cast.limits)


class _Definitions(Engine):
    """Casts definitions."""

    info = EngineInfo(ENGINE, "workflow definitions", "1", (".yaml", ".yml", ".json"), "#")

    def compile(self, spell: Spell) -> Program:
        """Return the text; it is checked when it is loaded."""
        return Program(spell.file, {spell.file: spell.source})

    def open(self, program: Program, limits: Limits) -> Session:
        """Return a session that has it run."""
        return _Filed(program.files[program.entry], os.path.splitext(program.entry)[0])

    @staticmethod
    def binding_name(name: str) -> str:
        """Return the name as it is."""
        return name

    @classmethod
    def declare(cls, api: Api) -> dict[str, str]:
        """Return nothing: a definition calls no bridge by itself."""
        return {}


class _Filed(Session):
    """Has a definition loaded and run; the parameters of the cast are ``{input, params}``."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name
        self._given: dict[str, Any] = {}

    def step(self, inbox: Inbox) -> Outbox:
        """Ask for what comes next."""
        made = [request for event in inbox.events if (request := self._next(event)) is not None]
        return Outbox(tuple(made))

    def close(self) -> None:
        """Hold nothing."""

    def _next(self, event: object) -> Request | None:
        match event:
            case Start(params):
                self._given = params
                data = read_text(self._text)
                named = {} if data.get("name") else {"name": self._name}
                return Call(_LOAD, "workflow", "load", [self._text, named])
            case Resolve(id, HandleRef(number)) if id == _LOAD:
                return Call(_RUN, number, "run", [self._given.get("input"), {"params": self._given.get("params")}])
            case Resolve(_, value):
                return Finish(value)
            case Reject(_, error):
                return Fail(error)
            case Cancel(reason):
                return Fail(ErrorValue("cancelled", reason))
            case _:
                return None
