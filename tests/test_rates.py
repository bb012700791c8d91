"""How often a run may use what it was granted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from llmspell_core.errors import Denied, RateLimited, UsageError
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.rates import rated

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_core.audit import AuditRecord


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("text", "calls", "seconds"),
    [("10/60s", 10, 60), ("10/60", 10, 60), ("1/s", 1, 1), ("5/2.5m", 5, 150), ("100/h", 100, 3600), ("0/s", 0, 1)],
)
def test_a_rate_is_a_count_and_a_time(text: str, calls: int, seconds: float) -> None:
    (rate,) = rated(Policy(), "net:a.com", text).rates
    assert (rate.rule.text, rate.calls, rate.seconds) == ("net:a.com", calls, seconds)


@pytest.mark.parametrize("text", ["10", "10/", "/60s", "ten/s", "10/0s", "-1/s", "1.5/s", "10/60d", "", "10/1e999"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        rated(Policy(), "net:a.com", text)


def test_what_is_used_too_often_is_refused_until_it_may_be_used_again() -> None:
    clock = Clock()
    guard = Guard(Policy.strict().allow("net").rate("net:*", 2, per=10), clock=clock)
    guard.require("net:a.com:443", "http", "get")
    clock.now += 4
    guard.require("net:b.com:443", "http", "get")
    with pytest.raises(RateLimited) as caught:
        guard.require("net:a.com:443", "http", "get")
    assert caught.value.data == {"capability": "net:a.com:443", "rate": "net:*=2/10s", "retry_after": 6.0}
    clock.now += 6
    guard.require("net:a.com:443", "http", "get")
    with pytest.raises(RateLimited):
        guard.require("net:a.com:443", "http", "get")


def test_a_rate_counts_what_it_covers_and_only_what_was_allowed() -> None:
    guard = Guard(Policy.strict().allow("net:a.com", "env:A").rate("net:a.com", 1, per=10), clock=Clock())
    for _ in range(3):
        guard.require("env:A", "env")
        with pytest.raises(Denied, match="not granted"):
            guard.require("net:b.com:1", "http")
    guard.require("net:a.com:1", "http")
    with pytest.raises(RateLimited):
        guard.require("net:a.com:2", "http")


def test_a_rate_grants_nothing_and_none_at_all_refuses_everything() -> None:
    with pytest.raises(Denied, match="not granted"):
        Guard(Policy.strict().rate("env:A", 5, per=1)).require("env:A", "env")
    with pytest.raises(RateLimited):
        Guard(Policy.trusted().rate("env:A", 0, per=1)).require("env:A", "env")


def test_another_name_of_a_file_has_no_rate_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    os.link(tmp_path / "a", tmp_path / "b")
    guard = Guard(Policy.trusted().rate(f"read:{tmp_path}/a", 1, per=10), clock=Clock())
    guard.require(f"read:{tmp_path}/b", "fs")
    with pytest.raises(RateLimited):
        guard.require(f"read:{tmp_path}/a", "fs")


def test_every_rate_that_covers_a_use_has_to_allow_it_and_one_that_refuses_costs_the_others_nothing() -> None:
    clock = Clock()
    guard = Guard(Policy.trusted().rate("net:*", 3, per=100).rate("net:a.com", 1, per=1), clock=clock)
    guard.require("net:a.com:1", "http")
    for _ in range(5):
        with pytest.raises(RateLimited, match=r"net:a\.com=1/1s"):
            guard.require("net:a.com:1", "http")
    clock.now += 1
    guard.require("net:a.com:1", "http")
    guard.require("net:b.com:1", "http")
    with pytest.raises(RateLimited, match=r"net:\*=3/100s"):
        guard.require("net:b.com:1", "http")


def test_nobody_is_asked_for_what_was_used_too_often() -> None:
    asked = []

    def ask(question: object) -> str:
        asked.append(question)
        return "once"

    guard = Guard(Policy.strict().rate("env:*", 1, per=10), ask=ask, clock=Clock())  # type: ignore[arg-type]  # a list
    guard.require("env:A", "env")
    with pytest.raises(RateLimited):
        guard.require("env:A", "env")
    assert len(asked) == 1


def test_confirming_what_was_required_counts_nothing() -> None:
    guard = Guard(Policy.trusted().rate("env:*", 1, per=10), clock=Clock())
    guard.require("env:A", "env")
    assert guard.confirm("env:A", "env").allowed


def test_a_use_that_came_too_soon_is_recorded_with_its_rate() -> None:
    records: list[AuditRecord] = []
    guard = Guard(Policy.trusted().rate("env:A", 1, per=10), "r", record=records.append, clock=Clock())
    guard.require("env:A", "env", "get")
    with pytest.raises(RateLimited):
        guard.require("env:A", "env", "get")
    assert [(row.allowed, row.rule) for row in records] == [(True, "allow *"), (False, "rate env:A=1/10s")]


def test_the_rates_of_a_bound_hold_too() -> None:
    policy = Policy.trusted().within(Policy.trusted().rate("env:A", 1, per=10))
    guard = Guard(policy.allow("env:B"), clock=Clock())
    guard.require("env:A", "env")
    with pytest.raises(RateLimited):
        guard.require("env:A", "env")
