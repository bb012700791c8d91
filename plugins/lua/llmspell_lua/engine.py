"""The Lua engines: Lua 5.4, Lua 5.5 and LuaJIT, one class each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from llmspell_core.engine import Engine, EngineInfo, Feature, Program
from llmspell_core.errors import IncompleteSource, SpellSyntaxError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from llmspell_core.engine import Session
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell
    from llmspell_core.stubs import Api, Method
    from llmspell_core.uses import Uses
    from llmspell_lua.sandbox import Blank

__all__ = ["Lua55Engine", "LuaEngine", "LuaJitEngine"]

_CHECK = b"function(text) local _, problem = load(text, '=spell', 't') return problem end"
_POSITION = re.compile(r"^spell:(\d+): (.*)$", re.DOTALL)


class LuaEngine(Engine):
    """Lua 5.4."""

    info: ClassVar[EngineInfo] = EngineInfo("lua", "lua", "5.4", (".lua",), "--", frozenset(Feature))
    module: ClassVar[str] = "lua54"
    stack: ClassVar[int] = 16_000_000
    """Bytes of its stack that the VM never passes: a million slots."""
    listing_globals = "local names = {} for name in pairs(_G) do names[#names + 1] = name end return names"

    def __init__(self) -> None:
        from importlib import import_module

        self._lua: ModuleType = import_module(f"lupa.{self.module}")
        self._checker: Any = None
        self._ahead: Blank | None = None
        self._compiles = True

    def compile(self, spell: Spell) -> Program:
        """Return the program of a spell, its entry checked and nothing run; `require` checks the other files."""
        modules = {name: text for name, text in spell.modules.items() if name.endswith(".lua")}
        files = modules | {spell.file: spell.source}
        texts = {name: _without_first_line_mark(text) for name, text in files.items()}
        self._check(spell.file, texts[spell.file])
        return Program(spell.file, texts)

    def cover(self, spell: Spell) -> Program:
        """Return the program of a spell, marked as covered: a hook of the VM's sees the lines."""
        program = self.compile(spell)
        return Program(program.entry, program.files, covered=True)

    @classmethod
    def statements(cls, source: str) -> dict[int, int]:
        """Return where each statement of a file ends that can run, by the line that it begins in."""
        from llmspell_lua.statements import find_statements

        return find_statements(_without_first_line_mark(source))

    def open(self, program: Program, limits: Limits) -> Session:
        """Return a fresh session in a VM of its own."""
        from llmspell_lua.sandbox import open_vm
        from llmspell_lua.session import LuaSession

        blank, self._ahead = self._ahead or self._blank(), None
        bounded = Feature.MEMORY_LIMIT in self.info.features
        held = {"bounded": bounded, "guarded": self.guarded, "covered": program.covered}
        vm = open_vm(blank, program.entry, program.files, limits, **held, stack=self.stack)
        return LuaSession(vm, limits, self._lua.LuaError, bounded)

    def prepare(self) -> None:
        """Make no machine code from now on: a locked process may not, and LuaJIT ends it when it cannot."""
        self._compiles = False

    def open_ahead(self) -> None:
        """Have a VM ready that has all but a spell."""
        self._ahead = self._blank()

    def close(self) -> None:
        """Let go of the VM that checks sources, and of the one that was opened ahead."""
        self._checker = self._ahead = None

    @staticmethod
    def binding_name(name: str) -> str:
        """Return the name: Lua spells it as the host does."""
        return name

    def uses(self, spell: Spell, bridges: Sequence[str], known: Sequence[str]) -> Uses:
        """Return what the source of a spell uses of its bridges."""
        from llmspell_lua.uses import find_uses

        return find_uses(spell, bridges, known)

    @classmethod
    def declare(cls, api: Api) -> dict[str, str]:
        """Return LuaCATS declarations for editors."""
        from llmspell_lua.declare import declare

        return declare(api)

    @classmethod
    def signature(cls, owner: str, method: Method, *, on_handle: bool) -> str:
        """Return how a call of a method looks, as LuaCATS writes types."""
        from llmspell_lua.declare import signature

        return signature(owner, method, on_handle=on_handle)

    def _blank(self) -> Blank:
        from llmspell_lua.sandbox import blank_vm

        return blank_vm(self._lua, compiles=self._compiles)

    def _check(self, name: str, text: str) -> None:
        problem = self._problem(_encoded(name, text))
        if problem is None:
            return
        found = _POSITION.match(problem)
        message = found[2] if found else problem
        # LuaJIT quotes the end of the source, Lua does not.
        incomplete = message.replace("'", "").endswith("<eof>")
        line = int(found[1]) if found else None
        if incomplete or line is None:
            raise (IncompleteSource if incomplete else SpellSyntaxError)(message, name, line)
        from llmspell_lua.habits import with_cure

        raise SpellSyntaxError(with_cure(message, text, line), name, line)

    def _problem(self, source: bytes) -> str | None:
        if self._checker is None:
            # The problem may quote half a character.
            runtime = self._lua.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
            self._checker = runtime.eval(_CHECK)
        problem: bytes | None = self._checker(source)
        return problem.decode(errors="replace") if problem is not None else None


class Lua55Engine(LuaEngine):
    """Lua 5.5."""

    info = EngineInfo("lua55", "lua", "5.5", (".lua",), "--", frozenset(Feature))
    module = "lua55"


class LuaJitEngine(LuaEngine):
    """LuaJIT 2.1. Its numbers are doubles, and its memory cannot be bounded from inside."""

    info = EngineInfo(
        "luajit", "lua", "2.1", (".lua",), "--", frozenset(Feature) - {Feature.INT64, Feature.MEMORY_LIMIT}
    )
    module = "luajit21"
    stack = 524_000


def _encoded(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise SpellSyntaxError("a lone surrogate, which is no Unicode character", name, line) from None


def _without_first_line_mark(source: str) -> str:
    """Return the source without ``#!`` line and byte order mark, its lines where they were."""
    source = source.removeprefix("\ufeff")
    if not source.startswith("#"):
        return source
    return source[len(source.split("\n", 1)[0]) :]
