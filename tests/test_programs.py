"""What engines make of spells is kept by what it was made of, and no longer than it may."""

from __future__ import annotations

import json

import pytest

from llmspell_core.engine import Program
from llmspell_core.errors import ProtocolError
from llmspell_core.isolation.customs import read_program
from llmspell_core.programs import CacheSize, Programs, mark
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

MODULE = "import { twice } from './lib/twice.js'\n" + "".join(f"export const n{i} = twice({i})\n" for i in range(200))
SPELL = Spell(MODULE + "export default twice(21)\n", "a.js", modules={"lib/twice.js": "export const twice = x => 2*x"})


def program(text: str) -> Program:
    return Program("a", {"a": text})


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_spell_that_takes_long_to_compile_is_compiled_once(isolation: str) -> None:
    with Runner(isolation=isolation, bridges={}) as runner:
        values = [runner.cast(SPELL, engine="js").unwrap() for _ in range(4)]
        metrics = runner.programs.metrics
    assert values == [42] * 4
    assert (metrics.misses, metrics.hits, metrics.entries) == (1, 2, 1)
    assert metrics.bytes > len(MODULE)


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_spell_that_takes_no_time_is_not_kept(isolation: str) -> None:
    with Runner(isolation=isolation, bridges={}, cache=CacheSize(costly=10.0)) as runner:
        for _ in range(3):
            runner.cast("return 1", engine="lua").unwrap()
        assert (runner.programs.metrics.misses, runner.programs.metrics.entries) == (2, 0)


def test_a_changed_module_makes_another_program() -> None:
    changed = Spell(SPELL.source, SPELL.file, modules={"lib/twice.js": "export const twice = x => 3 * x\n"})
    with Runner(isolation="inline", bridges={}) as runner:
        assert [runner.cast(spell, engine="js").unwrap() for spell in (SPELL, SPELL, changed, SPELL)] == [
            42,
            42,
            63,
            42,
        ]


def test_a_mark_tells_every_part_of_a_spell_from_the_others() -> None:
    spells = [
        Spell("ab", "c"),
        Spell("a", "bc"),
        Spell("a", "b", modules={"c": ""}),
        Spell("a", "b", modules={"": "c"}),
        Spell("", "ab", modules={"c": ""}),
    ]
    assert len({mark("lua", spell) for spell in spells} | {mark("js", spells[0])}) == 6


def test_the_least_lately_used_goes_first_when_there_is_no_room() -> None:
    programs = Programs(CacheSize(bytes=30))
    for key in "abc":
        programs.keep(key, program("x" * 9), 1.0)
    assert programs.find("a") is not None
    programs.keep("d", program("x" * 9), 1.0)
    assert [key for key in "abcd" if programs.find(key)] == ["a", "c", "d"]
    assert (programs.metrics.evicted, programs.metrics.entries, programs.metrics.bytes) == (1, 3, 30)
    programs.keep("e", program("x" * 30), 1.0)
    assert programs.find("e") is None


def test_a_program_is_made_anew_when_it_is_old() -> None:
    now = 0.0
    programs = Programs(CacheSize(ttl=10.0), lambda: now)
    programs.keep("a", program("x"), 1.0)
    now = 10.0
    assert programs.find("a") is not None
    now = 10.5
    assert programs.find("a") is None
    assert (programs.metrics.expired, programs.metrics.entries, programs.metrics.bytes) == (1, 0, 0)


@pytest.mark.parametrize(
    "told",
    [
        {"program": []},
        {"program": ["a", {"b": ""}], "seconds": 1.0},
        {"program": ["a", {"a": 1}], "seconds": 1.0},
        {"program": ["a", {"a": ""}]},
        {"program": ["a", {"a": ""}], "seconds": "1"},
        {"program": {"a": 1}, "seconds": 1.0},
    ],
)
def test_a_worker_that_tells_of_no_program_is_not_believed(told: object) -> None:
    with pytest.raises(ProtocolError, match="program that is none"):
        read_program(json.dumps(told, separators=(",", ":")))


def test_an_outbox_is_no_program() -> None:
    assert read_program('[["finish",1]]') is None
