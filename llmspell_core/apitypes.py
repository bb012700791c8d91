"""Python annotations read as the neutral types of :mod:`llmspell_core.stubs`."""

from __future__ import annotations

import collections.abc as abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import pathlib
import re
import sys
import types
import typing
import uuid
from collections import OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING, Any

from llmspell_core import stubs, values
from llmspell_core.annotations import resolved
from llmspell_core.converter import loaded
from llmspell_core.docstrings import read_docstring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ANY", "TypeReader", "field_docs", "takes_nil", "union", "without_nil"]

ANY = stubs.Named("any")

_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((types.NoneType,), "nil"),
    ((values.ErrorValue,), "error"),
    ((values.Function,), "function"),
    ((bool,), "bool"),
    ((int,), "int"),
    ((float, datetime.timedelta), "float"),
    ((str, datetime.date, datetime.time, decimal.Decimal, uuid.UUID, pathlib.PurePath), "text"),
    ((bytes, bytearray, memoryview), "bytes"),
)
_NUMPY_KINDS = (("bool_", "bool"), ("integer", "int"), ("floating", "float"), ("str_", "text"), ("bytes_", "bytes"))
_SEQUENCES = (list, deque, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
_LISTS = (*_SEQUENCES, set, frozenset, abc.Set, abc.MutableSet)
_MAPS = (dict, defaultdict, OrderedDict, abc.Mapping, abc.MutableMapping)
_ITERATORS = (abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator)
_CONTAINERS: tuple[tuple[tuple[type, ...], Callable[[stubs.Type], stubs.Type], int], ...] = (
    (_LISTS, stubs.ListOf, 0),
    (_MAPS, stubs.MapOf, 1),
    (_ITERATORS, stubs.IteratorOf, 0),
)
_AWAITABLES = (abc.Awaitable, abc.Coroutine)


class TypeReader:
    """Reads annotations, and collects the records and handle classes that they lead to."""

    def __init__(self) -> None:
        self.handles: dict[type[values.Handle], str] = {}
        self.records: dict[str, stubs.Record] = {}
        self._items: dict[type[values.Handle], stubs.Type] = {}
        self._named: dict[str, type] = {}
        self._open_aliases: list[object] = []

    def read(self, annotation: Any, owner: type | None = None, *, given: bool = False) -> stubs.Type:
        """Return the neutral type of an annotation.

        :param owner: the class that ``Self`` means
        :param given: true for what spells pass, where a dataclass's defaults may be left out
        """
        annotation = _bare(annotation)
        if annotation is typing.Self and owner is not None:
            annotation = owner
        if type(annotation).__name__ == "TypeAliasType":
            return self._alias(annotation, owner, given)
        origin, args = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
        if origin is typing.Literal:
            return union(_literal(value) for value in args)
        if origin is abc.Callable:
            return self._function(args, owner)
        if origin in _AWAITABLES:
            return self.read(args[-1], owner, given=given) if args else ANY
        inner = [self.read(arg, owner, given=given) for arg in args if arg is not Ellipsis]
        if origin in (typing.Union, types.UnionType):
            return union(inner)
        if origin is tuple:
            return stubs.ListOf(union(inner))
        for origins, make, place in _CONTAINERS:
            if origin in origins:
                return make(inner[place] if len(inner) > place else ANY)
        return self._class(origin, given)

    def _alias(self, alias: Any, owner: type | None, given: bool) -> stubs.Type:
        if alias in self._open_aliases:
            return ANY
        self._open_aliases.append(alias)
        try:
            return self.read(alias.__value__, owner, given=given)
        finally:
            self._open_aliases.pop()

    def _function(self, args: tuple[Any, ...], owner: type | None) -> stubs.Type:
        if not args or not isinstance(args[0], list):
            return stubs.Named("function")
        # What a script's function is given comes from the host, and what it returns from the spell.
        params = tuple(self.read(param, owner) for param in args[0])
        return stubs.FunctionOf(params, self.read(args[1], owner, given=True))

    def _class(self, cls: Any, given: bool) -> stubs.Type:
        if cls is None:
            return stubs.Named("nil")
        if not isinstance(cls, type):
            return ANY
        if issubclass(cls, values.Handle):
            return self._handle(cls)
        if issubclass(cls, enum.Enum) and not issubclass(cls, enum.Flag):
            return union(_literal(member) for member in cls)
        if issubclass(cls, dict) and hasattr(cls, "__total__"):
            return self._record(cls, cls.__name__, self._typed_dict_fields)
        for classes, kind in _KINDS:
            if issubclass(cls, classes):
                return stubs.Named(kind)
        if dataclasses.is_dataclass(cls):
            return self._dataclass(cls, given)
        if issubclass(cls, loaded("pydantic", ("BaseModel",))):
            return self._model(cls)
        return _numpy(cls)

    def _handle(self, cls: type[values.Handle]) -> stubs.Type:
        if cls is values.Handle:
            return stubs.Named("handle")
        name = self.handles.get(cls)
        if name is None:
            name = self.handles[cls] = self._name(cls, cls.__name__)
        return stubs.IteratorOf(self.item(cls), name) if cls.iterable else stubs.Named(name)

    def item(self, cls: type[values.Handle]) -> stubs.Type:
        """Return what an iterable handle iterates over: the T of ``next() -> list[T] | None``."""
        if cls not in self._items:
            self._items[cls] = stubs.Named(self.handles[cls])  # for a handle that gives its own kind
            annotation = resolved(cls.next).get("return") if hasattr(cls, "next") else None
            for option in (annotation, *typing.get_args(annotation)):
                if typing.get_origin(option) is list:
                    self._items[cls] = self.read(typing.get_args(option)[0], cls)
        return self._items[cls]

    def _dataclass(self, cls: type, given: bool) -> stubs.Type:
        optional = any(field.init and not _needed(field) for field in _shown(cls))
        name = f"{cls.__name__}Input" if given and optional else cls.__name__

        def fields(docs: dict[str, str]) -> Iterable[stubs.Field]:
            hints = resolved(cls)
            for field in _shown(cls):
                if field.init or not given:
                    kind = self.read(hints[field.name], cls, given=given)
                    yield stubs.Field(field.name, kind, not given or _needed(field), docs.get(field.name, ""))

        return self._record(cls, name, lambda _, docs: fields(docs))

    def _typed_dict_fields(self, cls: Any, docs: dict[str, str]) -> Iterable[stubs.Field]:
        for name, hint in resolved(cls).items():
            marks = _marks(hint)
            required = typing.Required in marks or (name in cls.__required_keys__ and typing.NotRequired not in marks)
            yield stubs.Field(name, self.read(hint), required, docs.get(name, ""))

    def _model(self, cls: Any) -> stubs.Type:
        if issubclass(cls, loaded("pydantic", ("RootModel",))):
            return self.read(cls.model_fields["root"].annotation)
        return self._record(cls, re.sub(r"\W+", "_", cls.__name__).strip("_"), self._model_fields)

    def _model_fields(self, cls: Any, docs: dict[str, str]) -> Iterable[stubs.Field]:
        for name, field in cls.model_fields.items():
            kind = self.read(field.annotation, cls)
            # What is None does not cross: such a field is left out.
            always = field.is_required() and not takes_nil(kind)
            yield stubs.Field(name, kind, always, field.description or docs.get(name, ""))

    def _record(
        self, cls: type, name: str, fields: Callable[[Any, dict[str, str]], Iterable[stubs.Field]]
    ) -> stubs.Named:
        name = self._name(cls, name)
        if name not in self.records:
            doc = read_docstring(_own_doc(cls)).text
            self.records[name] = stubs.Record(name, doc, ())  # for a record that holds its own kind
            self.records[name] = stubs.Record(name, doc, tuple(fields(cls, field_docs(cls))))
        return stubs.Named(name)

    def _name(self, cls: type, name: str) -> str:
        """Return the name, led by the names of the class's modules as far as another class has it already."""
        for part in reversed(cls.__module__.split(".")):
            if self._named.setdefault(name, cls) is cls:
                return name
            name = part.strip("_").title().replace("_", "") + name
        return name


def union(options: Iterable[stubs.Type]) -> stubs.Type:
    """Return the type that is any of the options: flat, without doubles."""
    flat: dict[str, stubs.Type] = {}
    for option in options:
        # By text, as True and 1 are equal and not the same literal.
        flat.update((repr(part), part) for part in (option.options if isinstance(option, stubs.Union) else (option,)))
    if not flat or repr(ANY) in flat:
        return ANY
    return stubs.Union(tuple(flat.values())) if len(flat) > 1 else next(iter(flat.values()))


def takes_nil(kind: stubs.Type) -> bool:
    """Tell whether nil is of the type."""
    options = kind.options if isinstance(kind, stubs.Union) else (kind,)
    return ANY in options or stubs.Named("nil") in options


def without_nil(kind: stubs.Type) -> stubs.Type:
    """Return the type without nil, for where leaving it out says as much."""
    if isinstance(kind, stubs.Union):
        return union(option for option in kind.options if option != stubs.Named("nil"))
    return kind


def _bare(annotation: Any) -> Any:
    """Return the annotation without what wraps it: ``Annotated``, ``Required``, a new type, a bound variable."""
    while True:
        if annotation is inspect.Parameter.empty:
            return Any
        if typing.get_origin(annotation) in (typing.Annotated, *_qualifiers()):
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, typing.TypeVar):
            annotation = annotation.__bound__ or Any
        else:
            return annotation


def _qualifiers() -> tuple[Any, ...]:
    read_only = (getattr(typing, "ReadOnly", None), getattr(sys.modules.get("typing_extensions"), "ReadOnly", None))
    return (typing.Required, typing.NotRequired, typing.Final, *(form for form in read_only if form is not None))


def _marks(annotation: Any) -> set[Any]:
    """Return the qualifiers around a field's annotation."""
    marks: set[Any] = set()
    while (origin := typing.get_origin(annotation)) in (typing.Annotated, *_qualifiers()):
        marks.add(origin)
        annotation = typing.get_args(annotation)[0]
    return marks


def _literal(value: Any) -> stubs.Type:
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None:
        return stubs.Named("nil")
    if isinstance(value, (str, int)):
        return stubs.Literal(value)
    return stubs.Named("float") if isinstance(value, float) else ANY


def _numpy(cls: type) -> stubs.Type:
    if issubclass(cls, loaded("numpy", ("ndarray",))):
        return stubs.ListOf(ANY)
    for name, kind in _NUMPY_KINDS:
        if issubclass(cls, loaded("numpy", (name,))):
            return stubs.Named(kind)
    return ANY


def _shown(cls: Any) -> list[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(cls) if not field.name.startswith("_")]


def _needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def field_docs(cls: type) -> dict[str, str]:
    """Return the sentence on each field, from the class or those it extends."""
    docs: dict[str, str] = {}
    for base in _extended(cls):
        docs |= field_docs(base)
    for base in reversed(cls.__mro__):
        docs |= read_docstring(_own_doc(base)).params
    return docs


def _extended(cls: type) -> list[type]:
    """Return what a TypedDict extends, which its class is no subclass of."""
    bases = getattr(cls, "__orig_bases__", None)
    if bases is None and typing.is_typeddict(cls):
        # Before Python 3.12 it knows nothing of them, but has taken over the very annotations that they have.
        own = cls.__annotations__
        bases = [
            other
            for other in vars(sys.modules[cls.__module__]).values()
            if typing.is_typeddict(other)
            and other is not cls
            and all(own.get(name) is kind for name, kind in other.__annotations__.items())
        ]
    return [base for base in bases or () if isinstance(base, type) and base not in cls.__mro__]


def _own_doc(cls: type) -> str | None:
    """Return the docstring somebody wrote: not the signature that ``dataclass`` puts in, nor an inherited one."""
    doc = cls.__dict__.get("__doc__")
    return None if doc and doc.startswith(f"{cls.__name__}(") else doc
