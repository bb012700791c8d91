"""What fuzzing has found stays found: every kept input is tried again, and some new ones with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing import mutated, shaped
from tests.fuzzing import target as target_module
from tests.fuzzing.__main__ import fuzz
from tests.fuzzing.child import Child, VmCrashed
from tests.fuzzing.target import CORPUS, Target
from tests.fuzzing.targets import TARGETS

KEPT = [(target, path) for target in TARGETS.values() for path in target.seeds()]
READERS = [target for target in TARGETS.values() if not isinstance(target, mutated.VmTarget)]


@pytest.mark.parametrize(("target", "path"), KEPT, ids=[f"{target.name}-{path.name}" for target, path in KEPT])
def test_a_kept_input_does_no_harm(target: Target, path: Path) -> None:
    target.check(path.read_bytes())


@pytest.mark.parametrize("target", READERS, ids=lambda target: target.name)
def test_inputs_of_the_right_shape_do_no_harm(target: Target) -> None:
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.shapes)
    def check(data: bytes) -> None:
        target.check(data)

    check()


def test_the_corpus_is_small_and_has_no_strangers() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} <= set(TARGETS)
    assert sum(path.stat().st_size for path in files) < 2**20


@pytest.fixture
def fragile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A target with a mistake in it."""
    monkeypatch.setattr(target_module, "CORPUS", tmp_path)

    def check(data: bytes) -> None:
        assert b"\x07" not in data

    return Target("fragile", check, st.binary(max_size=20))


def test_a_find_is_made_small_kept_and_told(fragile: Target, capsys: pytest.CaptureFixture[str]) -> None:
    tried, find = shaped.run(fragile, 30, chance=1)
    assert (tried > 1, find) == (True, b"\x07")
    assert fuzz(fragile, 30, 1) == 1
    (kept,) = fragile.seeds()
    assert kept.read_bytes() == b"\x07"
    assert f"--replay {kept}" in capsys.readouterr().err


def test_a_case_that_ends_the_process_of_its_vm_is_told() -> None:
    child = Child("no such engine")
    with pytest.raises(VmCrashed):
        child.play(b"{}")
    child.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lua", "js"])
def test_mutated_spells_do_no_harm(name: str) -> None:
    child, maker = Child(name), mutated.Maker(TARGETS[name], 7)
    ends = {_end(child, maker.case) for _ in range(80)}
    child.close()
    assert {"ok", "syntax"} <= ends


def _end(child: Child, case: Callable[[], bytes]) -> str:
    try:
        return child.play(case())
    except VmCrashed:
        return "crash"


@pytest.mark.parametrize("name", ["lua", "js"])
def test_a_case_can_be_played_in_a_locked_process(name: str) -> None:
    target = TARGETS[name]
    assert isinstance(target, mutated.VmTarget)
    source = {"lua": "return probe.echo(1)", "js": "return await probe.echo(1)"}[name]
    assert target.is_contained(json.dumps({"source": source, "answers": [["resolve", 5]]}).encode()) == "ok"
