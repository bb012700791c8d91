"""The engine: checks spells and opens sessions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from llmspell_core.engine import Engine, EngineInfo, Feature, Program, Session
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell
    from llmspell_core.stubs import Api, Method
    from llmspell_core.uses import Uses
    from llmspell_js.sandbox import Blank
    from llmspell_js.syntax import Checker

__all__ = ["JsEngine"]


class JsEngine(Engine):
    """Runs JavaScript on QuickJS-ng."""

    info: ClassVar[EngineInfo] = EngineInfo(
        name="js",
        language="javascript",
        version="QuickJS-ng 0.17",
        extensions=(".js", ".mjs", ".cjs"),
        comment="//",
        features=frozenset(Feature),
    )

    def __init__(self) -> None:
        self._checker: Checker | None = None
        self._realm: Blank | None = None

    listing_globals = "return Object.getOwnPropertyNames(globalThis)"

    def compile(self, spell: Spell) -> Program:
        """Return the program of a spell: every file a checked expression that holds a function."""
        from llmspell_js.program import build

        return build(spell, self._made_checker())

    def cover(self, spell: Spell) -> Program:
        """Return the program of a spell, each of its statements telling that it runs."""
        from llmspell_js.program import build

        return build(spell, self._made_checker(), covered=True)

    @classmethod
    def statements(cls, source: str) -> dict[int, int]:
        """Return where each statement of a file ends that can run, by the line that it begins in."""
        from llmspell_js.program import clean
        from llmspell_js.statements import find_statements

        return find_statements(clean(source))

    def open(self, program: Program, limits: Limits) -> Session:
        """Return a fresh session with a context of its own; :raises UsageError: when it is to count instructions."""
        if limits.instructions is not None:
            raise UsageError("this VM does not count instructions; bound a spell in JavaScript by cpu")
        realm, self._realm = self._realm, None
        if program.covered:
            from llmspell_js.coverage import CoveredSession

            return CoveredSession(program, limits, realm)
        from llmspell_js.session import JsSession

        return JsSession(program, limits, realm)

    def prepare(self) -> None:
        """Have all guest code in memory."""
        from llmspell_js.coverage import reader
        from llmspell_js.library import load

        load()
        reader()

    def open_ahead(self) -> None:
        """Have a realm ready that has all but a spell."""
        from llmspell_js.sandbox import blank_realm

        self._realm = blank_realm()

    def close(self) -> None:
        """Let go of the context that checks sources, and of the realm that was opened ahead."""
        self._checker = self._realm = None

    @staticmethod
    def binding_name(name: str) -> str:
        """Return the name in camelCase: ``chat_session`` is ``chatSession``."""
        return re.sub(r"(?<=.)_([a-z])", lambda match: match[1].upper(), name)

    def uses(self, spell: Spell, bridges: Sequence[str], known: Sequence[str]) -> Uses:
        """Return what the source of a spell uses of its bridges."""
        from llmspell_js.uses import find_uses

        return find_uses(spell, bridges, known)

    @classmethod
    def declare(cls, api: Api) -> dict[str, str]:
        """Return TypeScript declarations and the project file that makes editors use them."""
        from llmspell_js.declare import declare

        return declare(api)

    @classmethod
    def signature(cls, owner: str, method: Method, *, on_handle: bool) -> str | None:
        """Return how a call of a method looks, as TypeScript writes types."""
        from llmspell_js.declare import signature

        return signature(owner, method, on_handle=on_handle)

    def _made_checker(self) -> Checker:
        from llmspell_js.syntax import Checker

        if self._checker is None:
            self._checker = Checker()
        return self._checker
