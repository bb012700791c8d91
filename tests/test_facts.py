"""facts.py: dataclasses with shared functions."""

from __future__ import annotations

import dataclasses
from dataclasses import field, replace

import pytest

from llmspell_core.facts import Fact, Record, fact, record


@fact
class Place(Fact):
    """Where something is."""

    name: str
    floor: int = 0


@fact
class Other(Fact):
    """Something that has the same fields."""

    name: str
    floor: int = 0


def test_a_fact_is_a_dataclass() -> None:
    assert [field.name for field in dataclasses.fields(Place)] == ["name", "floor"]
    assert dataclasses.replace(Place("hall"), floor=2) == Place("hall", 2)
    assert dataclasses.asdict(Place("hall")) == {"name": "hall", "floor": 0}


def test_fields_are_given_by_place_or_name_and_defaults_fill_the_rest() -> None:
    assert Place("hall") == Place(name="hall") == Place("hall", floor=0) == Place(floor=0, name="hall")
    assert Place("hall") != Place("hall", 1)
    assert Place("hall") != Other("hall")


def test_a_fact_does_not_change() -> None:
    place = Place("hall")
    with pytest.raises(dataclasses.FrozenInstanceError, match="'floor'"):
        place.floor = 3  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="'name'"):
        del place.name
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.other = 3  # type: ignore[attr-defined]


def test_facts_are_hashed_matched_and_shown_by_their_fields() -> None:
    assert len({Place("hall"), Place("hall", 0), Place("hall", 1)}) == 2
    match Place("hall", 3):
        case Place(name, floor):
            assert (name, floor) == ("hall", 3)
    assert repr(Place("hall")) == "Place(name='hall', floor=0)"


@pytest.mark.parametrize(
    ("args", "named"), [((), {}), (("a", 1, 2), {}), (("a",), {"name": "b"}), (("a",), {"flor": 1}), ((), {"floor": 1})]
)
def test_wrong_fields_are_refused(args: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="Place takes name, floor"):
        Place(*args, **named)  # type: ignore[arg-type]


def test_a_record_changes_and_is_equal_by_what_it_says() -> None:
    @record
    class Count(Record):
        of: str
        n: int = 0
        seen: list[int] = field(default_factory=list)

    one, other = Count("a"), Count(of="a", n=0)
    assert one == other
    assert one.seen is not other.seen
    one.n += 1
    assert one != other
    assert repr(one) == "Count(of='a', n=1, seen=[])"
    assert replace(one, n=5).n == 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)
    with pytest.raises(TypeError, match="m is not one"):
        Count("a", m=1)  # type: ignore[call-arg]  # what is tested
