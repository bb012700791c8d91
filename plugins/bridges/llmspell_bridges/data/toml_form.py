"""TOML text."""

from __future__ import annotations

import re
from typing import Any

from llmspell_bridges.data.bounds import Sheet, parts_of
from llmspell_bridges.data.failures import NotReadable
from llmspell_bridges.missing import LibraryMissing
from llmspell_core.errors import ConversionError
from llmspell_core.values import MAX_DEPTH

__all__ = ["read", "write"]

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_NO_KEY = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#.*")
_BETWEEN_KEYS = re.compile(r"[^\w\-. \t]")


def read(text: str) -> Any:
    """Return the map that a text is; times become text as ISO 8601 writes them."""
    import tomllib

    _refuse_long_keys(text)
    try:
        return _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.fullmatch(str(error))
        if found is None:
            raise NotReadable("toml", str(error)) from None
        line, column = (int(found[2]), int(found[3])) if found[2] else (text.count("\n") + 1, None)
        raise NotReadable("toml", found[1], line, column) from None
    except (RecursionError, ValueError) as error:
        problem = f"it nests deeper than {MAX_DEPTH} levels" if isinstance(error, RecursionError) else str(error)
        raise NotReadable("toml", problem) from None


def write(value: Any, *, pretty: bool) -> str:
    """Return the text of a map."""
    if not isinstance(value, dict):
        raise ConversionError(f"TOML has no form for a {type(value).__name__} alone; put it into a map")
    _refuse(value, "$")
    try:
        import tomli_w
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "data") from None
    out = Sheet("toml")
    tomli_w.dump(value, out, multiline_strings=pretty)  # type: ignore[arg-type]  # it takes bytes, too
    return out.getvalue()


def _refuse_long_keys(text: str) -> None:
    """Pass over a text whose keys have few parts; for many, the library takes a time that grows with their square."""
    for number, line in enumerate(_NO_KEY.sub("k", text).split("\n"), 1):
        if line.count(".") < MAX_DEPTH:
            continue
        for key in _BETWEEN_KEYS.split(line):
            parts = key.split(".")
            if len(parts) > MAX_DEPTH and all(part.strip() for part in parts[:MAX_DEPTH]):
                raise NotReadable("toml", f"a key nests deeper than {MAX_DEPTH} levels", number)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _refuse(value: Any, path: str) -> None:
    """:raises ConversionError: where TOML has no form for a value."""
    if isinstance(value, (dict, list)):
        for at, item in parts_of(value, path):
            _refuse(item, at)
    elif value is None:
        raise ConversionError("TOML has no form for null; leave the field out", path)
    elif not isinstance(value, (str, int, float)):
        raise ConversionError(f"TOML has no form for {type(value).__name__}", path)
