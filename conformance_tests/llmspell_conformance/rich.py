"""The rich Python values that the probe returns and takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel

# What spells pass is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bounds", "Box", "Color", "Person", "samples"]


class Color(Enum):
    """A color."""

    RED = "red"
    BLUE = "blue"


@dataclass
class Box:
    """A box with a size."""

    width: int
    height: float
    tags: list[str] = field(default_factory=list)


class Person(BaseModel):
    """A person; what is not known is left out."""

    name: str
    born: date | None = None
    died: date | None = None


class Bounds(TypedDict, total=False):
    """An option that is a record."""

    tool_calls: int
    by_name: dict[str, int]


class Opaque:
    """A class that no converter knows."""


def samples() -> Mapping[str, object]:
    """Return one rich value of each sort by its name."""
    day, box = date(2026, 11, 20), Box(2, 3.5, ["a"])
    return {
        "date": day,
        "datetime": datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
        "timedelta": timedelta(minutes=1, seconds=30.5),
        "decimal": Decimal("0.10"),
        "uuid": UUID("12345678-1234-5678-1234-567812345678"),
        "path": PurePosixPath("spells/fire.lua"),
        "enum": Color.RED,
        "dataclass": box,
        "model": Person(name="Ada", born=date(1815, 12, 10)),
        "set": {7},
        "tuple": (1, "a"),
        "mixed": {"day": day, "boxes": (box,), "color": Color.RED},
        "unknown": Opaque(),
        "unknown_inside": {"a": [1, Opaque()]},
    }
