"""Bring data of an old schema into the form of a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.schemas.places import at_pointer

if TYPE_CHECKING:
    from llmspell_bridges.structured.schema import Schema

__all__ = ["migrated"]


def migrated(data: Any, old: Schema, new: Schema) -> Any:
    """Return data that fitted the old schema in the form of the new one.

    Fields that the new schema says had another name (``x-was``) are renamed; those that only the old schema knew are
    dropped; what was left out is filled in with defaults; values of another type are converted where nothing is lost.

    :raises DoesNotFit: when the data does not fit the old schema, or what became of it not the new one
    """
    return new.fit(_Migration(old.source, new.source).value(old.fit(data, "the data"), "#", "#"), "the migrated data")


class _Migration:
    def __init__(self, old: Any, new: Any) -> None:
        self._old, self._new = old, new

    def value(self, value: Any, old: Any, new: Any) -> Any:
        old, new = _followed(self._old, old), _followed(self._new, new)
        if not isinstance(new, dict):
            return value
        value = _converted(value, new.get("type"))
        if isinstance(value, dict):
            return self._map(value, old if isinstance(old, dict) else {}, new)
        if isinstance(value, list):
            return [self.value(item, _part(old, "items"), _part(new, "items")) for item in value]
        return value

    def _map(self, value: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        before, after = old.get("properties", {}), new.get("properties", {})
        names = _renamed(after)
        made: dict[str, Any] = {}
        for name, item in value.items():
            target = name if name in after else names.get(name, name)
            if target in after:
                made[target] = self.value(item, before.get(name, {}), after[target])
            elif name not in before and new.get("additionalProperties") is not False:
                made[name] = item
        return made


def _renamed(properties: dict[str, Any]) -> dict[str, str]:
    """Return the new names of fields by their old ones."""
    names: dict[str, str] = {}
    for name, part in properties.items():
        was = part.get("x-was") if isinstance(part, dict) else None
        names |= dict.fromkeys([was] if isinstance(was, str) else was if isinstance(was, list) else [], name)
    return names


def _followed(whole: Any, part: Any) -> Any:
    for _ in range(20):
        reference = part if isinstance(part, str) else _part(part, "$ref")
        if not isinstance(reference, str):
            return part
        part = at_pointer(whole, reference)
    return None


def _part(schema: Any, word: str) -> Any:
    return schema.get(word) if isinstance(schema, dict) else None


def _converted(value: Any, wanted: Any) -> Any:
    """Return a value as one of another type, where that says the same."""
    if isinstance(wanted, list):
        return value
    if wanted == "array" and not isinstance(value, list):
        return [] if value is None else [value]
    if wanted == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if wanted == "boolean" and value in ("true", "false"):
        return value == "true"
    if wanted in ("integer", "number") and isinstance(value, str):
        return _number(value, wanted)
    return value


def _number(text: str, wanted: str) -> Any:
    try:
        return int(text[:30])
    except ValueError:
        pass  # a number that is not whole, or none at all
    try:
        return float(text[:30]) if wanted == "number" else text
    except ValueError:
        return text
