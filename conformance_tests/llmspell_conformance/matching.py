"""When a value or an error is what a case expects: strictly, with the first difference in words."""

from __future__ import annotations

import math
import re
from typing import Any

from llmspell_conformance.cases import UNSET, ExpectedError
from llmspell_core.values import SAFE_INT, ErrorValue, Function, HandleRef

__all__ = ["difference", "error_difference"]


def difference(expected: Any, found: Any, path: str = "$", functions: dict[int, int] | None = None) -> str | None:
    """Return where and how two script values differ, or None when they are equal.

    NaN equals NaN, -0.0 is not 0.0, a bool is no number, and an integer is an integer. A whole float may come back as
    the integer of the same value, as languages with one number type have it. Of an error's place only what is
    expected is looked at.

    :param functions: the numbers of functions met so far, found by expected; a new one is added
    """
    kind = type(expected)
    if kind is list and type(found) is list:
        return _lists(expected, found, path, functions)
    if kind is dict and type(found) is dict:
        return _maps(expected, found, path, functions)
    if kind is ErrorValue and type(found) is ErrorValue:
        return _errors(expected, found, path, functions)
    if kind is Function and type(found) is Function and functions is not None:
        same = functions.setdefault(expected.id, found.id) == found.id
    elif kind is HandleRef and type(found) is HandleRef:
        same = expected.id == found.id
    elif kind is float:
        same = _same_float(expected, found)
    else:
        same = kind is type(found) and bool(expected == found)
    return None if same else f"{path}: expected {_shown(expected)}, found {_shown(found)}"


def error_difference(expected: ExpectedError, found: ErrorValue) -> str | None:
    """Return what about an error is not as expected, or None."""
    for name, holds, wanted, got in (
        ("kind", expected.kind in (None, found.kind), expected.kind, found.kind),
        ("message", _said(expected.message, found.message), expected.message, found.message),
        ("place in the value", _names(expected.path, found.message), expected.path, found.message),
        ("file", expected.file in (None, _stem(found.file)), expected.file, found.file),
        ("line", expected.line in (None, found.line), expected.line, found.line),
        ("traceback", _said(expected.traceback, found.traceback or ""), expected.traceback, found.traceback),
    ):
        if not holds:
            return f"the error's {name}: expected {wanted!r}, found {got!r}, in {_shown(found)}"
    if leaked := [text for text in expected.lacks if text in str(found)]:
        return f"the error tells of {leaked[0]!r}: {_shown(found)}"
    if expected.data is not UNSET and (problem := difference(expected.data, found.data)):
        return f"the error's data: {problem}"
    if expected.cause is None:
        return None
    return "the error has no cause" if found.cause is None else error_difference(expected.cause, found.cause)


def _lists(expected: list[Any], found: list[Any], path: str, functions: dict[int, int] | None) -> str | None:
    if len(expected) != len(found):
        return f"{path}: expected {len(expected)} items, found {len(found)}: {_shown(found)}"
    pairs = enumerate(zip(expected, found, strict=True))
    return next((said for i, (a, b) in pairs if (said := difference(a, b, f"{path}[{i}]", functions))), None)


def _maps(expected: dict[str, Any], found: dict[str, Any], path: str, functions: dict[int, int] | None) -> str | None:
    if expected.keys() != found.keys():
        return f"{path}: expected the keys {sorted(expected)}, found {sorted(found, key=str)}"
    pairs = ((key, item, found[key]) for key, item in expected.items())
    return next((said for key, a, b in pairs if (said := difference(a, b, f"{path}[{key!r}]", functions))), None)


def _errors(expected: ErrorValue, found: ErrorValue, path: str, functions: dict[int, int] | None) -> str | None:
    for name in ("kind", "message", "data", "cause"):
        if said := difference(getattr(expected, name), getattr(found, name), f"{path}.{name}", functions):
            return said
    for name in ("file", "line"):
        wanted, got = getattr(expected, name), getattr(found, name)
        if wanted not in (None, got):
            return f"{path}.{name}: expected {wanted!r}, found {got!r}"
    return None


def _same_float(expected: float, found: Any) -> bool:
    if type(found) is int:
        negative_zero = expected == 0 and math.copysign(1, expected) < 0
        return expected == found and abs(found) <= SAFE_INT and not negative_zero
    if type(found) is not float:
        return False
    if math.isnan(expected):
        return math.isnan(found)
    return expected == found and math.copysign(1, expected) == math.copysign(1, found)


def _said(wanted: str | None, text: str) -> bool:
    if wanted is None:
        return True
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], text) is not None
    return wanted in text


def _names(path: str | None, message: str) -> bool:
    return path is None or re.search(rf"(?<![\w$.\]]){re.escape(path)}(?![\w\[]|\.\w)", message) is not None


def _stem(file: str | None) -> str | None:
    return file.rpartition(".")[0] or file if file else file


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:297]}..."
