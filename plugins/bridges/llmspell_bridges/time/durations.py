"""Durations as text: ``1h 30m``, ``2 days``, ``PT1H30M``."""

from __future__ import annotations

import re

from llmspell_bridges.missing import LibraryMissing
from llmspell_bridges.time.failures import NotATime

__all__ = ["humanized", "read", "since"]

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_WORDS = {
    "millisecond": "ms", "sec": "s", "second": "s", "min": "m", "minute": "m", "hr": "h", "hour": "h", "day": "d",
    "week": "w",
}  # fmt: skip
_PART = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?([a-z]{1,12})(?:\s*,?\s*(?:and )?)")
_ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE)


def read(text: str) -> float:
    """Return the seconds that a text says; :raises NotATime: when it says no duration."""
    said = text.strip().lower()
    if len(said) > 100:
        raise NotATime(text, "a duration", "it is longer than 100 characters")
    sign = -1.0 if said.startswith("-") else 1.0
    said = said.removeprefix("-").lstrip()
    if said.startswith("p"):
        return sign * _of_iso(text, said)
    total, at = 0.0, 0
    while at < len(said):
        found = _PART.match(said, at)
        if found is None:
            raise NotATime(text, "a duration", "write it as '1h 30m', '2 days' or 'PT1H30M'")
        total += float(found[1]) * _seconds(text, found[2])
        at = found.end()
    if not said:
        raise NotATime(text, "a duration", "it is empty")
    return sign * total


def humanized(seconds: float, *, exact: bool) -> str:
    """Return a duration in words.

    :param exact: with every unit down to seconds, not the largest alone
    """
    humanize, delta = _library(seconds)
    return str(humanize.precisedelta(delta) if exact else humanize.naturaldelta(delta))


def since(seconds: float) -> str:
    """Return in words how long ago something is, or how far ahead when the seconds are negative."""
    humanize, delta = _library(seconds)
    return str(humanize.naturaltime(delta))


def _library(seconds: float):  # type: ignore[no-untyped-def]
    from datetime import timedelta

    try:
        import humanize
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "time") from None
    return humanize, timedelta(seconds=seconds)


def _seconds(text: str, unit: str) -> float:
    name = unit if unit in _SECONDS else _WORDS.get(unit, "") or _WORDS.get(unit.removesuffix("s"), "")
    if not name:
        problem = f"{unit!r} is no unit with a fixed length; there are {', '.join(_SECONDS)} and their names"
        raise NotATime(text, "a duration", problem)
    return _SECONDS[name]


def _of_iso(text: str, said: str) -> float:
    found = _ISO.fullmatch(said)
    if found is None or not any(found.groups()) or said.endswith("t"):
        raise NotATime(text, "a duration", "ISO 8601 has it as 'P1DT2H30M'; years and months have no fixed length")
    return sum(float(count) * _SECONDS[unit] for count, unit in zip(found.groups(), "wdhms", strict=True) if count)
