"""Work on text, patterns matched in time linear in the text."""

from __future__ import annotations

import asyncio
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument, LimitExceeded
from llmspell_core.schemas.patterns import BadPattern, compiled

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["work"]

_MOST, _MOST_REPLACED = 1000, 100_000
_LONGEST = 4 * 2**20


async def work(
    context: Context, operation: str, text: str, replacement: str, ignore_case: bool, pattern: str | None = None
) -> Any:
    """Return what an operation makes of a text."""
    if operation == "count":
        return {"characters": len(text), "words": len(text.split()), "lines": text.count("\n") + 1 if text else 0}
    if operation in ("upper", "lower", "title"):
        return getattr(text, operation)()
    found = _compiled(pattern, ignore_case)
    if operation == "find":
        return await asyncio.to_thread(_found, found, text)
    return await asyncio.to_thread(_replaced, found, text, replacement)


def _compiled(pattern: str | None, ignore_case: bool) -> Any:
    if pattern is None:
        raise BadArgument("text", None, "pattern", "is missing; pass the pattern to look for")
    try:
        return compiled(pattern, ignore_case=ignore_case)
    except BadPattern as error:
        raise BadArgument("text", None, "pattern", str(error)) from error


def _found(pattern: Any, text: str) -> list[dict[str, Any]]:
    rows, size = [], 0
    for match in islice(pattern.finditer(text), _MOST):
        groups = list(match.groups())
        size += sum(map(len, filter(None, groups)))
        if size > _LONGEST:
            raise _too_long(f"the groups have together more than {_LONGEST} characters; look for less")
        rows.append({"text": match.group(), "start": match.start(), "end": match.end(), "groups": groups})
    return rows


def _replaced(pattern: Any, text: str, replacement: str) -> str:
    said = re.split(r"\\(\d)", replacement)
    parts: list[str] = []
    end = size = 0
    for number, match in enumerate(pattern.finditer(text)):
        if number == _MOST_REPLACED:
            raise _too_long(f"there is more to replace than {_MOST_REPLACED} places; do it in parts")
        parts.append(text[end : match.start()])
        for i, each in enumerate(said):
            parts.append(_group(match, int(each)) if i % 2 else each)
            size += len(parts[-1]) + 1
            if size > _LONGEST:
                raise _too_long(f"the text would grow by more than {_LONGEST} characters; do less")
        end = match.end()
    return "".join([*parts, text[end:]])


def _group(match: Any, number: int) -> str:
    if number > len(match.groups()):
        raise BadArgument("text", None, "pattern", f"has no group {number}")
    return match.group(number) or ""


def _too_long(message: str) -> LimitExceeded:
    return LimitExceeded("text", _LONGEST, message)
