"""The names of events, and the patterns that match them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmspell_core.errors import CallError, UsageError
from llmspell_core.policy import Policy
from llmspell_core.subjects import MAX_BYTES, covers, fault, matches


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "a.b", False),
        ("a.b", "a", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.b.d", False),
        ("*.b", "a.b", True),
        ("a.>", "a.b", True),
        ("a.>", "a.b.c.d", True),
        ("a.>", "a", False),
        ("*.>", "a.b", True),
        (">", "a", True),
        (">", "a.b", True),
        ("A", "a", False),
        (">", "llmspell.x", False),
        ("*.x", "llmspell.x", False),
        ("llmspell.>", "llmspell.x", True),
        ("llmspell.x", "llmspell.x", True),
        ("llmspells.x", "llmspells.x", True),
    ],
)
def test_a_pattern_matches(pattern: str, name: str, wanted: bool) -> None:
    assert matches(pattern, name) is wanted


@pytest.mark.parametrize(
    ("rule", "wanted", "covered"),
    [
        ("a.>", "a.*", True),
        ("a.>", "a.>", True),
        ("a.>", "a.*.>", True),
        ("a.*", "a.>", False),
        ("a.*", "a.*", True),
        ("*.b", "a.*", False),
        ("*", ">", False),
        (">", ">", True),
        ("a.b", "a.*", False),
        ("a.*.c", "a.>", False),
    ],
)
def test_a_pattern_covers_another_when_it_matches_all_of_it(rule: str, wanted: str, covered: bool) -> None:
    assert covers(rule, wanted) is covered


parts = st.sampled_from(["a", "b", "*", ">"])
names = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=4).map(".".join)
patterns = st.lists(parts, min_size=1, max_size=4).map(".".join).filter(lambda text: not fault(text, pattern=True))


@given(patterns, patterns, names)
def test_what_a_covered_pattern_matches_the_covering_one_matches(rule: str, pattern: str, name: str) -> None:
    if covers(rule, pattern) and matches(pattern, name):
        assert matches(rule, name)


@pytest.mark.parametrize("name", ["a", "a.b", "order-1.paid_2", "käse.ß", "a/b:c", "1", "$", "a" * MAX_BYTES])
def test_a_right_name(name: str) -> None:
    assert fault(name, pattern=False) == ""
    assert fault(name, pattern=True) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        (".", "nothing before, between or after its dots"),
        ("a.", "nothing before, between or after its dots"),
        (".a", "nothing before, between or after its dots"),
        ("a..b", "nothing before, between or after its dots"),
        ("a b", "white space"),
        ("a\nb", "control characters"),
        ("a\0", "control characters"),
        ("a\u2028b", "control characters"),
        ("a.*", "'\\*' stands in patterns only"),
        ("a.>", "'>' stands in patterns only"),
        ("a*", "whole part"),
        ("ä" * MAX_BYTES, f"longer than {MAX_BYTES} bytes"),
        ("\ud800", "control characters"),
    ],
)
def test_a_wrong_name_is_told_with_what_is_right(text: str, problem: str) -> None:
    assert re.search(problem, fault(text, pattern=False))


@pytest.mark.parametrize("text", ["a.>.b", ">.a", "a*.b", "a>", "**", "a.**", ""])
def test_a_wrong_pattern_is_told(text: str) -> None:
    assert fault(text, pattern=True)


def test_a_policy_grants_events_by_their_patterns() -> None:
    policy = Policy.strict().allow("events:orders.>", "events:logs.*.error")
    allowed = ("orders.eu.paid", "orders.*", "orders.>", "logs.a.error", "logs.*.error")
    refused = ("orders", "users.x", ">", "*", "logs.a", "logs.>", "logs.a.b.error")
    assert all(policy.decide(f"events:{name}").allowed for name in allowed)
    assert not any(policy.decide(f"events:{name}").allowed for name in refused)


def test_events_alone_or_a_star_is_all_events_and_standard_grants_them() -> None:
    for policy in (Policy.strict().allow("events"), Policy.strict().allow("events:*"), Policy.standard()):
        assert all(policy.decide(f"events:{name}").allowed for name in ("a", "a.b", ">", "llmspell.events.failed"))


def test_a_denial_of_events_wins() -> None:
    policy = Policy.standard().deny("events:secret.>")
    assert not policy.decide("events:secret.plan").allowed
    assert policy.decide("events:public.plan").allowed


def test_a_rule_that_is_no_pattern_is_refused_with_what_is() -> None:
    with pytest.raises(UsageError, match=r"orders\.\*\.paid or orders\.>"):
        Policy.strict().allow("events:job*")
    with pytest.raises(CallError, match="white space"):
        Policy.strict().decide("events:a b")
