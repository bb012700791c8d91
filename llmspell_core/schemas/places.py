"""Which part of a schema speaks of which part of the data, as far as the schema says so without looking at values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.facts import Fact, fact
from llmspell_core.schemas.steps import spend
from llmspell_core.values import path_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Place", "at_pointer", "places"]


@fact
class Place(Fact):
    """A part of the data, where it is, and a schema that it has to fit."""

    path: str
    value: Any
    schema: dict[str, Any]


def places(data: Any, schema: Any) -> list[Place]:
    """Return every place, outer ones first: through fields, items, ``allOf`` and references inside the schema."""
    found: list[Place] = []
    seen: set[tuple[str, int]] = set()
    todo: list[tuple[str, Any, Any]] = [("$", data, schema)]
    while todo:
        path, value, part = todo.pop()
        spend()
        if not isinstance(part, dict) or (path, id(part)) in seen:
            continue
        seen.add((path, id(part)))
        found.append(Place(path, value, part))
        below = [*_same_place(path, value, part, schema), *_below(path, value, part)]
        todo += reversed(below)
    return found


def at_pointer(document: Any, reference: str) -> Any:
    """Return what a reference of the form ``#/$defs/name`` leads to, or None."""
    from urllib.parse import unquote

    if reference == "#":
        return document
    if not reference.startswith("#/"):
        return None
    for part in unquote(reference[2:]).split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def _same_place(path: str, value: Any, part: dict[str, Any], whole: Any) -> Iterator[tuple[str, Any, Any]]:
    for each in part.get("allOf", ()):
        yield path, value, each
    if isinstance(reference := part.get("$ref"), str):
        yield path, value, at_pointer(whole, reference)


def _below(path: str, value: Any, part: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(value, dict):
        known, others = part.get("properties", {}), part.get("additionalProperties")
        for name, item in value.items():
            each = known.get(name) if name in known else others
            if isinstance(each, dict):
                yield path_key(path, name), item, each
    elif isinstance(value, list):
        first, rest = part.get("prefixItems", []), part.get("items")
        for i, item in enumerate(value):
            yield f"{path}[{i}]", item, first[i] if i < len(first) else rest
