"""JSON text."""

from __future__ import annotations

import json
import math
from typing import Any

from llmspell_bridges.data.bounds import parts_of
from llmspell_bridges.data.failures import NotReadable
from llmspell_core.errors import ConversionError
from llmspell_core.values import INT_MAX, INT_MIN, MAX_DEPTH

__all__ = ["read", "write"]

_DIGITS = 20
"""No integer of 64 bits has more characters."""


def read(text: str) -> Any:
    """Return the value of a text; integers beyond 64 bits become floats, as numbers do that have a point."""
    try:
        return json.loads(text, parse_int=_whole, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise NotReadable("json", error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise NotReadable("json", f"it nests deeper than {MAX_DEPTH} levels") from None


def write(value: Any, *, pretty: bool) -> str:
    """Return the text of a value."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2 if pretty else None, default=_no_form)
    except ValueError as error:
        raise ConversionError(f"JSON has no form for it: {error}", _path_of(value) or "$") from None


def _whole(digits: str) -> int | float:
    if len(digits) <= _DIGITS and INT_MIN <= (number := int(digits)) <= INT_MAX:
        return number
    if (near := float(digits)) in (math.inf, -math.inf):
        raise NotReadable("json", f"a number of {len(digits)} digits is beyond all numbers there are")
    return near


def _refuse(word: str) -> Any:
    raise NotReadable("json", f"{word} is no value of JSON")


def _no_form(value: Any) -> Any:
    raise ValueError(f"{type(value).__name__} is no value of JSON")


def _path_of(value: Any, path: str = "$") -> str | None:
    """Return where the first value is that JSON has no form for."""
    if isinstance(value, (dict, list)):
        return next((found for at, item in parts_of(value, path) if (found := _path_of(item, at))), None)
    return None if isinstance(value, (str, int, float, type(None))) and _is_finite(value) else path


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
