"""Every hostile spell ends as its first line says, in a worker and inline, and the next spell runs clean."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from rig.corpus import ATTACKS, HERE, Attack, inline_table
from rig.trial import holds

if TYPE_CHECKING:
    from rig.canaries import Canaries

PLACES = ("process-fresh", "process-pooled", "inline-fresh", "inline-used")
EVERY_DAY = 25
"""Of so many attacks one is tried by the everyday suite, and all others by the slow one."""


def _cases() -> list[Any]:
    cases = []
    for place in PLACES:
        tried = [attack for attack in ATTACKS if not (attack.inline and place.startswith("inline"))]
        for number, attack in enumerate(tried):
            marks = [] if number % EVERY_DAY == 0 else [pytest.mark.slow]
            cases.append(pytest.param(place, attack, id=f"{place}-{attack.id}", marks=marks))
    return cases


@pytest.mark.parametrize(("place", "attack"), _cases())
def test_a_hostile_spell_ends_as_it_is_expected_to(
    places: dict[str, Any], canaries: Canaries, place: str, attack: Attack
) -> None:
    connections = canaries.server.connections
    seen = places[place].cast(attack, canaries)
    holds(attack, seen)
    assert canaries.server.connections == connections
    assert canaries.changed() == []
    assert seen.descriptors == 0


@pytest.mark.slow
@pytest.mark.parametrize("attack", [pytest.param(each, id=each.id) for each in ATTACKS if each.never_inline])
def test_what_is_marked_as_not_to_be_stopped_inline_is_not(
    places: dict[str, Any], canaries: Canaries, attack: Attack
) -> None:
    """Else the mark is to be taken away."""
    seen = places["inline-fresh"].cast(attack, canaries, hang=3.0)
    with pytest.raises(AssertionError):
        holds(attack, seen)


def test_pooled_workers_were_forked_ahead(places: dict[str, Any], canaries: Canaries) -> None:
    for attack in [each for each in ATTACKS if each.name == "000-control"]:
        places["process-pooled"].cast(attack, canaries)
    assert places["process-pooled"].ahead() > 0.5
    assert places["process-fresh"].ahead() == 0.0


def test_the_corpus_is_there() -> None:
    assert all(count >= 130 for count in Counter(attack.engine for attack in ATTACKS).values())


def test_the_readme_lists_what_inline_cannot_stop() -> None:
    assert inline_table() in (HERE / "README.md").read_text()
