"""What is wrong with a schema itself, and what to write in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import closest
from llmspell_core.schemas.keywords import TYPES, retold
from llmspell_core.schemas.patterns import BadPattern
from llmspell_core.signatures import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["wrong"]


def wrong(validator: Any, error: Any) -> tuple[list[str | int], str]:
    """Return where a schema is wrong and how, by an error of the library, told as what is wrong with data is."""
    path = list(error.absolute_path)
    if isinstance(error.cause, BadPattern):
        return path, str(error.cause)
    word = _keyword(path)
    if word == "type" and error.validator in ("anyOf", "enum"):
        return path, f"{kind_of(error.instance)} is no type{_meant(error.instance)}"
    told, inner = retold(validator, error)
    cure = _cure(word, path, error) if error.validator == "type" else ""
    return path + inner, f"{told}; {cure}" if cure else told


def _keyword(path: Sequence[str | int]) -> str:
    """Return the keyword that a place in a schema belongs to; under ``properties`` stand names of the schema's own."""
    words = [part for part in path if isinstance(part, str)]
    return "" if not words or (len(words) > 1 and words[-2] in _NAMED) else words[-1]


def _meant(name: Any) -> str:
    if isinstance(name, str) and (
        found := f"; did you mean {_OTHERS[name]!r}?" if name in _OTHERS else closest(name[:100], TYPES)
    ):
        return found
    return f"; there are {', '.join(TYPES)}"


def _cure(word: str, path: Sequence[str | int], error: Any) -> str:
    if word in _CURES and path[-1] == word:
        return _CURES[word]
    return "a schema goes there" if error.validator_value == ["object", "boolean"] else ""


_NAMED = ("$defs", "definitions", "dependentRequired", "dependentSchemas", "patternProperties", "properties")
_OTHERS = {"bool": "boolean", "dict": "object", "float": "number", "int": "integer", "list": "array", "map": "object"}
_OTHERS |= {"nil": "null", "str": "string", "table": "object", "text": "string"}
"""What types are called elsewhere."""
_CURES = {
    "items": "it is one schema for all items; a list of schemas, one for each, goes under 'prefixItems'",
    "required": "it is the list of the names of the fields that may not be missing, beside 'properties'",
    "properties": "it is a map of schemas by the names of fields",
    "enum": "it is the list of the values allowed",
}
