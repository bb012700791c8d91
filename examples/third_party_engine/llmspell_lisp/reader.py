"""The reader: source text to forms, each with the place it was read at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from llmspell_core.errors import IncompleteSource, SpellSyntaxError
from llmspell_core.values import INT_MAX, INT_MIN

__all__ = ["Form", "Group", "Keyword", "Literal", "Name", "Place", "read"]

_MAX_NESTING = 100
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_WORDS: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\"}
_TOKEN = re.compile(
    r"""
      (?P<skip>  \s+ | ;[^\n]* | \A\#![^\n]* )
    | (?P<open>  [(\[{] )
    | (?P<close> [)\]}] )
    | (?P<quote> ' )
    | (?P<text>  "[^"\\]*(?:\\.[^"\\]*)*" )
    | (?P<open_text> " )
    | (?P<word>  [^\s()\[\]{}"';]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_INTEGER = re.compile(r"[+-]?\d+").fullmatch
_FLOAT = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?").fullmatch


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the source something stands."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, ``true``, ``false`` or ``null``."""

    value: object
    place: Place


@dataclass(frozen=True, slots=True)
class Keyword:
    """``:name``: the key of a map, or an option of a call."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Name:
    """A name, split at its dots: ``llm.chat`` is ``("llm", "chat")``."""

    parts: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two brackets; ``opening`` says which."""

    opening: str
    items: tuple[Form, ...]
    place: Place


Form: TypeAlias = "Literal | Keyword | Name | Group"


@dataclass(slots=True)
class _Open:
    """A bracket, or a quote, that still waits for its end."""

    opening: str
    place: Place
    items: list[Form]


def read(source: str, file: str) -> tuple[Form, ...]:
    """Return the forms of a source.

    :raises SpellSyntaxError: with file and line, when the source is wrong
    :raises IncompleteSource: when a bracket or a text is not closed at its end
    """
    line = 1
    stack = [_Open("", Place(file, 1), [])]
    for token in _TOKEN.finditer(source):
        kind, word, place = token.lastgroup, token.group(), Place(file, line)
        line += word.count("\n")
        if kind == "open" or kind == "quote":
            _open(stack, word, place)
        elif kind == "close":
            _close(stack, word, place)
        elif kind == "open_text":
            raise IncompleteSource(f"the text that begins in line {place.line} is not closed", file, line)
        elif kind != "skip":
            _add(stack, Literal(_unescape(word, place), place) if kind == "text" else _word(word, place))
    if len(stack) > 1:
        last = stack[-1]
        raise IncompleteSource(f"the {last.opening} of line {last.place.line} is not closed", file, line)
    return tuple(stack[0].items)


def _open(stack: list[_Open], opening: str, place: Place) -> None:
    if len(stack) > _MAX_NESTING:
        raise SpellSyntaxError(f"nested deeper than {_MAX_NESTING} brackets", place.file, place.line)
    stack.append(_Open(opening, place, []))


def _close(stack: list[_Open], closing: str, place: Place) -> None:
    last = stack[-1]
    if _CLOSING.get(last.opening) != closing:
        expected = f"; the {last.opening} of line {last.place.line} is open" if last.opening else ""
        raise SpellSyntaxError(f"unexpected {closing}{expected}", place.file, place.line)
    stack.pop()
    _add(stack, Group(last.opening, tuple(last.items), last.place))


def _add(stack: list[_Open], form: Form) -> None:
    while stack[-1].opening == "'":
        place = stack.pop().place
        form = Group("(", (Name(("quote",), place), form), place)
    stack[-1].items.append(form)


def _word(word: str, place: Place) -> Form:
    if word in _WORDS:
        return Literal(_WORDS[word], place)
    if _INTEGER(word):
        # Python refuses to read very long numbers, and none of them is a script value.
        value = int(word) if len(word) <= 30 else INT_MAX + 1
        if not INT_MIN <= value <= INT_MAX:
            raise SpellSyntaxError(f"the integer {word[:30]} does not fit into 64 bits", place.file, place.line)
        return Literal(value, place)
    if _FLOAT(word):
        return Literal(float(word), place)
    if word.startswith(":"):
        return Keyword(word[1:], place)
    parts = tuple(word.split("."))
    if not all(parts) or word[0].isdigit():
        raise SpellSyntaxError(f"{word!r} is neither a number nor a name", place.file, place.line)
    return Name(parts, place)


def _unescape(word: str, place: Place) -> str:
    def character(match: re.Match[str]) -> str:
        if match["code"] is not None:
            if (code := int(match["code"], 16)) <= 0x10FFFF:
                return chr(code)
        elif match["letter"] in _ESCAPES:
            return _ESCAPES[match["letter"]]
        raise SpellSyntaxError(f"the text has the unknown escape {match[0]!r}", place.file, place.line)

    return re.sub(r"\\(?:u\{(?P<code>[0-9a-fA-F]{1,6})\}|(?P<letter>.))", character, word[1:-1], flags=re.DOTALL)
