"""How much a text may hold, and how deep and wide a value may be, whatever it was read from."""

from __future__ import annotations

from typing import Any

from llmspell_core.errors import ConversionError, LimitExceeded
from llmspell_core.values import MAX_DEPTH, path_key

__all__ = ["MAX_VALUES", "check_size", "check_value"]

MAX_VALUES = 500_000
"""How many values one may hold, each counted as often as it appears."""
_MAX_BYTES = {"json": 16 * 2**20, "csv": 16 * 2**20, "xml": 4 * 2**20, "yaml": 2**19, "toml": 2**20}
"""Bytes that a text may have: what takes longer to read may be shorter."""


def check_size(form: str, text: str) -> None:
    """Pass over a text that is not too long; :raises LimitExceeded: when it is."""
    most = _MAX_BYTES[form]
    if len(text) > most or (len(text) * 4 > most and len(text.encode(errors="replace")) > most):
        raise LimitExceeded("data_bytes", most, f"the {form.upper()} text has more than {most} bytes; read it in parts")


def check_value(value: Any) -> None:
    """Pass over a value that may cross the border.

    :raises ConversionError: naming the path of what nests too deep, or is a cycle
    :raises LimitExceeded: when it holds too much, each part counted wherever it appears
    """
    seen = 0
    todo: list[tuple[Any, int]] = [(value, MAX_DEPTH)]
    while todo:
        part, depth = todo.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise LimitExceeded("data_values", MAX_VALUES, f"it holds more than {MAX_VALUES} values; read it in parts")
        if isinstance(part, (dict, list)):
            if depth <= 0:
                raise ConversionError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", _deep_path(value))
            todo += [(item, depth - 1) for item in (part.values() if isinstance(part, dict) else part)]


def _deep_path(value: Any) -> str:
    """Return the beginning of the path of what nests too deep; paths are made only when there is one to tell."""
    todo: list[tuple[Any, str, int]] = [(value, "$", MAX_DEPTH)]
    while todo:
        part, path, depth = todo.pop()
        if isinstance(part, (dict, list)) and depth <= 0:
            return path if len(path) < 80 else f"{path[:77]}..."
        if isinstance(part, dict):
            todo += [(item, path_key(path, str(key)), depth - 1) for key, item in part.items()]
        elif isinstance(part, list):
            todo += [(item, f"{path}[{i}]", depth - 1) for i, item in enumerate(part)]
    return "$"
