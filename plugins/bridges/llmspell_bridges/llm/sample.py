"""Data that fits a JSON Schema, made up: what the model ``demo`` answers when it is given one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.schemas.places import at_pointer
from llmspell_core.schemas.steps import spend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

__all__ = ["sample"]

_DEEPEST = 12
_FORMATS = {
    "date": "2024-05-17",
    "date-time": "2024-05-17T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "P1D",
    "email": "demo@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def sample(schema: Any, random: Random, words: list[str]) -> Any:
    """Return a value that fits; patterns, and demands that contradict each other, are beyond it.

    :param words: what texts are made of
    """
    return _Maker(schema, random, words).value(schema, 0)


class _Maker:
    def __init__(self, whole: Any, random: Random, words: list[str]) -> None:
        self._whole, self._random, self._words = whole, random, words

    def value(self, schema: Any, depth: int) -> Any:
        spend()
        found = self._settled(schema)
        for fixed in ("const", "default"):
            if fixed in found:
                return found[fixed]
        if found.get("enum"):
            return self._random.choice(found["enum"])
        for several in ("oneOf", "anyOf"):
            if found.get(several):
                rest = {name: value for name, value in found.items() if name != several}
                return self.value({**rest, **self._settled(_simplest(found[several]))}, depth + 1)
        match _kind(found):
            case "object":
                return self._object(found, depth)
            case "array":
                return self._array(found, depth)
            case "integer" | "number" as kind:
                return self._number(found, whole=kind == "integer")
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
        return self._text(found)

    def _settled(self, schema: Any) -> dict[str, Any]:
        """Return a schema with what it refers to, and all of ``allOf``, in one."""
        found = dict(schema) if isinstance(schema, dict) else {}
        for _ in range(_DEEPEST):
            spend()
            if isinstance(reference := found.pop("$ref", None), str):
                found = _both(at_pointer(self._whole, reference), found)
            elif parts := found.pop("allOf", None):
                for part in parts:
                    found = _both(self._settled(part), found)
            else:
                break
        return found

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        known, required = schema.get("properties") or {}, list(schema.get("required") or ())
        wanted = required if depth >= _DEEPEST // 2 else list(dict.fromkeys([*known, *required]))
        if depth > _DEEPEST:
            return {}
        made = {name: self.value(known.get(name, {}), depth + 1) for name in wanted}
        others, number = schema.get("additionalProperties"), 0
        while len(made) < int(schema.get("minProperties") or 0):
            number += 1
            made.setdefault(f"field{number}", self.value(others, depth + 1))
        return made

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        first, rest = schema.get("prefixItems") or [], schema.get("items", {})
        least = int(schema.get("minItems") or 0)
        size = max(least, 0 if depth >= _DEEPEST // 2 else min(int(schema.get("maxItems", 2)), max(2, len(first))))
        if rest is False:
            size = min(size, len(first))
        made: list[Any] = []
        for i in range(4 * size if schema.get("uniqueItems") else size):
            item = self.value(first[i] if i < len(first) else rest, depth + 1)
            if not schema.get("uniqueItems") or item not in made:
                made.append(item)
            if len(made) >= size:
                break
        return made

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> int | float:
        step = schema.get("multipleOf") or 1
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        most = schema.get("maximum", schema.get("exclusiveMaximum"))
        low = least if least is not None else (most - 10 * step if most is not None else 0)
        high = most if most is not None else low + 10 * step
        if not whole and "multipleOf" not in schema:
            return round(low + (high - low) * (0.25 + 0.5 * self._random.random()), 6)
        first = -(-low // step) + (low % step == 0 and "exclusiveMinimum" in schema and "minimum" not in schema)
        last = high // step - (high % step == 0 and "exclusiveMaximum" in schema and "maximum" not in schema)
        picked = (first + self._random.randrange(int(max(1, last - first + 1)))) * step
        return int(picked) if whole else picked

    def _text(self, schema: Mapping[str, Any]) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = self._random.choice(self._words)
        while len(text) < int(schema.get("minLength") or 0):
            spend()
            text += " " + self._random.choice(self._words)
        return text[: int(schema.get("maxLength", len(text)))]


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return str(next((kind for kind in kinds if kind != "null"), "null"))
    if isinstance(kinds, str):
        return kinds
    for words, kind in (
        (("properties", "required", "additionalProperties", "minProperties"), "object"),
        (("items", "prefixItems", "minItems"), "array"),
        (("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"), "number"),
    ):
        if any(word in schema for word in words):
            return kind
    return "string"


def _simplest(options: list[Any]) -> Any:
    """Return the option that does not lead deeper, where there is one: what refers to itself comes to an end."""
    return min(options, key=lambda option: ("$ref" in str(option), option == {"type": "null"}))


def _both(first: Any, second: Mapping[str, Any]) -> dict[str, Any]:
    first = first if isinstance(first, dict) else {}
    made = {**first, **second}
    for word in ("properties",):
        if word in first and word in second:
            made[word] = {**first[word], **second[word]}
    if "required" in first and "required" in second:
        made["required"] = list(dict.fromkeys([*first["required"], *second["required"]]))
    return made
