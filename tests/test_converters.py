"""converters.py: rich types of the host become script values."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import pathlib
import uuid
from dataclasses import dataclass
from typing import Any

import numpy
import pydantic
import pytest

from llmspell_core import plugins
from llmspell_core.arguments import validator
from llmspell_core.converter import Converter, Converters
from llmspell_core.errors import ConversionError
from llmspell_core.values import lower


class Size(enum.StrEnum):
    BIG = "big"


class Level(enum.IntEnum):
    HIGH = 3


@dataclass
class Point:
    x: int
    tags: set[str]


class Model(pydantic.BaseModel):
    name: str
    note: str | None = None
    nested: Point | None = None
    unset: int = 5


class Text(str):
    __slots__ = ()


class Named(collections.namedtuple("Named", "a b")):
    __slots__ = ()


@pytest.fixture
def converters() -> Converters:
    return Converters(plugins.converters())


CASES: list[tuple[Any, Any]] = [
    (datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2026-01-02T03:04:05+00:00"),
    (datetime.date(2026, 1, 2), "2026-01-02"),
    (datetime.time(3, 4), "03:04:00"),
    (datetime.timedelta(minutes=1, milliseconds=500), 60.5),
    (decimal.Decimal("1.10"), "1.10"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (pathlib.PurePosixPath("/a/b"), "/a/b"),
    (Size.BIG, "big"),
    (Level.HIGH, 3),
    (Point(1, {"b", "a"}), {"x": 1, "tags": ["a", "b"]}),
    (Model(name="n", note=None), {"name": "n"}),
    (Model(name="n", nested=Point(1, set())), {"name": "n", "nested": {"x": 1, "tags": []}}),
    ((1, (2,)), [1, [2]]),
    (frozenset({2, 1}), [1, 2]),
    (Named(1, 2), [1, 2]),
    (collections.OrderedDict(a=1), {"a": 1}),
    (collections.deque([1]), [1]),
    (bytearray(b"x"), b"x"),
    (Text("t"), "t"),
    (numpy.float32(0.5), 0.5),
    (numpy.int64(7), 7),
    (numpy.bool_(True), True),
    (numpy.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (numpy.array(["2026-01-02"], dtype="datetime64[D]"), ["2026-01-02"]),
]


@pytest.mark.parametrize(("rich", "script"), CASES, ids=lambda value: type(value).__name__)
def test_a_rich_value_becomes_a_script_value(converters: Converters, rich: Any, script: Any) -> None:
    made = lower({"it": [rich]}, converters.to_script)
    assert made == {"it": [script]}
    assert type(made["it"][0]) is type(script)


@pytest.mark.parametrize("rich", [object(), numpy.array([1j]), 1j], ids=lambda value: type(value).__name__)
def test_what_no_converter_knows_is_refused_with_type_and_path(converters: Converters, rich: Any) -> None:
    with pytest.raises(ConversionError, match=r"\$\.it\[0\]: .*(object|complex)"):
        lower({"it": [rich]}, converters.to_script)


@pytest.mark.parametrize(
    ("value", "kind", "rich"),
    [
        ("2026-01-02", datetime.date, datetime.date(2026, 1, 2)),
        (90, datetime.timedelta, datetime.timedelta(seconds=90)),
        ("1.10", decimal.Decimal, decimal.Decimal("1.10")),
        ("big", Size, Size.BIG),
        ({"x": 1, "tags": ["a"]}, Point, Point(1, {"a"})),
        ([1, 2], tuple, (1, 2)),
        ("a/b", pathlib.PurePosixPath, pathlib.PurePosixPath("a/b")),
    ],
)
def test_a_script_value_becomes_the_rich_value_again(converters: Converters, value: Any, kind: type, rich: Any) -> None:
    assert validator(kind, converters.reader)(value) == rich


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (3, datetime.date),
        ("soon", datetime.date),
        ("x", datetime.timedelta),
        ("one", decimal.Decimal),
        ("red", Size),
        (1e300, datetime.timedelta),
        (2**62, bytes),
        ([[1]], set),
        ("x", numpy.int8),
        (300, numpy.int8),
    ],
)
def test_a_value_that_does_not_fit_is_a_value_error(converters: Converters, value: Any, kind: type) -> None:
    with pytest.raises(ValueError, match=r".+"):
        validator(kind, converters.reader)(value)


class Sizes(Converter):
    """Reads what it knows by itself."""

    def handles(self, kind: type) -> bool:
        return issubclass(kind, Size)

    def to_script(self, value: Any) -> Any:
        return value.value

    def from_script(self, value: Any, kind: type) -> Any:
        return Size.BIG if value == "large" else super().from_script(value, kind)


def test_a_converter_may_leave_what_it_does_not_read_to_pydantic() -> None:
    read = Converters([Sizes()]).reader(Size)
    assert read is not None
    assert read("large", Size) is read("big", Size) is Size.BIG
    with pytest.raises(ValueError, match="big"):
        read("small", Size)
