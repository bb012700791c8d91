"""An argument whose type says more than its kind: read from script values by pydantic, with words for what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from llmspell_core.errors import ConversionError, closest
from llmspell_core.values import ErrorValue, Function, Handle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import TypeAdapter

__all__ = ["kind_of", "problem", "validator"]


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


def validator(annotation: Any) -> Callable[[Any], Any]:
    """Return what makes a script's value what an annotation says; it raises ``ValueError`` where it is not."""
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    # A field that nobody knows may be a limit with a letter wrong. Optional, since no map alone takes a config.
    adapter: TypeAdapter[Any] = TypeAdapter(annotation | None, config=ConfigDict(extra="forbid"))

    def read(value: Any) -> Any:
        try:
            return adapter.validate_python(value, strict=True)
        except ValidationError as error:
            # Rich types (a date, a dataclass) are written in script values as they are in JSON.
            try:
                import json

                return adapter.validate_json(json.dumps(_numbers(value)), strict=True)
            except (TypeError, ValueError) as again:
                raise (again if isinstance(again, ValidationError) else error) from None

    def validate(value: Any) -> Any:
        try:
            return read(value)
        except ValidationError as error:
            lists = _lists_in(value, adapter)
            if lists is value:
                raise
            try:
                return read(lists)
            except ValidationError:
                raise error from None

    return validate


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
    # Of what may be one thing or another, that counts which fits further in.
    first = max(error.errors(include_url=False), key=lambda each: len(each["loc"]))
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    found = first.get("input", value)
    if first["type"] == "extra_forbidden":
        fields = _fields_of(annotation)
        hint = closest(str(first["loc"][-1]), fields) or f"; there are {', '.join(fields)}"
        return f"{path.removeprefix('.')}: is unknown{hint}"
    said = str(first["msg"])
    said = said[0].lower() + said[1:]
    return f"{path.removeprefix('.')}: {said}, not {kind_of(found)}" if path else f"{said}, not {kind_of(found)}"


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
        # Not typing.is_typeddict, to which those of typing_extensions are none.
        hints = get_type_hints(each) if hasattr(each, "__required_keys__") else {}
        names |= dict.fromkeys(hints)
        waiting += [*hints.values(), *get_args(each)]
    return list(names)
