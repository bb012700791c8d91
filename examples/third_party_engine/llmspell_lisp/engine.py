"""The engine: what it says of itself, how it checks a spell, and how it opens a session."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

from llmspell_core.engine import Engine, EngineInfo, Feature, Program
from llmspell_lisp import names
from llmspell_lisp.modules import EXTENSION, parse

if TYPE_CHECKING:
    from llmspell_core.engine import Session
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell
    from llmspell_core.stubs import Api

__all__ = ["LispEngine"]


class LispEngine(Engine):
    """A small Lisp, interpreted in Python."""

    info: ClassVar[EngineInfo] = EngineInfo(
        name="lisp",
        language="lisp",
        version="0.1 on Python {}.{}".format(*sys.version_info),
        extensions=(EXTENSION,),
        comment=";",
        features=frozenset({Feature.INT64, Feature.CPU_LIMIT}),
    )

    def compile(self, spell: Spell) -> Program:
        """Read every file of the spell, and run none."""
        own = {file: source for file, source in spell.modules.items() if file.endswith(EXTENSION)}
        files = {**own, spell.file: spell.source}
        for file, source in files.items():
            parse(source, file)
        return Program(spell.file, files)

    def open(self, program: Program, limits: Limits) -> Session:
        """Return a session that nothing has run in yet."""
        from llmspell_lisp.session import LispSession

        return LispSession(program, limits)

    @staticmethod
    def binding_name(name: str) -> str:
        """Return the name with dashes, as is usual in Lisp."""
        return names.binding_name(name)

    @classmethod
    def declare(cls, api: Api) -> dict[str, str]:
        """Return one file that lists every function with its parameters."""
        from llmspell_lisp.declarations import declarations

        return {f"llmspell{EXTENSION}": declarations(api)}
