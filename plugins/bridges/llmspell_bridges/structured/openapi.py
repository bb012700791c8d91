"""Schemas as the components of an OpenAPI document."""

from __future__ import annotations

from typing import Any

__all__ = ["document"]

_AT = "#/components/schemas/"


def document(schemas: dict[str, Any], title: str, version: str) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document that has the schemas by name, and what is under their ``$defs`` beside them."""
    components: dict[str, Any] = {}
    for name, schema in schemas.items():
        if not isinstance(schema, dict):
            components[name] = schema
            continue
        inner = schema.get("$defs", {})
        names = {each: each if each not in components and each not in schemas else f"{name}_{each}" for each in inner}
        components[name] = _moved({key: part for key, part in schema.items() if key != "$defs"}, name, names)
        components |= {names[each]: _moved(part, name, names) for each, part in inner.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": {},
        "components": {"schemas": components},
    }


def _moved(part: Any, name: str, names: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_moved(item, name, names) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _reference(item, name, names) if key == "$ref" and isinstance(item, str) else _moved(item, name, names)
        for key, item in part.items()
    }


def _reference(reference: str, name: str, names: dict[str, str]) -> str:
    first, _, rest = reference.removeprefix("#/$defs/").partition("/")
    if reference.startswith("#/$defs/") and first in names:
        return _AT + names[first] + (f"/{rest}" if rest else "")
    return _AT + name + reference[1:] if reference.startswith("#") else reference
