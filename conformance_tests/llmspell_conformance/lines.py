"""Which statements of a case's spell a session says have run."""

from __future__ import annotations

from os.path import splitext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmspell_core.casts import Cast
    from llmspell_core.engine import Engine
    from llmspell_core.protocol import Ran
    from llmspell_core.spells import Spell

__all__ = ["LinesThatRan"]


class LinesThatRan:
    """Notes lines of one cast, and compares them with what a row expects."""

    def __init__(self, engine: type[Engine], spell: Spell) -> None:
        self._engine = engine
        self._texts = {splitext(name)[0]: text for name, text in {**spell.modules, spell.file: spell.source}.items()}
        self._told: list[tuple[str, int]] = []

    def clear(self) -> None:
        """Forget the last cast."""
        self._told.clear()

    def note(self, cast: Cast, ran: Sequence[Ran]) -> None:
        """Note what a session tells."""
        self._told += [(splitext(each.file)[0], line) for each in ran for line in each.lines]

    def difference(self, ran: Mapping[str, Sequence[int]], missed: Mapping[str, Sequence[int]]) -> str | None:
        """Return what is told otherwise than expected, or None."""
        if len(set(self._told)) != len(self._told):
            return f"a line is told of twice: {sorted(self._told)}"
        for expected, has_run in ((ran, True), (missed, False)):
            for file, lines in expected.items():
                for line in lines:
                    if problem := self._problem(file, line, has_run):
                        return problem
        return None

    def _problem(self, file: str, line: int, has_run: bool) -> str | None:
        statements = self._engine.statements(self._texts[file])
        if line not in statements:
            return f"line {line} of {file}: no statement that can run begins here, but in {sorted(statements)}"
        told = any(name == file and line <= each <= statements[line] for name, each in self._told)
        if told is has_run:
            return None
        words = {True: "has run", False: "has not run"}
        return f"line {line} of {file} {words[has_run]}, and the session says it {words[told]}"
