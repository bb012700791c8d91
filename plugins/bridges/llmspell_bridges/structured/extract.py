"""Find the value that a model meant in the text that it wrote: fenced, among prose, or not quite JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.structured.repair import repaired
from llmspell_core.errors import CallError, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_bridges.structured.schema import Schema

__all__ = ["NothingFound", "candidates", "extract", "fitting"]

_FENCE = "```"
_MOST = 20


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# What is escaped is a token of its own, so that no text makes many quotes look for an end in vain.
_TOKENS = re.compile(r'\\.|"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL).finditer
_DECODER = json.JSONDecoder(parse_constant=_refuse)


class NothingFound(CallError):
    """A text holds nothing that can be read as JSON; ``data`` is ``{text}``, its beginning."""

    kind = "extract"

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = {"text": text[:500]}
        super().__init__(f"no JSON was found in {text[:80]!r}; ask for JSON alone")


def extract(text: str) -> Any:
    """Return the value that a text holds; :raises NothingFound: when it holds none."""
    for value in candidates(text):
        return value
    raise NothingFound(text)


def fitting(text: str, schema: Schema) -> Any:
    """Return the first value in a text that fits a schema, with its defaults.

    :raises NothingFound: when the text holds no value
    :raises DoesNotFit: when none that it holds fits, saying what is wrong with the likeliest
    """
    from llmspell_bridges.structured.schema import DoesNotFit

    first: DoesNotFit | None = None
    for value in candidates(text):
        try:
            return schema.fit(value, "what the text holds")
        except DoesNotFit as error:
            first = first or error
    raise first or NothingFound(text)


def candidates(text: str) -> Iterator[Any]:
    """Yield what may be meant, the likeliest first.

    That is the whole text, what is fenced, what is valid in it, repairs, and what is valid in something that is not.
    """
    blocks = [text, *_fenced(text)]
    for block in blocks:
        yield from _whole(block)
    parts: list[Any] = []
    for value, is_part in _within(text):
        if not is_part:
            yield value
        else:
            parts.append(value)
    try:
        yield from _repairs(blocks)
    except (CallError, LimitExceeded):
        yield from parts
        raise
    yield from parts


def _whole(text: str) -> Iterator[Any]:
    try:
        yield json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return


def _within(text: str) -> Iterator[tuple[Any, bool]]:
    """Yield what is valid in a text, and whether it is part of something that is not."""
    ends = _ends(text)
    at = tried = broken = 0
    while tried < _MOST and (at := _next_bracket(text, at)) >= 0:
        tried += 1
        is_part = at < broken
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            broken = max(broken, ends.get(at, at))
            at += 1
        else:
            if value:
                yield value, is_part


def _ends(text: str) -> dict[int, int]:
    """Return where each bracket is closed, by where it is opened; the end of the text for those that are not."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for token in _TOKENS(text):
        if token[0] in "[{":
            opened.append(token.start())
        elif opened and text[opened[-1]] + token[0] in ("[]", "{}"):
            ends[opened.pop()] = token.start()
    return ends | dict.fromkeys(opened, len(text))


def _repairs(blocks: list[str]) -> Iterator[Any]:
    for block in reversed(blocks):
        value = repaired(_from_bracket(block))
        # Of what is no more than brackets, nothing is left that was meant.
        if isinstance(value, (dict, list)) and value:
            yield value


def _fenced(text: str) -> list[str]:
    parts = text.split(_FENCE, 2 * _MOST)
    blocks = []
    for part in parts[1::2]:
        language, newline, rest = part.partition("\n")
        blocks.append(rest if newline and language.strip().isalnum() else part)
    return blocks


def _from_bracket(text: str) -> str:
    at = _next_bracket(text, 0)
    return text[at:] if at >= 0 else ""


def _next_bracket(text: str, start: int) -> int:
    found = [at for at in (text.find("{", start), text.find("[", start)) if at >= 0]
    return min(found, default=-1)
