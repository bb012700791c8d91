"""An error as text, for people and for models that are to mend what they wrote; and values as JSON has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import LlmspellError
from llmspell_core.values import ErrorValue, Function, Handle

if TYPE_CHECKING:
    from llmspell_core.spells import Spell

__all__ = ["describe", "error_fields", "json_line", "plain", "tell"]

_BEFORE = 2
"""Lines that are shown before the one that an error came from."""
_WIDTH = 160
"""Characters that are shown of a line."""


def tell(error: BaseException, spell: Spell | None = None) -> str:
    """Return an error as text: place, kind and message, then its data, its traceback and its cause.

    :param spell: what failed; then the lines of its source that lead there are shown, too
    """
    described = describe(error)
    head, *rest = _lines(described)
    return "\n".join([head, *(() if spell is None else _source(spell, described)), *rest])


def describe(error: BaseException) -> ErrorValue:
    """Return an error as what is told of it."""
    if not isinstance(error, LlmspellError):
        return ErrorValue("internal", f"{type(error).__name__}: {error}")
    if error.value is not None:
        return error.value
    cause = describe(error.__cause__) if isinstance(error.__cause__, LlmspellError) else None
    file, line = getattr(error, "file", None), getattr(error, "line", None)
    return ErrorValue(error.kind, str(error), error.data, cause, file, line)


def plain(value: Any) -> Any:
    """Return a script value as what JSON has a form for."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if value - value == 0.0 else {"$": ["float", repr(value)]}
    if kind is list:
        return [plain(item) for item in value]
    if kind is dict:
        fields = {key: plain(item) for key, item in value.items()}
        return {"$": ["map", [list(item) for item in fields.items()]]} if "$" in fields else fields
    if kind is bytes:
        from binascii import b2a_base64

        return {"$": ["bytes", b2a_base64(value, newline=False).decode()]}
    if kind is Function:
        return {"$": ["function", value.id]}
    if kind is ErrorValue:
        return {"$": ["error", error_fields(value)]}
    if parts := getattr(kind, "__dataclass_fields__", None):
        return {name: plain(getattr(value, name)) for name in parts}
    if isinstance(value, Handle):
        return {"$": ["handle", kind.__name__]}
    return {"$": ["object", kind.__name__]}


def json_line(value: Any) -> str:
    """Return plain data as JSON on one line."""
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def error_fields(error: ErrorValue) -> dict[str, Any]:
    """Return an error as what JSON has a form for."""
    return {
        "kind": error.kind,
        "message": error.message,
        "file": error.file,
        "line": error.line,
        "traceback": error.traceback,
        "data": plain(error.data),
        "cause": None if error.cause is None else error_fields(error.cause),
    }


def _source(spell: Spell, error: ErrorValue) -> list[str]:
    text = {**spell.modules, spell.file: spell.source}.get(error.file or "")
    if text is None or error.line is None:
        return []
    last = error.line
    lines = list(enumerate(text.split("\n"), 1))[max(0, last - 1 - _BEFORE) : last]
    width = len(str(last))
    return [
        f"  {'>' if number == last else ' '} {number:{width}} | {_in_width(line)}".rstrip() for number, line in lines
    ]


def _in_width(line: str) -> str:
    return line if len(line) <= _WIDTH else line[:_WIDTH] + "..."


def _lines(error: ErrorValue) -> list[str]:
    lines = [_head(error)]
    if error.data is not None and error.kind != "limit":  # its message says it all
        lines.append(f"  data: {json_line(plain(_in_short(error.data)))}")
    if error.traceback:
        lines += [f"  {line}" for line in error.traceback.rstrip().splitlines()]
    if error.cause is not None and not _is_said(error.cause, error):
        head, *rest = _lines(error.cause)
        lines += [f"caused by: {head}", *rest]
    return lines


def _head(error: ErrorValue) -> str:
    place = f"{error.file}:{error.line}" if error.file and error.line else error.file or "llmspell"
    return f"{place}: {error.kind}: {error.message}"


def _in_short(value: Any) -> Any:
    """Return data with a line in the place of each error in it."""
    if isinstance(value, ErrorValue):
        return _head(value)
    if isinstance(value, list):
        return [_in_short(item) for item in value]
    return {name: _in_short(item) for name, item in value.items()} if isinstance(value, dict) else value


def _is_said(cause: ErrorValue, error: ErrorValue) -> bool:
    """Tell whether an error's own words end with those of its cause, which has nothing else to tell."""
    has_more = cause.data is not None or cause.cause is not None or cause.traceback
    return not has_more and error.message.endswith(cause.message)
