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


def test_a_class_of_which_many_are_made_still_makes_the_same() -> None:
    @fact
    class Room(Fact):
        name: str
        floor: int = 0
        doors: list[int] = field(default_factory=list)

    @fact
    class Hall(Room):
        seats: int = 9

    class Cellar(Room):
        pass

    before = Room.__init__
    for made in (*(Room("a", floor) for floor in range(100)), Room(name="a", doors=[1]), Cellar("a", 1, [2])):
        assert vars(made) == {"name": "a", "floor": made.floor, "doors": made.doors}
        assert type(made.doors) is list
    assert Room.__init__ is not before
    assert Room("a").doors is not Room("a").doors
    assert replace(Room("a"), floor=2) == Room("a", 2) != Room("a")
    assert [vars(Hall("b", 1, [], seats)) for seats in range(100)][5] == {
        "name": "b",
        "floor": 1,
        "doors": [],
        "seats": 5,
    }

    @fact
    class Attic(Room):
        steep: bool = True

    assert vars(Attic("c", doors=[3])) == {"name": "c", "floor": 0, "doors": [3], "steep": True}
    with pytest.raises(dataclasses.FrozenInstanceError):
        Room("a").floor = 3  # type: ignore[misc]
    for args, named in (((), {}), (("a", 1, [], 4), {}), (("a",), {"name": "b"}), (("a",), {"flor": 1})):
        with pytest.raises(TypeError, match="Room"):
            Room(*args, **named)  # type: ignore[arg-type]


def test_a_class_keeps_the_init_that_it_has_written_itself() -> None:
    @record
    class Sum(Record):
        total: int = 0

        def __init__(self, *items: int) -> None:
            super().__init__(sum(items))

    assert [Sum(number, 1).total for number in range(100)] == list(range(1, 101))


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
