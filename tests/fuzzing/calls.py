"""What a bridge call goes through: arguments to their parameters, script values to rich types, rich types to values."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import enum
import pathlib
import uuid
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, Unpack

import numpy
import pydantic
from hypothesis import strategies as st

from llmspell_core import wire
from llmspell_core.arguments import validator
from llmspell_core.converter import Converters
from llmspell_core.converters import llmspell_converters
from llmspell_core.crossing import Crossing
from llmspell_core.errors import BadArgument, ConversionError, ProtocolError
from llmspell_core.protocol import Finish, Outbox
from llmspell_core.secrets import Secrets
from llmspell_core.signatures import Signature
from llmspell_core.values import ErrorValue, Function, Handle, HandleRef, ScriptValue, lower
from tests.fuzzing import shapes
from tests.fuzzing.target import Target


class Colour(enum.Enum):
    RED = "red"
    ONE = 1


class Flags(enum.IntFlag):
    A = 1
    B = 2


@dataclass
class Point:
    x: int
    y: float = 0.0
    tags: list[str] | None = None


class Person(pydantic.BaseModel):
    name: str
    born: datetime.date | None = None
    friends: list[Person] = []


class Options(TypedDict):
    max_tokens: NotRequired[int]
    colour: NotRequired[Colour]


class Methods:
    """One method for each kind of parameter that there is."""

    def simple(self, a: int, b: str = "x") -> None: ...
    def floats(self, a: float, *, deep: bool = False) -> None: ...
    def many(self, *items: int) -> None: ...
    def anything(self, a: Any, b: ScriptValue = None) -> None: ...
    def dates(
        self, a: datetime.datetime, b: datetime.timedelta | None = None, c: datetime.date | None = None
    ) -> None: ...
    def rich(self, a: decimal.Decimal, b: uuid.UUID | None = None, c: pathlib.Path | None = None) -> None: ...
    def enums(self, a: Colour, b: Literal["p", "q", 3] = "p", c: Flags | None = None) -> None: ...
    def records(self, a: Point, b: Person | None = None) -> None: ...
    def lists(self, a: list[int], b: dict[str, list[float]] | None = None, c: set[str] | None = None) -> None: ...
    def tuples(self, a: tuple[int, ...], b: bytes | str = b"") -> None: ...
    def functions(self, a: Function, b: Handle | None = None, c: ErrorValue | None = None) -> None: ...
    def options(self, a: str, **options: Unpack[Options]) -> None: ...
    def unions(self, a: int | str | list[Person], *, b: dict[str, Any] | None = None) -> None: ...


_SIGNATURES = [Signature(f"probe.{name}", method) for name, method in vars(Methods).items() if name[0] != "_"]


def binding(data: bytes) -> None:
    """Whatever arguments a call has, each method takes them or says what is wrong."""
    args = _values(data)
    for signature in _SIGNATURES if args is not None else ():
        with contextlib.suppress(BadArgument, ConversionError):
            signature.bind(args)


def reading(data: bytes) -> None:
    """Whatever value a script passes for a rich type, it is read or refused by a ValueError."""
    for value in _values(data) or ():
        for read in _READ:
            with contextlib.suppress(ValueError, ConversionError), warnings.catch_warnings(action="ignore"):
                read(value)


def lowering(data: bytes) -> None:
    """Whatever object a bridge returns, it becomes a script value that crosses, or a conversion error."""
    crossing = Crossing(_NoMount(), lambda: _CONVERTERS, Secrets())  # type: ignore[arg-type]  # all that is asked of it here
    try:
        value, plain = crossing.lower(Dice(data).thing())
    except ConversionError:
        return
    lower(value, _refuse)
    assert wire.decode_outbox(wire.encode_outbox(Outbox((Finish(value),), plain))).requests is not None


class _NoMount:
    def ref(self, handle: Handle) -> HandleRef:
        return HandleRef(1, "H")


def _refuse(value: object, path: str) -> Any:
    raise AssertionError(f"{value!r} at {path} is no script value")


def _values(data: bytes) -> list[Any] | None:
    """Read what a worker could have sent as arguments."""
    from llmspell_core.isolation.customs import Customs

    try:
        text = f'[["call",1,"probe","echo",{data.decode("utf-8", "replace")}]]'
        (call,) = Customs().outbox(text).requests
    except (ProtocolError, ValueError):
        return None
    args: list[Any] = call.args  # type: ignore[union-attr]
    return args


class Dice:
    """Makes objects of bytes: the same of the same."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def byte(self) -> int:
        """Return the next byte, 0 at the end."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def number(self) -> int:
        """Return an integer of up to 16 bytes."""
        count = self.byte() % 17
        return int.from_bytes(bytes(self.byte() for _ in range(count)), "big", signed=True)

    def text(self) -> str:
        """Return a text of up to seven characters."""
        return "".join(chr(self.byte() * self.byte()) for _ in range(self.byte() % 8))

    def thing(self, depth: int = 0) -> Any:
        """Return an object of any kind."""
        choice = self.byte() % len(_MAKERS) if depth < 120 else 0
        try:
            return _MAKERS[choice](self, depth + 1)
        except (ValueError, OverflowError, TypeError, ArithmeticError):
            return None  # there is no such object, an unhashable member of a set say

    def some(self, depth: int) -> list[Any]:
        """Return up to three objects."""
        return [self.thing(depth) for _ in range(self.byte() % 4)]


class Text(str):
    __slots__ = ()


class Map(dict[Any, Any]):
    pass


def _cycle(dice: Dice, depth: int) -> Any:
    made: list[Any] = dice.some(depth)
    made.append({"again": made} if dice.byte() % 2 else made)
    return made


def _float(dice: Dice, depth: int) -> float:
    import struct

    return float(struct.unpack("d", bytes(dice.byte() for _ in range(8)))[0])


async def _stream() -> Any:
    yield 1


_MAKERS: tuple[Callable[[Dice, int], Any], ...] = (
    lambda d, n: None,
    lambda d, n: d.byte() % 2 == 1,
    lambda d, n: d.number(),
    _float,
    lambda d, n: d.text(),
    lambda d, n: d.text().encode("utf-8", "replace"),
    lambda d, n: d.some(n),
    lambda d, n: {d.text(): d.thing(n) for _ in range(d.byte() % 4)},
    lambda d, n: {d.thing(n): d.thing(n)},
    lambda d, n: tuple(d.some(n)),
    lambda d, n: set(d.some(n)),
    lambda d, n: frozenset(d.some(n)),
    lambda d, n: deque(d.some(n)),
    lambda d, n: OrderedDict({d.text(): d.thing(n)}),
    lambda d, n: Map({d.text(): d.thing(n)}),
    lambda d, n: Text(d.text()),
    _cycle,
    lambda d, n: datetime.datetime.fromtimestamp(d.number() % 2**33, datetime.UTC),
    lambda d, n: datetime.timedelta(d.number() % 2**30, d.number() % 2**30),
    lambda d, n: decimal.Decimal(d.text()),
    lambda d, n: decimal.Decimal(d.number()),
    lambda d, n: uuid.UUID(int=d.number() % 2**128),
    lambda d, n: pathlib.PurePosixPath(d.text()),
    lambda d, n: (Colour.RED, Colour.ONE, Flags.A | Flags.B, Flags(0))[d.byte() % 4],
    lambda d, n: Point(d.thing(n), d.thing(n), d.thing(n)),
    lambda d, n: Person.model_construct(name=d.thing(n), friends=d.thing(n)),
    lambda d, n: numpy.array(d.some(n)),
    lambda d, n: numpy.array([d.number() % 256], dtype=("bool", "u1", "f2", "f4", "c8", "S3", "U2", "M8[s]", "m8[s]")[d.byte() % 9]),
    lambda d, n: numpy.float64(_float(d, n)),
    lambda d, n: numpy.zeros((d.byte() % 3, d.byte() % 3, 0)),
    lambda d, n: numpy.datetime64(d.number() % 2**40, "ms"),
    lambda d, n: bytearray(d.text().encode("utf-8", "replace")),
    lambda d, n: memoryview(d.text().encode("utf-8", "replace")),
    lambda d, n: ErrorValue(d.text(), d.text(), d.thing(n)),
    lambda d, n: ErrorValue("k", "m", d.thing(n), ErrorValue("k", d.text(), d.thing(n))),
    lambda d, n: ValueError(d.thing(n)),
    lambda d, n: ConversionError(d.text(), d.text()),
    lambda d, n: Function(d.number() % 2**53),
    lambda d, n: Handle(),
    lambda d, n: _stream(),
    lambda d, n: d,
    lambda d, n: print,
    lambda d, n: int,
    lambda d, n: range(d.byte()),
    lambda d, n: (item for item in ()),
    lambda d, n: 1j,
    lambda d, n: {d.text(): d.thing(n)}.items(),
    lambda d, n: {d.text(): d.thing(n)}.keys(),
)  # fmt: skip
_CONVERTERS = Converters(llmspell_converters())
_KINDS: tuple[type, ...] = (
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID, pathlib.PurePosixPath,
    Colour, Flags, Point, Person, set, frozenset, tuple, deque, OrderedDict, bool, int, float,
    str, bytes, list, dict, numpy.int8, numpy.float32, numpy.ndarray, numpy.datetime64,
)  # fmt: skip
_READ = tuple(validator(kind, _CONVERTERS.reader) for kind in _KINDS)

_rich = st.sampled_from(
    ["2026-01-01", "2026-01-01T00:00:00Z", "99999-01-01", "12:00", "P1D", "1e999999999", "sNaN", "-Infinity", "red", "p",
     "00000000-0000-0000-0000-000000000000", "{}", "0" * 5000, "\0", "\u0661", 1e308, -1e308, 1e20, 2**62, 5.0, {"x": 1, "y": 2},
     {"name": "n", "friends": [{"name": "m"}]}, {"maxTokens": 3}, {"max_tokens": 1.0}, {"colour": "red"}, {"deep": True}]
)  # fmt: skip
_args = st.lists(_rich | shapes.values | st.lists(_rich, max_size=3), max_size=4)

TARGETS = (
    Target(
        "binding", binding, _args.map(shapes.as_json), ('{"x":1}', '"2026-01-01"', '{"$":["bytes","AA=="]}', "1e308")
    ),
    Target(
        "reading", reading, _args.map(shapes.as_json), ('"12:00"', '"sNaN"', '{"$":["float","inf"]}', "1e308", '"NaT"')
    ),
    Target("lowering", lowering, st.binary(max_size=200)),
)
