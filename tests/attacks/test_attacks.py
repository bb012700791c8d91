"""Hostile spells, each in a process of its own: every one ends as its first line says, and the next spell runs clean.

    expect: denied | group: escape | holds: <the claim>

``denied`` ends with an error or the value "ok"; ``limit`` with the error of a limit; ``harmless`` with "ok" or true.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmspell_core.limits import Limits
from llmspell_core.runner import Result, Runner
from llmspell_core.spells import Spell

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
FILES = sorted([*HERE.glob("lua/*.lua"), *HERE.glob("js/*.js")])
LIMITS = Limits(wall=1.0, memory=64 * 2**20, output=2**20, message=2**20, calls=10_000)
UTIL = {"util.lua": "return {twice = function(n) return 2 * n end}"}
NEXT = {"lua": "return probe.echo(5) == 5 and #probe.items() == 3", "js": "return await probe.echo(5) === 5"}
GROWTH = 160 * 2**20


def expected(path: Path) -> str:
    found = re.match(r"(?://|--) expect: (denied|limit|harmless) \|", path.read_text())
    assert found, f"{path} does not say what is expected of it"
    return found[1]


def outcome(result: Result) -> str:
    if result.error is not None:
        return result.error.kind
    return "ok" if result.value in ("ok", True) else repr(result.value)


def memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def cast(runner: Runner, path: Path) -> Result:
    return runner.cast(Spell(path.read_text(), path.name, modules=UTIL), engine=path.parent.name, limits=LIMITS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_hostile_spell_ends_as_it_is_expected_to(runner: Runner, path: Path) -> None:
    before = memory()
    result = cast(runner, path)
    came, wanted = outcome(result), expected(path)
    assert not str(result.value).startswith("ESCAPE")
    assert "SECRET" not in f"{result.value}{result.output}"
    if wanted == "harmless":
        assert came == "ok", result
    elif wanted == "limit":
        assert came == "limit", result
    else:
        assert came == "ok" or (result.error is not None and came not in ("crash", "internal", "protocol")), result
    assert memory() - before < GROWTH
    assert runner.cast(NEXT[path.parent.name], engine=path.parent.name).unwrap() is True


@pytest.mark.parametrize("language", ["lua", "js"])
def test_the_corpus_has_a_control_that_does_what_spells_do(runner: Runner, language: str) -> None:
    """Without it a corpus in which nothing runs at all would pass."""
    control = next(path for path in FILES if path.parent.name == language and path.stem == "000-control")
    assert cast(runner, control).unwrap() == "ok"


def test_the_corpus_is_there() -> None:
    assert len(FILES) >= 100
