"""The parameters of the command line: ``-p key=value``, ``-p key:=JSON``, ``--params JSON`` and ``--params @file``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import ParameterError
from llmspell_core.values import INT_MAX, INT_MIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmspell_core.spells import Manifest

__all__ = ["parameters"]


def parameters(manifest: Manifest, pairs: Sequence[str], document: str | None) -> dict[str, Any]:
    """Return what the command line gives, each ``-p`` over what ``--params`` says.

    Text becomes what the manifest declares for it; undeclared, what it looks like: ``3``, ``1.5``, ``true``, else text.
    What is declared as a list is given as one in JSON, or each item by a ``-p`` of its own.

    :raises ParameterError: when something in it cannot be read
    """
    given = _document(document) if document is not None else {}
    lists: dict[str, list[Any]] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.rstrip(":"):
            raise ParameterError(f"cannot read -p {pair}; write -p name=value, or -p name:=JSON")
        if name.endswith(":"):
            given[name[:-1]] = _json(text, f"-p {pair}")
            continue
        schema = (manifest.parameters or {}).get(name) or {}
        given[name] = _typed(text, schema)
        if _is_item(given[name], schema):
            given[name] = lists.setdefault(name, [])
            given[name].append(_typed(text, schema["items"]))
    return given


def _is_item(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether text is an item of a declared list; what begins as a list in JSON does is left for the check."""
    declared = schema.get("type") == "array" and isinstance(schema.get("items"), dict) and "type" in schema["items"]
    return declared and isinstance(value, str) and not value.startswith("[")


def _document(document: str) -> dict[str, Any]:
    text, where = document, "--params"
    if document.startswith("@"):
        where = f"--params {document}"
        try:
            with open(document[1:], encoding="utf-8-sig") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise ParameterError(f"cannot read {document[1:]!r}: {error}") from error
    given = _json(text, where)
    if not isinstance(given, dict):
        raise ParameterError(f'{where}: parameters are a JSON object such as {{"name": "value"}}')
    return given


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"{where}: not valid JSON: {error}") from error


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    declared = schema.get("type")
    types = declared if isinstance(declared, list) else [declared]
    if declared is None:
        return text if text in schema.get("enum", ()) else _looks_like(text)
    for name in types:
        value = _READERS[name](text) if name in _READERS else None
        if value is not None:
            return value
    return None if "null" in types and text == "null" else text


def _looks_like(text: str) -> Any:
    for read in (_integer, _number, _boolean):
        if (value := read(text)) is not None:
            return value
    return text


def _integer(text: str) -> int | None:
    if not re.fullmatch(r"-?(?:0|[1-9]\d{0,18})", text):
        return None
    value = int(text)
    return value if INT_MIN <= value <= INT_MAX else None


def _number(text: str) -> float | None:
    if re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)", text):
        return float(text)
    return _integer(text)


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _array(text: str) -> list[Any] | None:
    found: list[Any] | None = _instance(text, list)
    return found


def _object(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = _instance(text, dict)
    return found


def _instance(text: str, kind: type) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, kind) else None


_READERS = {"integer": _integer, "number": _number, "boolean": _boolean, "array": _array, "object": _object}
