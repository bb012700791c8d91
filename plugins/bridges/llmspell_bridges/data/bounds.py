"""How much a text may hold, and how deep and wide a value may be, whatever it was read from."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import ConversionError, LimitExceeded
from llmspell_core.values import MAX_DEPTH, path_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_VALUES", "Sheet", "check_size", "check_value", "parts_of"]

MAX_VALUES = 500_000
"""How many values one may hold, each counted as often as it appears."""
_MAX_BYTES = {"json": 16 * 2**20, "csv": 16 * 2**20, "xml": 4 * 2**20, "yaml": 2**19, "toml": 2**20}
"""Bytes that a text may have: what takes longer to read may be shorter."""
_MOST_WRITTEN = 64 * 2**20


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
                raise ConversionError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", _deep_path(value) or "$")
            todo += [(item, depth - 1) for item in (part.values() if isinstance(part, dict) else part)]


class Sheet(io.StringIO):
    """Takes what is written of a value: XML names each item of a list, and TOML each table, by names of any length."""

    def __init__(self, form: str) -> None:
        super().__init__(newline="")
        self._form, self._size = form, 0

    def write(self, piece: str | bytes) -> int:
        """Take a piece; :raises LimitExceeded: when the whole has more characters than a text may."""
        text = piece.decode() if isinstance(piece, bytes) else piece
        self._size += len(text)
        if self._size > _MOST_WRITTEN:
            message = (
                f"the {self._form.upper()} text would have more than {_MOST_WRITTEN} characters; write it in parts"
            )
            raise LimitExceeded("data_bytes", _MOST_WRITTEN, message)
        return super().write(text)


def _deep_path(value: Any, path: str = "$", depth: int = MAX_DEPTH) -> str | None:
    """Return the beginning of the path of what nests too deep; paths are made only when there is one to tell."""
    if isinstance(value, (dict, list)) and depth <= 0:
        return path if len(path) < 80 else f"{path[:77]}..."
    return next((found for at, item in parts_of(value, path) if (found := _deep_path(item, at, depth - 1))), None)


def parts_of(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a map or a list, each with its path."""
    if isinstance(value, dict):
        yield from ((path_key(path, str(key)), item) for key, item in value.items())
    elif isinstance(value, list):
        yield from ((f"{path}[{i}]", item) for i, item in enumerate(value))
