"""An argument whose type says more than its kind: read from script values by pydantic, with words for what is wrong."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import partial
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeAlias, Union, get_args, get_origin, get_type_hints

from llmspell_core.errors import ConversionError, meant
from llmspell_core.present import spelled
from llmspell_core.values import ErrorValue, Function, Handle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import TypeAdapter, ValidationError

__all__ = ["Readers", "kind_of", "letters", "no_readers", "options_of", "problem", "validator"]

Readers: TypeAlias = "Callable[[type], Callable[[Any, type], Any] | None]"
"""Returns what makes objects of a type of what scripts pass, or None where that is left to pydantic."""


def no_readers(kind: type) -> None:
    """Leave every type to pydantic."""


def letters(name: str) -> str:
    """Return what two spellings of a name have in common: ``max_tokens`` and ``maxTokens`` are the same one."""
    return name.replace("_", "").lower()


def kind_of(value: object) -> str:
    """Return what a script writer calls the value's kind, with the value where it is short."""
    if value is None:
        return "nil"
    for kind, word in _WORDS:
        if isinstance(value, kind):
            text = f"{word} {value!r}" if isinstance(value, (str, int, float)) else word
            return text if len(text) <= 60 else f"{text[:57]}..."
    return type(value).__name__


_WORDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "text"),
    (bytes, "bytes"),
    (list, "list"),
    (dict, "map"),
    (Function, "function"),
    (Handle, "handle"),
    (ErrorValue, "error"),
)


def validator(annotation: Any, readers: Readers = no_readers) -> Callable[[Any], Any]:
    """Return what makes a script's value what an annotation says; it raises ``ValueError`` where it is not.

    :param readers: what converters read, also as part of a union, a list or a map
    :raises TypeError: when the annotation is no type, or one that nothing reads
    """
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    # A field that nobody knows may be a limit with a letter wrong. Optional, since no map alone takes a config.
    optional: Any = Optional[_read_by(readers, annotation)]  # noqa: UP045 - no such operator on all that may be annotated
    adapter: TypeAdapter[Any] = TypeAdapter(optional, config=ConfigDict(extra="forbid"))

    def read(value: Any) -> Any:
        try:
            return adapter.validate_python(value, strict=True)
        except ValidationError as error:
            # Rich types (a date, a dataclass) are written in script values as they are in JSON.
            try:
                return _as_json(value, adapter)
            except (TypeError, ValueError) as again:
                raise (again if isinstance(again, ValidationError) else error) from None

    def validate(value: Any) -> Any:
        try:
            return read(value)
        except ValidationError as error:
            meant = _respelled(value, error, read, _fields_of(annotation))
            meant = _durations_in(_lists_in(meant, adapter), adapter)
            if meant is value:
                raise
            return read(meant)

    return validate


def _read_by(readers: Readers, annotation: Any) -> Any:
    """Return an annotation that has converters read the types that are theirs."""
    from pydantic import PlainValidator

    origin: Any
    origin, args = get_origin(annotation), get_args(annotation)
    kind = origin or annotation
    if isinstance(kind, type) and kind.__module__ != "builtins" and (reader := readers(kind)) is not None:
        return Annotated[Any, PlainValidator(partial(_read, reader, kind))]
    if origin is Annotated:
        return Annotated[(_read_by(readers, args[0]), *args[1:])]
    read = tuple(_read_by(readers, arg) for arg in args)
    if all(one is other for one, other in zip(args, read, strict=True)):
        return annotation
    return Union[read] if origin in (Union, UnionType) else origin[read]  # noqa: UP007 - as many as there are


def _read(reader: Callable[[Any, type], Any], kind: type, value: Any) -> Any:
    return value if type(value) is kind else reader(value, kind)


_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def _respelled(value: Any, error: ValidationError, read: Callable[[Any], Any], fields: list[str]) -> Any:
    """Return a value whose fields have the names that they are known by, where a language writes them otherwise."""
    from pydantic import ValidationError

    names = {letters(name): name for name in fields}
    meant = value
    for each in error.errors(include_url=False):
        if each["type"] in _UNKNOWN:
            meant = _renamed(meant, each["loc"], names)
    if meant is value:
        return value
    try:
        read(meant)
    except ValidationError as again:
        # What is inside a field is looked at once its name is known.
        return _respelled(meant, again, read, fields)
    return meant


def _renamed(value: Any, place: tuple[int | str, ...], names: Mapping[str, str]) -> Any:
    """Return a value with one field, by its place, under its known name; the value itself where it has none."""
    head, rest = place[0], place[1:]
    if rest:
        # What is no part of the value tells which of several types was tried.
        inside = _inside(value, head)
        if inside is None:
            return _renamed(value, rest, names)
        inner = _renamed(value[inside], rest, names)
        return value if inner is value[inside] else _with(value, inside, inner)
    known = names.get(letters(str(head)), head)
    if type(value) is not dict or head not in value or known in value:
        return value
    return {known if name == head else name: item for name, item in value.items()}


def _with(value: Any, place: Any, item: Any) -> Any:
    changed = value.copy()
    changed[place] = item
    return changed


def _lists_in(value: Any, adapter: TypeAdapter[Any]) -> Any:
    """Return a value with empty lists for the empty maps that are refused for being none: Lua has one for both."""
    from pydantic import ValidationError

    try:
        adapter.validate_python(value, strict=True)
    except ValidationError as error:
        wrong = {id(each["input"]) for each in error.errors() if each["type"] == "list_type" and each["input"] == {}}
        return _emptied(value, wrong) if wrong else value
    return value


def _emptied(value: Any, wrong: set[int]) -> Any:
    if id(value) in wrong:
        return []
    if type(value) is list:
        return [_emptied(item, wrong) for item in value]
    return {key: _emptied(item, wrong) for key, item in value.items()} if type(value) is dict else value


def _durations_in(value: Any, adapter: TypeAdapter[Any]) -> Any:
    """Return a value with durations as JSON has them, for the numbers of seconds that scripts have."""
    from pydantic import ValidationError

    try:
        _as_json(value, adapter)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            seconds = each["input"]
            if each["type"] == "time_delta_type" and type(seconds) in (int, float) and abs(seconds) < _LONGEST:
                sign = "-" if seconds < 0 else ""
                value = _put(value, _place(each, value), f"{sign}PT{abs(seconds):.6f}S")
    except (TypeError, ValueError):
        pass  # it holds what JSON has no form for, and is refused for that
    return value


_LONGEST = 86_400 * 999_999_999
"""Seconds that are longer than every ``timedelta``."""


def _put(value: Any, place: list[int | str], item: Any) -> Any:
    if not place:
        return item
    return _with(value, place[0], _put(value[place[0]], place[1:], item))


def _as_json(value: Any, adapter: TypeAdapter[Any]) -> Any:
    import json

    return adapter.validate_json(json.dumps(_numbers(value)), strict=True)


def _numbers(value: Any) -> Any:
    """Write whole floats as integers, as JSON does not tell them apart."""
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is list:
        return [_numbers(item) for item in value]
    if type(value) is dict:
        return {key: _numbers(item) for key, item in value.items()}
    return value


def problem(error: ValueError, value: Any, annotation: Any) -> str:
    """Return what is wrong with a value that the validator of an annotation refused, and where in it."""
    if isinstance(error, ConversionError) or not hasattr(error, "errors"):
        return str(error)
    errors = [(each, _place(each, value)) for each in error.errors(include_url=False)]
    # Of what may be one thing or another, that counts which fits further in; a field that is missing may be misspelled.
    first, place = max(errors, key=lambda each: (len(each[1]), each[0]["type"] in _UNKNOWN, len(each[0]["loc"])))
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    where = f"{path}: " if path else ""
    if first["type"] in _UNKNOWN:
        fields = _fields_of(annotation)
        hint = meant(str(place[-1]), fields) or f"; there are {', '.join(map(spelled, fields))}"
        return f"{where}is unknown{hint}"
    if first["type"] == "missing":
        return f"{where}is missing"
    kinds = [_KINDS[each["type"]] for each, at in errors if at == place and each["type"] in _KINDS]
    said = f"must be {' or '.join(dict.fromkeys(kinds))}" if kinds else _said(first["msg"])
    fields = [name for each in options_of(annotation) for name in _hints_of(each)] if not place else []
    told = f"; its fields are {', '.join(map(spelled, fields))}" if fields and "a map" in kinds else ""
    return f"{where}{said[0].lower()}{said[1:]}, not {kind_of(first.get('input', value))}{told}"


def _said(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should", "must") or "does not fit"


_KINDS = {
    "string_type": "text",
    "bool_type": "a boolean",
    "bytes_type": "bytes",
    "int_type": "an integer",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "a map",
    "dataclass_type": "a map",
    "dataclass_exact_type": "a map",
    "time_delta_type": "a number of seconds",
    "time_delta_parsing": "a number of seconds",
}


def _place(error: Any, value: Any) -> list[int | str]:
    """Return where in a value an error is, without what tells which of several types was tried."""
    place: list[int | str] = []
    for part in error["loc"]:
        inside = _inside(value, part)
        if inside is not None:
            value = value[inside]
            place.append(inside)
    return [*place, error["loc"][-1]] if error["type"] == "missing" else place


def _inside(value: Any, part: int | str) -> Any:
    """Return the position or the field, as it is written, that a part of a place is; None where it is neither."""
    if type(value) is list:
        return part if isinstance(part, int) else None
    if type(value) is not dict:
        return None
    return next((name for name in value if letters(name) == letters(str(part))), None)


def _fields_of(annotation: Any) -> list[str]:
    """Return the names of the fields of all maps that an annotation speaks of."""
    names: dict[str, None] = {}
    seen: list[Any] = []
    waiting = [annotation]
    while waiting:
        each = waiting.pop()
        if any(each is other for other in seen):
            continue
        seen.append(each)
        hints = _hints_of(each)
        names |= dict.fromkeys(hints)
        waiting += [*hints.values(), *get_args(each)]
    return list(names)


def _hints_of(annotation: Any) -> dict[str, Any]:
    """Return the fields of a map, and what each takes."""
    # Not typing.is_typeddict, to which those of typing_extensions are none.
    is_record = hasattr(annotation, "__required_keys__") or is_dataclass(annotation)
    return get_type_hints(annotation) if is_record else {}


def options_of(annotation: Any) -> tuple[Any, ...]:
    """Return the types of which a value may have any."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
