"""JSON Schema's keywords as they are checked here: counted, and telling what is wrong in few words.

The library's own are kept where they do no more than they should. Those that would run a stranger's pattern, compare
everything with everything, or write the whole of the data into a message, are replaced.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_core.errors import closest
from llmspell_core.schemas.patterns import BadPattern, matcher
from llmspell_core.schemas.steps import spend
from llmspell_core.signatures import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["TYPES", "retold", "validator_class"]

_Keyword: TypeAlias = "Callable[[Any, Any, Any, Any], Iterator[Any] | None]"
_LONGEST = 300
_THROUGH = ("additionalProperties", "contains", "items", "prefixItems", "propertyNames")
"""Keywords that look at each item, even where nothing is asked of it."""


@cache
def validator_class() -> Any:
    """Return the library's class for the draft 2020-12, with its keywords counted."""
    from jsonschema import Draft202012Validator, validators

    found = dict(Draft202012Validator.VALIDATORS) | _OWN
    counted = {name: _counted(keyword, goes_through=name in _THROUGH) for name, keyword in found.items()}
    return validators.extend(Draft202012Validator, counted)


def retold(validator: Any, error: Any) -> tuple[str, list[str | int]]:
    """Return what an error of the library says in the words of the keywords here, and where within what is wrong."""
    keyword = _OWN.get(error.validator)
    found = None if keyword is None else keyword(validator, error.validator_value, error.instance, {})
    own = next(found or iter(()), None)
    return (error.message[:_LONGEST], []) if own is None else (own.message[:_LONGEST], list(own.path))


def _counted(keyword: _Keyword, *, goes_through: bool) -> _Keyword:
    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        spend(1 + _weight(value) + (len(instance) if goes_through and _holds(instance) else _weight(instance)))
        for error in keyword(validator, value, instance, schema) or ():
            spend(1 + len(error.message) // 64)
            if len(error.message) > _LONGEST:
                error.message = f"{error.message[: _LONGEST - 3]}..."
            yield error

    return run


def _holds(value: Any) -> bool:
    return isinstance(value, (list, dict))


def _weight(value: Any) -> int:
    if _holds(value):
        return len(value) // 8
    return len(value) // 256 if isinstance(value, str) else 0


def _error(message: str, *path: str | int) -> Any:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message, path=path)


def _type(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(validator.is_type(instance, name) for name in names):
        yield _error(f"must be {' or '.join(_WORDS.get(name, name) for name in names)}, not {kind_of(instance)}")


_WORDS = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "nil",
    "number": "a number",
    "object": "a map",
    "string": "text",
}
TYPES = tuple(_WORDS)
"""The types that there are."""


def _required(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield _error("is missing", name)


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not matcher(pattern)(instance):
        yield _error(f"must match the pattern {pattern!r}, which {kind_of(instance)} does not")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for pattern, each in patterns.items():
        spend(len(instance))
        matches = matcher(pattern)
        for name, value in instance.items():
            if matches(name):
                yield from validator.descend(value, each, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = [matcher(pattern) for pattern in schema.get("patternProperties", {})]
    for name, value in instance.items():
        spend(len(patterns))
        if name in known or any(matches(name) for matches in patterns):
            continue
        if allowed is False:
            yield _error(f"is not known{closest(name[:100], islice(known, 100)) or _there_are(known)}", name)
        else:
            yield from validator.descend(value, allowed, path=name)


def _there_are(known: Iterable[str]) -> str:
    told = [repr(name) for name in islice(known, 10) if len(name) <= 100]
    return f"; there are {', '.join(told)}" if told else ""


def _size(kind: type[Any], *, least: bool, what: str) -> _Keyword:
    word = "at least" if least else "at most"

    def run(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, kind) and (len(instance) < wanted if least else len(instance) > wanted):
            yield _error(f"must have {word} {wanted:g} {what}, and has {len(instance)}")

    return run


def _limit(fits: Callable[[Any, Any], bool], word: str) -> _Keyword:
    def run(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if validator.is_type(instance, "number") and not fits(instance, wanted):
            yield _error(f"must be {word} {wanted!r}, not {instance!r}")

    return run


def _format(validator: Any, name: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import FormatError

    try:
        validator.format_checker.check(instance, name)
    except FormatError as error:
        why = f": {error.cause}" if isinstance(error.cause, BadPattern) else ""
        yield _error(f"must be of the format {name!r}, which {kind_of(instance)} is not{why}")


def _enum(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    key = _key(instance)
    if all(_key(each) != key for each in allowed):
        shown = ", ".join(_shown(each) for each in allowed[:10])
        more = ", ..." if len(allowed) > 10 else ""
        yield _error(f"must be one of {shown}{more}, not {kind_of(instance)}")


def _const(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if _key(instance) != _key(wanted):
        yield _error(f"must be {_shown(wanted)}, not {kind_of(instance)}")


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not wanted or not isinstance(instance, list):
        return
    seen: dict[Any, int] = {}
    for i, item in enumerate(instance):
        first = seen.setdefault(_key(item), i)
        if first != i:
            yield _error(f"is the same as item [{first}], and no two may be the same", i)
            return


def _any_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
    told = []
    for i, branch in enumerate(branches):
        error = next(validator.descend(instance, branch, schema_path=i), None)
        if error is None:
            return
        told.append(error)
    yield _none_of(told)


def _one_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
    told, fitting = [], 0
    for i, branch in enumerate(branches):
        error = next(validator.descend(instance, branch, schema_path=i), None)
        if error is None:
            fitting += 1
        else:
            told.append(error)
    if fitting == 0:
        yield _none_of(told)
    elif fitting > 1:
        yield _error(f"must fit one of the schemas allowed, and fits {fitting} of them")


def _none_of(told: list[Any]) -> Any:
    reasons = ["".join(f"{part}: " for part in error.relative_path) + str(error.message)[:90] for error in told[:3]]
    more = "; ..." if len(told) > 3 else ""
    return _error(f"fits none of the {len(told)} schemas allowed: {'; or '.join(reasons)}{more}")


def _not(validator: Any, refused: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if validator.evolve(schema=refused).is_valid(instance):
        yield _error("must not fit the schema under 'not'")


def _unevaluated(name: str) -> _Keyword:
    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any] | None:
        from jsonschema import Draft202012Validator

        if isinstance(instance, (list, dict)):
            # The library looks each up in a list of those it has seen.
            spend(len(instance) ** 2 // 64)
        found: Iterator[Any] | None = Draft202012Validator.VALIDATORS[name](validator, value, instance, schema)
        return found

    return run


def _key(value: Any) -> Any:
    """Return what equal values, as JSON sees them, have in common, and others do not."""
    spend()
    kind = type(value)
    if kind is dict:
        return "map", frozenset((name, _key(item)) for name, item in value.items())
    if kind is list:
        return "list", tuple(_key(item) for item in value)
    if kind in (int, float):
        return "number", value
    return kind.__name__, value if kind in (str, bool, bytes, type(None)) else id(value)


def _shown(value: Any) -> str:
    return kind_of(value) if isinstance(value, (list, dict)) else "nil" if value is None else repr(value)[:60]


_OWN: dict[str, _Keyword] = {
    "type": _type,
    "required": _required,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "enum": _enum,
    "const": _const,
    "uniqueItems": _unique_items,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "format": _format,
    "minLength": _size(str, least=True, what="characters"),
    "maxLength": _size(str, least=False, what="characters"),
    "minItems": _size(list, least=True, what="items"),
    "maxItems": _size(list, least=False, what="items"),
    "minProperties": _size(dict, least=True, what="fields"),
    "maxProperties": _size(dict, least=False, what="fields"),
    "minimum": _limit(ge, "at least"),
    "maximum": _limit(le, "at most"),
    "exclusiveMinimum": _limit(gt, "more than"),
    "exclusiveMaximum": _limit(lt, "less than"),
    "unevaluatedItems": _unevaluated("unevaluatedItems"),
    "unevaluatedProperties": _unevaluated("unevaluatedProperties"),
}
