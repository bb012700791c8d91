"""JSON Schemas that spells bring along, checked in a time that no schema can stretch.

A schema of a few lines may refer to itself twice at every turn, or have a pattern that tries every way to split a text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["SchemaError", "faults"]

EFFORT = 50_000
"""What one check may cost: a reference costs one, a comparison of two items one, a pattern a hundred."""
_PATTERN = 100
_SECONDS = 0.25
"""How long a pattern may search in a text."""


class SchemaError(LlmspellError):
    """A schema is none, or asks for more than a check may cost."""

    kind = "schema"


def faults(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, str]]:
    """Return what is wrong with a value: where in it, and what; :raises SchemaError: when the schema is at fault."""
    import jsonschema
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        # An empty registry: a spell's schema must not make the host fetch what it refers to.
        for error in _bounded(_Effort())(schema, registry=Registry()).iter_errors(value):
            yield _place(error.absolute_path), error.message
    except jsonschema.SchemaError as error:
        where = ".".join(str(part) for part in error.absolute_path)
        raise SchemaError(f"no valid JSON Schema: {where}{': ' if where else ''}{error.message}") from error
    except Unresolvable as error:
        raise SchemaError(f"the schema refers to {error.ref!r}, which is not in it") from error
    except RecursionError as error:
        raise SchemaError("the schema, or its value, nests too deeply") from error


class _Effort:
    def __init__(self) -> None:
        self._left = EFFORT

    def spend(self, cost: int) -> None:
        """:raises SchemaError: when that is more than is left."""
        self._left -= cost
        if self._left < 0:
            raise SchemaError("the schema takes too long to check; make it, or the value, simpler")

    def finds(self, pattern: str, text: str) -> bool:
        """Tell whether a pattern is found in a text."""
        import regex

        self.spend(_PATTERN)
        try:
            return regex.search(pattern, text, timeout=_SECONDS) is not None
        except TimeoutError as error:
            raise SchemaError(f"the pattern {pattern!r} takes too long; make it simpler") from error
        except regex.error as error:
            raise SchemaError(f"{pattern!r} is no pattern: {error}") from error


def _bounded(effort: _Effort) -> Any:
    """Return a validator of draft 2020-12 that stops when it has cost too much."""
    from jsonschema import ValidationError

    known = _keywords()

    def counted(keyword: str, cost: Callable[[Any], int]) -> Callable[..., Any]:
        def check(validator: Any, given: Any, instance: Any, schema: Any) -> Any:
            effort.spend(cost(instance))
            return known[keyword](validator, given, instance, schema)

        return check

    def pattern(validator: Any, given: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not effort.finds(given, instance):
            yield ValidationError(f"{instance!r} does not match {given!r}")

    def refused(validator: Any, given: Any, instance: Any, schema: Any) -> Any:
        raise SchemaError("patternProperties is not allowed here; name the properties, or use propertyNames")

    made = {"pattern": pattern, "patternProperties": refused, "uniqueItems": counted("uniqueItems", _pairs)}
    made |= {name: counted(name, lambda _: 1) for name in ("$ref", "$dynamicRef")}
    return _extended(made)


def _pairs(items: Any) -> int:
    return len(items) ** 2 // 2 if isinstance(items, list) else 0


@cache
def _keywords() -> Mapping[str, Any]:
    from jsonschema import Draft202012Validator

    return dict(Draft202012Validator.VALIDATORS)


def _extended(keywords: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    return extend(Draft202012Validator, keywords)


def _place(path: Any) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"at {place.lstrip('.')}: " if place else ""
