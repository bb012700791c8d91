"""Times as text: ISO 8601, or a pattern of the codes that mean the same on every system."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from llmspell_bridges.time.failures import NotATime

__all__ = ["BadPattern", "read", "write"]

_READ = "aAbBdfHIjmMpSyYz%"
_WRITTEN = "aAbBdfHIjmMpSyYzZ%"


class BadPattern(ValueError):
    """A pattern has a code that there is not; the message says which there are."""


def write(moment: datetime, pattern: str | None) -> str:
    """Return a moment as text, in ISO 8601 without a pattern."""
    if pattern is None:
        text = moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
    _check(pattern, _WRITTEN)
    return re.sub(r"%(.)", lambda found: _written(moment, found[0]), pattern, flags=re.DOTALL)


def read(text: str, pattern: str | None, zone: tzinfo) -> datetime:
    """Return the moment that a text names, by a zone's clock where the text says no other.

    :raises NotATime: when it is none
    """
    if pattern is not None:
        _check(pattern, _READ)
        if not {"y", "Y"} & set(_codes(pattern)):
            raise BadPattern("has no year, without which nobody knows the day; add %Y, and the year to the text")
    try:
        found = datetime.fromisoformat(text) if pattern is None else datetime.strptime(text, pattern)
    except (ValueError, OverflowError) as error:
        problem = "it does not fit" if len(str(error)) > 120 else str(error)
        raise NotATime(text, "ISO 8601" if pattern is None else pattern, problem) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _written(moment: datetime, code: str) -> str:
    # Systems differ in how many digits they give an early year.
    return f"{moment.year:04d}" if code == "%Y" else moment.strftime(code)


def _check(pattern: str, codes: str) -> None:
    for code in _codes(pattern):
        if not code or code not in codes:
            known = " ".join(f"%{each}" for each in codes)
            raise BadPattern(f"has {'%' + code!r}, which means nothing here; there are {known}")


def _codes(pattern: str) -> list[str]:
    return re.findall(r"%(.?)", pattern, re.DOTALL)
