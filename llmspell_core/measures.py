"""Sizes, times and counts as people write them, and limits made of them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from llmspell_core.amounts import KINDS
from llmspell_core.errors import UsageError, closest
from llmspell_core.limits import PROFILES, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["limits_of", "named", "read"]

_UNITS = {"": 1, "B": 1} | {
    f"{letter}{ending}": base**power
    for power, letter in enumerate("KMGT", 1)
    for ending, base in (("", 2**10), ("iB", 2**10), ("B", 10**3))
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\Z")
_CURES = {
    "size": "write bytes, or a size such as 64MB or 512KiB",
    "time": "write seconds, more than 0",
    "count": "write a whole number, 1 or more",
}


def read(name: str, value: Any) -> float | int | None:
    """Return the value of a limit as it was written; ``none`` is no bound.

    :raises UsageError: when it is no measure of that kind
    """
    if isinstance(value, str) and value.strip().lower() == "none":
        return None
    kind = KINDS[name]
    found = _READERS[kind](value)
    if found is None:
        raise UsageError(f"{name}: {value!r} is no {kind}; {_CURES[kind]}, or none for no bound")
    return found


def limits_of(said: Mapping[str, Any] | str, base: Limits) -> Limits:
    """Return limits as a profile's name or a map of fields says them; what it does not say is as in ``base``.

    The field ``profile`` names another base.

    :raises UsageError: naming the wrong field, and the cure
    """
    if isinstance(said, str):
        return named(said)
    fields = dict(said)
    if "profile" in fields:
        base = named(fields.pop("profile"))
    for name in fields:
        if name not in KINDS:
            raise UsageError(f"there is no limit {name!r}{closest(name, KINDS) or '; there are ' + ', '.join(KINDS)}")
    return Limits(**vars(base) | {name: read(name, value) for name, value in fields.items()})


def named(profile: Any) -> Limits:
    """Return the limits of a profile."""
    if profile not in PROFILES:
        raise UsageError(f"{profile!r} is no profile of limits; there are {', '.join(PROFILES)}")
    made: Limits = getattr(Limits, profile)()
    return made


def _time(value: Any) -> float | None:
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < math.inf else None


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.replace("_", "").isdecimal():
        value = int(value)
    return value if type(value) is int and value > 0 else None


def _size(value: Any) -> int | None:
    if not isinstance(value, str):
        return _count(value)
    found = _SIZE.match(value.strip())
    unit = next((size for name, size in _UNITS.items() if found and name.lower() == found[2].lower()), None)
    if found is None or unit is None:
        return None
    return int(float(found[1]) * unit) or None


_READERS = {"size": _size, "time": _time, "count": _count}
