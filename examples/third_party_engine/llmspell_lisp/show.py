"""How values look as text and as JSON, and when two of them are equal."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from llmspell_core.values import INT_MAX, INT_MIN, MAX_DEPTH
from llmspell_lisp.faults import Fault
from llmspell_lisp.objects import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["equal", "from_json", "show", "to_json"]

_MOST = 4_000_000


def show(value: object) -> str:
    """Return a text as it is, an error as its message, and any other value as it is written."""
    if isinstance(value, str):
        return value
    return _whole(_written(value, 1, _LISP))


def to_json(value: object) -> str:
    """Return a value as JSON text."""
    return _whole(_written(value, 1, _JSON))


def from_json(text: str) -> Any:
    """Return the value of a JSON text."""
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise Fault(f"the text is no JSON: {error}", "conversion") from None


def equal(one: object, other: object) -> bool:
    """Tell whether two values are equal, lists and maps by what they hold."""
    pairs: list[tuple[Any, Any, int]] = [(one, other, 0)]
    for _ in range(_MOST):
        if not pairs:
            return True
        a, b, depth = pairs.pop()
        if depth > MAX_DEPTH:
            raise Fault("the values nest too deeply to be compared")
        if type(a) is list and type(b) is list and len(a) == len(b):
            pairs.extend((x, y, depth + 1) for x, y in zip(a, b, strict=True))
        elif type(a) is dict and type(b) is dict and a.keys() == b.keys():
            pairs.extend((a[key], b[key], depth + 1) for key in a)
        elif not _same(a, b):
            return False
    raise Fault("the values are too large to be compared")


def _whole(written: Iterator[str]) -> str:
    pieces = list(islice(written, _MOST))
    if len(pieces) == _MOST:
        raise Fault("the value is too large to be written")
    return "".join(pieces)


def _integer(digits: str) -> int | float:
    # Beyond 64 bits JSON's integers are read as most readers of JSON do.
    whole = int(digits) if len(digits) < 20 else INT_MAX + 1
    return whole if INT_MIN <= whole <= INT_MAX else float(digits)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


_decoder = json.JSONDecoder(parse_int=_integer, parse_constant=_no_number)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, (list, dict, Fault)):
        return a is b
    # To Python True is 1; here they are different kinds.
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)


def _written(value: Any, depth: int, style: _Style) -> Iterator[str]:
    if isinstance(value, (list, dict)) and depth > MAX_DEPTH:
        yield style.other(value)
    elif value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, str):
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        yield repr(value)
    elif isinstance(value, list):
        yield "["
        for i, item in enumerate(value):
            yield style.between if i else ""
            yield from _written(item, depth + 1, style)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for i, (key, item) in enumerate(value.items()):
            yield f"{style.between if i else ''}{json.dumps(str(key), ensure_ascii=False)}{style.after_key}"
            yield from _written(item, depth + 1, style)
        yield "}"
    else:
        yield style.other(value)


def _opaque(value: object) -> str:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (list, dict)):
        return "..."
    return value.message if isinstance(value, Fault) else f"<{kind_of(value)}>"


def _refused(value: object) -> str:
    raise Fault(f"{kind_of(value)} cannot be written as JSON", "conversion")


class _Style(NamedTuple):
    """How lists and maps are written: what stands between items, after keys, and for what has no form."""

    between: str
    after_key: str
    other: Callable[[object], str]


_LISP, _JSON = _Style(" ", " ", _opaque), _Style(",", ":", _refused)
