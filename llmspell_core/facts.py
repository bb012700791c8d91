"""Dataclasses that cost next to nothing to define: facts, which do not change, and records, which do.

``dataclasses`` writes and compiles three to six functions for each class. A cast needs thirty such classes before it
begins, and would spend a fifth of its time on that; here the functions are written once, for all of them. Only a class
of which many are made, as a run of many calls does, gets an ``__init__`` of its own by and by, which is five times as
fast.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Fact", "Record", "fact", "record"]

_T = TypeVar("_T")
_MANY = 64
"""As many as this cost as much to make, over what they would cost otherwise, as it does to compile an ``__init__``."""


class Record:
    """What all records have in common: two of one kind that say the same are equal."""

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        _count(type(self))
        mine, names = vars(self), self.__match_args__
        mine.update(zip(names, args, strict=False))
        if named or len(args) != len(names):
            self._complete(args, named)

    def _complete(self, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Fill in what was named, then the defaults.

        :raises TypeError: when fields are missing, unknown or given twice
        """
        mine, names = vars(self), self.__match_args__
        mine.update(named)
        wrong = sorted(set(named) - set(names) | set(named) & set(names[: len(args)]))
        for each in fields(self):  # type: ignore[arg-type]
            if each.name not in mine and each.default is not MISSING:
                mine[each.name] = each.default
            elif each.name not in mine and each.default_factory is not MISSING:
                mine[each.name] = each.default_factory()
        missing = [name for name in names if name not in mine]
        if wrong or missing or len(args) > len(names):
            faults = ", ".join(
                [*(f"{name} is not one, or given twice" for name in wrong), *map("{} is missing".format, missing)]
            )
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}: {faults or 'there are too many'}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]  # as of any dataclass that may change

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({said})"


class Fact(Record):
    """What all facts have in common: they are records that do not change."""

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __hash__(self) -> int:  # type: ignore[override]  # unlike a record, it does not change
        return hash(tuple(getattr(self, name) for name in self.__match_args__))


_made: dict[type[Record], int] = {}
"""How many there were of a class that has no ``__init__`` of its own."""


def _count(cls: type[Record]) -> None:
    _made[cls] = made = _made.get(cls, 0) + 1
    if made == _MANY and cls.__init__ is Record.__init__:
        cls.__init__ = _own_init(cls)  # type: ignore[method-assign]


def _own_init(cls: type[Record]) -> Callable[..., None]:
    """Return what does for a class what :meth:`Record.__init__` does for all."""
    known: dict[str, Any] = {"_missing": MISSING}
    taken, lines = [], ["mine = self.__dict__"]
    for each in fields(cls):  # type: ignore[arg-type]
        name, given = each.name, each.name
        if each.default is not MISSING:
            known[f"_of_{name}"] = each.default
            taken.append(f"{name}=_of_{name}")
        elif each.default_factory is not MISSING:
            known[f"_of_{name}"] = each.default_factory
            taken.append(f"{name}=_missing")
            given = f"_of_{name}() if {name} is _missing else {name}"
        else:
            taken.append(name)
        lines.append(f"mine[{name!r}] = {given}")
    exec(f"def __init__(self, {', '.join(taken)}):\n  " + "\n  ".join(lines), known)
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


@dataclass_transform(field_specifiers=(field,))
def record(cls: type[_T]) -> type[_T]:
    """Make a dataclass of a subclass of :class:`Record`."""
    return _dataclass(cls)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def fact(cls: type[_T]) -> type[_T]:
    """Make a dataclass of a subclass of :class:`Fact`."""
    return _dataclass(cls)


def _dataclass(cls: type[_T]) -> type[_T]:
    if "__init__" not in vars(cls):
        # That of the class above may by now be one of its own, for fewer fields.
        cls.__init__ = Record.__init__  # type: ignore[assignment]
    return dataclass(init=False, repr=False, eq=False)(cls)
