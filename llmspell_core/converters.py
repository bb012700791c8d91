"""The converters of the standard library's rich types, of pydantic models and of numpy."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import sys
import uuid
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from llmspell_core.converter import Converter
from llmspell_core.errors import ConversionError
from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "CollectionConverter",
    "DataclassConverter",
    "EnumConverter",
    "NumpyConverter",
    "PydanticConverter",
    "SubclassConverter",
    "TextConverter",
    "TimedeltaConverter",
]


@hookimpl
def llmspell_converters() -> Sequence[Converter]:
    """Return the built-in converters; an Enum that is also a text or a number is an Enum first."""
    return (
        EnumConverter(),
        TextConverter(datetime.datetime, datetime.datetime.isoformat),
        TextConverter(datetime.date, datetime.date.isoformat),
        TextConverter(datetime.time, datetime.time.isoformat),
        TextConverter(decimal.Decimal, str),
        TextConverter(uuid.UUID, str),
        TextConverter(pathlib.PurePath, str),
        TimedeltaConverter(),
        DataclassConverter(),
        PydanticConverter(),
        NumpyConverter(),
        CollectionConverter(),
        SubclassConverter(),
    )


class TextConverter(Converter):
    """A type with one text form."""

    def __init__(self, kind: type, write: Callable[[Any], str]) -> None:
        self._kind, self._write = kind, write

    def handles(self, kind: type) -> bool:
        return issubclass(kind, self._kind)

    def to_script(self, value: Any) -> str:
        return self._write(value)


class TimedeltaConverter(Converter):
    """A duration, as seconds."""

    def handles(self, kind: type) -> bool:
        return issubclass(kind, datetime.timedelta)

    def to_script(self, value: datetime.timedelta) -> float:
        return value.total_seconds()


class EnumConverter(Converter):
    """A member of an Enum, as its value."""

    def handles(self, kind: type) -> bool:
        return issubclass(kind, enum.Enum)

    def to_script(self, value: enum.Enum) -> Any:
        return value.value


class DataclassConverter(Converter):
    """A dataclass, as a map of its fields."""

    def handles(self, kind: type) -> bool:
        return is_dataclass(kind) and not hasattr(kind, "__pydantic_validator__")

    def to_script(self, value: Any) -> dict[str, Any]:
        return {field.name: getattr(value, field.name) for field in fields(value)}


class PydanticConverter(Converter):
    """A pydantic model or dataclass, as a map without its None and unset fields."""

    def handles(self, kind: type) -> bool:
        return hasattr(kind, "__pydantic_validator__")

    def to_script(self, value: Any) -> dict[str, Any]:
        names = getattr(value, "model_fields_set", None)
        if names is None:
            return {field.name: getattr(value, field.name) for field in fields(value)}
        extra = getattr(value, "model_extra", None) or {}
        declared = {name: getattr(value, name) for name in type(value).model_fields if name in names}
        return {name: item for name, item in {**declared, **extra}.items() if item is not None}


class NumpyConverter(Converter):
    """A numpy scalar as a number, an array as nested lists; numpy itself is never imported here."""

    def handles(self, kind: type) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and issubclass(kind, (numpy.generic, numpy.ndarray))

    def to_script(self, value: Any) -> Any:
        if value.dtype.kind not in "biufSUM":
            raise ConversionError(f"an array of {value.dtype} has no script value")
        return value.astype(str).tolist() if value.dtype.kind == "M" else value.tolist()

    def from_script(self, value: Any, kind: type) -> Any:
        numpy = sys.modules["numpy"]
        return _made(numpy.asarray if issubclass(kind, numpy.ndarray) else kind, value)


class CollectionConverter(Converter):
    """A tuple, set or other plain collection, as a list; a mapping, as a map."""

    def handles(self, kind: type) -> bool:
        from collections import deque
        from collections.abc import Mapping, Set

        return issubclass(kind, (tuple, Set, Mapping, deque, bytearray, memoryview)) and kind not in (dict, list)

    def to_script(self, value: Any) -> Any:
        from collections.abc import Mapping, Set

        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, (bytearray, memoryview)):
            return bytes(value)
        # A set of text has another order in every process; a sorted one is the same in all.
        return _in_order(value) if isinstance(value, Set) else list(value)


class SubclassConverter(Converter):
    """An instance of a subclass of a script value's own type, as that type."""

    _KINDS = (bool, int, float, str, bytes, list, dict)

    def handles(self, kind: type) -> bool:
        return issubclass(kind, self._KINDS)

    def to_script(self, value: Any) -> Any:
        base = next(kind for kind in self._KINDS if isinstance(value, kind))
        return str.__str__(value) if base is str else base(value)


def _made(make: Callable[..., Any], *args: Any) -> Any:
    try:
        return make(*args)
    except (TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _in_order(items: Any) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return sorted(items, key=repr)
