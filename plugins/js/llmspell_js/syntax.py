"""Whether source is right, wrong, or ends too early: the VM parses it and runs none of it."""

from __future__ import annotations

import re
from typing import NoReturn

import _quickjs  # type: ignore[import-not-found]  # it has no type information

from llmspell_core.errors import IncompleteSource, SpellSyntaxError

__all__ = ["Checker"]

# What is thrown, or not to be found, comes before the source: all of it is parsed by then, and nothing has run.
_OPEN = {
    "plain": "async function f(){",
    "script": "function f(){",
    "module": 'import "\\0none";',
}
_STOP = '"use strict";throw 0;'
_TYPED = re.compile(
    r"^\s*(?:export\s+)?(?:(?:interface|enum)\s+\w+\s*\{|type\s+\w+\s*=)|\b(?:const|let|var)\s+\w+\s*:"
    r"|[(,]\s*\w+\??\s*:\s*(?:string|number|boolean|any|unknown)\b|\)\s*:\s*[\w<>\[\]]+\s*(?:\{|=>)|\bas\s+(?:any|const)\b"
)
_PLACE = re.compile(r"<input>:(\d+):(\d+)")


class Checker:
    """Checks sources in a scratch context, of which none ever runs."""

    def __init__(self) -> None:
        self._context = _quickjs.Context()
        self._context.set_time_limit(10)

    def check(self, kind: str, source: str, file: str) -> None:
        """Return when the source is right as that kind of file.

        :raises SpellSyntaxError: with the line, when it is wrong
        :raises IncompleteSource: when it ends too early
        """
        if not self.accepts(kind, source):
            self._explain(kind, source, file)

    def accepts(self, kind: str, source: str) -> bool:
        """Tell whether the source is right as that kind of file."""
        if kind == "module":
            return self._problem(kind, source) is None
        # A brace too many may close one way of wrapping, but not both.
        wrapped = source + "\n}"
        return self._problem(kind, wrapped) is None and self._problem(kind, wrapped + "]", "[") is None

    def parses(self, expression: str) -> bool:
        """Tell whether an expression is right."""
        return self._parse(self._context.eval, f"throw 0;({expression})") is None

    def _problem(self, kind: str, source: str, before: str = "") -> str | None:
        if kind == "module":
            return self._parse(self._context.module, _OPEN[kind] + source)
        return self._parse(self._context.eval, _STOP + before + _OPEN[kind] + source)

    @staticmethod
    def _parse(parse: object, text: str) -> str | None:
        try:
            parse(text)  # type: ignore[operator]  # a method of the VM's
        except _quickjs.JSException as error:
            message = str(error)
            return message if message.startswith("SyntaxError") else None
        return None

    def _explain(self, kind: str, source: str, file: str) -> NoReturn:
        bare = self._problem(kind, source)
        if bare is None or (kind != "module" and self._problem(kind, source + "\n}") is None):
            line = _stray_brace(source)
            raise SpellSyntaxError("unexpected '}'", file, line)
        message, line, column = _told(bare)
        lines = source.split("\n")
        if line == 1:
            column -= len(_OPEN[kind]) + (0 if kind == "module" else len(_STOP))
        last = line == len(lines) and column > len(lines[-1])
        line = min(line, len(lines))
        open_text = message == "unexpected end of string" and _at(lines, line, column) == "`"
        if last or open_text or message == "unexpected end of comment":
            raise IncompleteSource("the source ends too early", file, line)
        if kind == "module" and message == "return not in a function":
            message += "; a file with import or export is a module, whose value is its `export default`"
        if _TYPED.search(lines[line - 1]):
            message += "; a spell is JavaScript: leave the types of TypeScript out"
        raise SpellSyntaxError(message, file, line)


def _told(message: str) -> tuple[str, int, int]:
    place = _PLACE.search(message)
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    return message.partition("\n")[0].removeprefix("SyntaxError: "), line, column


def _at(lines: list[str], line: int, column: int) -> str:
    return lines[line - 1][column - 1 : column] if 0 < line <= len(lines) and column > 0 else ""


def _stray_brace(source: str) -> int:
    from llmspell_js.modules import first_error_line

    return first_error_line(source)
