"""Regular expressions of strangers, matched in time linear in the text by RE2."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BadPattern", "compiled", "matcher"]

_LONGEST = 10_000
_MEMORY = 4 * 2**20


class BadPattern(ValueError):
    """The pattern is no regular expression that can be matched in bounded time."""

    def __init__(self, pattern: str, problem: str) -> None:
        shown = pattern if len(pattern) <= 80 else f"{pattern[:77]}..."
        super().__init__(f"the pattern {shown!r} cannot be used: {problem}")


@lru_cache(256)
def compiled(pattern: str, *, ignore_case: bool = False) -> Any:
    """Return the pattern, compiled; :raises BadPattern: when it is none."""
    if len(pattern) > _LONGEST:
        raise BadPattern(pattern, f"it is longer than {_LONGEST} characters")
    try:
        import re2
    except ModuleNotFoundError as error:
        cure = "the library 'google-re2' is not installed; run: pip install google-re2"
        raise BadPattern(pattern, cure) from error
    options = re2.Options()
    options.log_errors, options.max_mem, options.case_sensitive = False, _MEMORY, not ignore_case
    try:
        return re2.compile(_spelled(pattern), options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        hint = "; looking around, referring back and counts past 1000 are not supported, for they can take for ever"
        raise BadPattern(pattern, f"{said}{hint}") from None


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that tells whether the pattern occurs in a text."""
    search = compiled(pattern).search
    return lambda text: search(text) is not None


def _spelled(pattern: str) -> str:
    """Return an ECMAScript pattern as RE2 spells it."""
    return re.sub(
        r"(\\[^u])|\\u\{([0-9A-Fa-f]+)\}|\\u([0-9A-Fa-f]{4})",
        lambda found: found[1] or f"\\x{{{found[2] or found[3]}}}",
        pattern,
        flags=re.DOTALL,
    )
