"""CSV text: a header, and a row per map."""

from __future__ import annotations

import csv
import io
from typing import Any

from llmspell_bridges.data.bounds import MAX_VALUES
from llmspell_bridges.data.failures import NotReadable
from llmspell_core.errors import ConversionError, LimitExceeded
from llmspell_core.values import path_key

__all__ = ["read", "write"]


def read(text: str) -> list[dict[str, str]]:
    """Return the rows as maps by the names in the first line; every field is text."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    made: list[dict[str, str]] = []
    try:
        header = next(rows, [])
        _check(header)
        for row in rows:
            if len(row) > len(header):
                problem = f"the row has {len(row)} fields and the header {len(header)}"
                raise NotReadable("csv", problem, rows.line_num)
            if row:
                made.append(dict(zip(header, row, strict=False)))
    except csv.Error as error:
        raise NotReadable("csv", str(error), rows.line_num) from None
    return made


def write(value: Any, *, pretty: bool) -> str:
    """Return the text of a list of maps, or of lists; the header has all fields, in the order they are first met."""
    if not isinstance(value, list):
        raise ConversionError("CSV is a list of rows; put what is to be one into a list")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    if all(isinstance(row, list) for row in value):
        writer.writerows(_cells(row, f"$[{i}]") for i, row in enumerate(value))
        return out.getvalue()
    fields = list(dict.fromkeys(name for row in value if isinstance(row, dict) for name in row))
    if (cells := len(fields) * len(value)) > MAX_VALUES:
        message = f"{len(value)} rows of {len(fields)} fields are more than {MAX_VALUES} cells; write it in parts"
        raise LimitExceeded("data_values", MAX_VALUES, message, used=cells)
    writer.writerow(fields)
    for i, row in enumerate(value):
        if not isinstance(row, dict):
            raise ConversionError("a row of CSV is a map where others are", f"$[{i}]")
        writer.writerow([_cell(row.get(name), path_key(f"$[{i}]", name)) for name in fields])
    return out.getvalue()


def _check(header: list[str]) -> None:
    seen: set[str] = set()
    for name in header:
        if name in seen:
            raise NotReadable("csv", f"the header has {name!r} twice", 1)
        seen.add(name)


def _cells(row: list[Any], path: str) -> list[str]:
    return [_cell(item, f"{path}[{i}]") for i, item in enumerate(row)]


def _cell(value: Any, path: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ConversionError(f"CSV has no form for {type(value).__name__} in a field", path)
