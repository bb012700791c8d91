"""Limits: their profiles, how they are written, and that they only ever get tighter."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmspell_core import Limits, Runner
from llmspell_core.amounts import KINDS, amount
from llmspell_core.cli.limits import FLAGS
from llmspell_core.config import Config, read_config
from llmspell_core.errors import LimitExceeded, ManifestError, UsageError
from llmspell_core.limits import PROFILES
from llmspell_core.measures import limits_of, named, read
from llmspell_core.spells import Manifest, Spell
from llmspell_core.testing import FakeEngine

BOUNDS = st.none() | st.integers(1, 10**12)
LIMITS = st.builds(Limits, **dict.fromkeys(KINDS, BOUNDS))


def test_every_limit_has_a_measure() -> None:
    assert tuple(KINDS) == Limits.__match_args__


def test_limits_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Limits().calls = 5  # type: ignore[misc]  # what the test is about


def test_each_profile_is_at_least_as_tight_as_the_next() -> None:
    profiles = [named(name) for name in PROFILES]
    for tight, loose in pairwise(profiles):
        assert tight.lowered_by(loose) == tight


def test_only_time_to_wait_and_instructions_are_unbounded_by_default() -> None:
    assert [name for name in KINDS if getattr(Limits(), name) is None] == ["wall", "instructions"]
    assert Limits() == Limits.standard() == Limits.usual("process")
    assert Limits.usual("inline") == Limits(cpu=None)


@given(LIMITS, LIMITS)
def test_lowering_never_loosens(one: Limits, other: Limits) -> None:
    lowered = one.lowered_by(other)
    assert lowered == other.lowered_by(one) == lowered.lowered_by(one)
    for name in KINDS:
        both = [bound for bound in (getattr(one, name), getattr(other, name)) if bound is not None]
        assert getattr(lowered, name) == min(both, default=None)
    assert one.lowered_by(Limits.unbounded()) == one


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [
        ("64MB", 64_000_000),
        ("512KiB", 524_288),
        ("1.5 GiB", 1_610_612_736),
        ("2k", 2048),
        ("77", 77),
        (77, 77),
        (9, 9),
    ],
)
def test_sizes_are_read_as_people_write_them(written: str | int, bytes_: int) -> None:
    assert read("memory", written) == bytes_


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("memory", "64XB"),
        ("memory", "-1"),
        ("memory", 0),
        ("memory", True),
        ("memory", [1]),
        ("memory", "0.1"),
        ("cpu", 0),
        ("cpu", "nan"),
        ("cpu", "inf"),
        ("cpu", True),
        ("cpu", "soon"),
        ("calls", 1.5),
        ("calls", "1e3"),
        ("calls", 0),
    ],
)
def test_what_is_no_measure_is_refused_with_the_cure(name: str, wrong: Any) -> None:
    with pytest.raises(UsageError, match=f"{name}: .* is no .*; write "):
        read(name, wrong)


def test_none_is_no_bound() -> None:
    assert limits_of({"cpu": "none"}, Limits.standard()).cpu is None


def test_a_map_of_limits_begins_with_its_profile() -> None:
    assert limits_of({"profile": "strict", "calls": 7}, Limits()) == Limits(**vars(Limits.strict()) | {"calls": 7})
    assert limits_of("relaxed", Limits()) == Limits.relaxed()


def test_an_unknown_limit_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no limit 'memry'; did you mean 'memory'"):
        limits_of({"memry": 1}, Limits())
    with pytest.raises(UsageError, match="'tiny' is no profile of limits; there are strict, standard, relaxed"):
        limits_of("tiny", Limits())


@pytest.mark.parametrize(
    ("limit", "value", "shown"),
    [
        ("cpu", 0.1, "0.1 s"),
        ("wall", 3600, "3600 s"),
        ("memory", 2**26, "64 MiB"),
        ("output", 100, "100 bytes"),
        ("calls", 1000000, "1000000"),
        ("file_bytes", 5, "5"),
    ],
)
def test_amounts_are_told_with_their_unit(limit: str, value: float, shown: str) -> None:
    assert amount(limit, value) == shown


def test_the_error_says_which_limit_how_much_and_what_was_used() -> None:
    error = LimitExceeded("calls", 3, used=4)
    assert str(error) == "limit calls of 3 was reached (4 used)"
    assert error.data == {"limit": "calls", "allowed": 3, "used": 4}


@pytest.mark.parametrize(("allowed", "asked", "made"), [(10, 2, 2), (2, 10, 2), (None, 3, 3)])
def test_a_manifest_only_lowers_what_the_caller_allows(allowed: int | None, asked: int, made: int) -> None:
    spell = Spell(
        "def main(params):\n    while True: yield call('host', 'sleep', 0)", manifest=Manifest(limits={"calls": asked})
    )
    with Runner(engines={"fake": FakeEngine}, bridges={}) as runner:
        error = runner.cast(spell, engine="fake", limits=Limits(calls=allowed, wall=20)).error
    assert isinstance(error, LimitExceeded)
    assert (error.limit, error.allowed) == ("calls", made)


@pytest.mark.parametrize("said", ["limits: {memry: 5}", "limits: {memory: 5XB}", "limits: tiny"])
def test_a_manifest_with_wrong_limits_is_refused(said: str) -> None:
    with pytest.raises(ManifestError, match="limits: "):
        Spell.text(f"# ---\n# {said}\n# ---\n")


def test_the_page_says_what_the_code_does() -> None:
    page = (Path(__file__).parent.parent / "docs" / "limits.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\(#(\w+)\) \| (.*?) \| (.*?) \| (.*?) \| `--([\w-]+)` \|$", page, re.MULTILINE)
    assert [row[0] for row in rows] == list(KINDS)
    for name, anchor, *shown, flag in rows:
        bounds = [getattr(named(profile), name) for profile in PROFILES]
        assert shown == ["none" if bound is None else amount(name, bound) for bound in bounds]
        assert (anchor, flag) == (name, FLAGS[name])
        assert f"### {name} {{#{name}}}" in page


def test_the_config_file_on_the_page_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "limits.md").read_text()
    [sample] = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "config.toml").write_text(sample)
    said = vars(read_config(str(tmp_path / "config.toml")))
    assert said.keys() == set(Config.__match_args__)
