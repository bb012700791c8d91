"""JSON text."""

from __future__ import annotations

import json
import math
from typing import Any

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
        raise ConversionError(f"JSON has no form for it: {error}", _path_of(value)) from None


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


def _path_of(value: Any) -> str:
    """Return where the first value is that JSON has no form for."""
    todo: list[tuple[Any, str]] = [(value, "$")]
    while todo:
        part, path = todo.pop()
        if isinstance(part, dict):
            todo += [(item, f"{path}.{key}") for key, item in reversed(part.items())]
        elif isinstance(part, list):
            todo += [(item, f"{path}[{i}]") for i, item in reversed(list(enumerate(part)))]
        elif not isinstance(part, (str, int, float, type(None))) or not _is_finite(part):
            return path
    return "$"


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
