"""What spells can call, told apart from any language: read from the bridges, rendered by the engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Api",
    "Field",
    "FunctionOf",
    "HandleApi",
    "IteratorOf",
    "ListOf",
    "Literal",
    "MapOf",
    "Method",
    "Module",
    "Named",
    "Parameter",
    "Record",
    "Type",
    "Union",
    "names_in",
]


@dataclass(frozen=True)
class Named:
    """A type by name: a kind of script value (``nil bool int float text bytes list map function handle error any``),

    a record, or a handle class.
    """

    name: str


@dataclass(frozen=True)
class Literal:
    """One exact value."""

    value: str | int | bool


@dataclass(frozen=True)
class ListOf:
    """A list of one type."""

    item: Type


@dataclass(frozen=True)
class MapOf:
    """A map from text to one type."""

    item: Type


@dataclass(frozen=True)
class IteratorOf:
    """A handle that iterates over one type; ``handle`` names its class where it has methods of its own."""

    item: Type
    handle: str | None = None


@dataclass(frozen=True)
class FunctionOf:
    """A script function."""

    params: tuple[Type, ...]
    result: Type


@dataclass(frozen=True)
class Union:
    """Any of several types."""

    options: tuple[Type, ...]


Type: TypeAlias = "Named | Literal | ListOf | MapOf | IteratorOf | FunctionOf | Union"


@dataclass(frozen=True)
class Field:
    """A field of a record."""

    name: str
    type: Type
    required: bool
    doc: str = ""


@dataclass(frozen=True)
class Record:
    """A map with known fields: a TypedDict, dataclass or pydantic model."""

    name: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method; options are the fields of the one trailing table or object."""

    name: str
    type: Type
    required: bool
    doc: str = ""
    variadic: bool = False


@dataclass(frozen=True)
class Method:
    """A function that a spell can call, by its Python name and its aliases.

    :param needs: the capabilities that a call needs, parameters in braces
    :param waits: false for what comes back at once in every language: code of the language's own
    """

    name: str
    aliases: tuple[str, ...]
    doc: str
    params: tuple[Parameter, ...]
    options: tuple[Parameter, ...]
    result: Type
    result_doc: str = ""
    needs: tuple[str, ...] = ()
    waits: bool = True


@dataclass(frozen=True)
class HandleApi:
    """A handle class and its methods; ``item`` is what it iterates over."""

    name: str
    doc: str
    methods: tuple[Method, ...]
    item: Type | None = None


@dataclass(frozen=True)
class Module:
    """A bridge and its methods."""

    name: str
    doc: str
    methods: tuple[Method, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Api:
    """Everything that the installed bridges offer."""

    modules: tuple[Module, ...]
    handles: tuple[HandleApi, ...]
    records: tuple[Record, ...]


def names_in(kinds: Iterable[Type]) -> Iterator[str]:
    """Yield the names of the handle classes and records in types."""
    for kind in kinds:
        match kind:
            case Named(name):
                yield name
            case ListOf(item) | MapOf(item):
                yield from names_in((item,))
            case IteratorOf(item, handle):
                yield from names_in((item,))
                if handle:
                    yield handle
            case FunctionOf(params, result):
                yield from names_in((*params, result))
            case Union(options):
                yield from names_in(options)
