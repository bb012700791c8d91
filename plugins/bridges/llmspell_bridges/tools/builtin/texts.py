"""Work on text, patterns matched in time linear in the text."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument, LimitExceeded
from llmspell_core.schemas.patterns import BadPattern, compiled

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["work"]

_MOST = 1000
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
        return [_record(match) for match in islice(found.finditer(text), _MOST)]
    return _replaced(found, text, replacement)


def _compiled(pattern: str | None, ignore_case: bool) -> Any:
    if pattern is None:
        raise BadArgument("text", None, "pattern", "is missing; pass the pattern to look for")
    try:
        return compiled(pattern, ignore_case=ignore_case)
    except BadPattern as error:
        raise BadArgument("text", None, "pattern", str(error)) from error


def _record(match: Any) -> dict[str, Any]:
    return {"text": match.group(), "start": match.start(), "end": match.end(), "groups": list(match.groups())}


def _replaced(found: Any, text: str, replacement: str) -> str:
    parts: list[str] = []
    end = size = 0
    for match in found.finditer(text):
        parts += text[end : match.start()], _filled(replacement, match)
        size += len(parts[-1])
        if size > _LONGEST:
            raise LimitExceeded("text", _LONGEST, f"the text would grow by more than {_LONGEST} characters; do less")
        end = match.end()
    return "".join([*parts, text[end:]])


def _filled(replacement: str, match: Any) -> str:
    def group(found: re.Match[str]) -> str:
        number = int(found[1])
        if number > len(match.groups()):
            raise BadArgument("text", None, "pattern", f"has no group {number}")
        return match.group(number) or ""

    return re.sub(r"\\(\d)", group, replacement)
