"""Answers that are kept, and the guardrails of a call."""

from __future__ import annotations

import pytest
from llmspell_bridges.llm.cache import Answers
from llmspell_bridges.llm.models import Reply

from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
TWICE = {
    "lua": """
local first = llm.complete('hi', {cache = params.cache})
local again = llm.complete('hi', {cache = params.cache})
local other = llm.complete('hi', {cache = params.cache, seed = 4})
return {first.cached, again.cached, other.cached, first.text == again.text, again.usage.requests, again.usage.cost}
""",
    "js": """
const first = await llm.complete('hi', { cache: params.cache })
const again = await llm.complete('hi', { cache: params.cache })
const other = await llm.complete('hi', { cache: params.cache, seed: 4 })
return [first.cached, again.cached, other.cached, first.text === again.text, again.usage.requests, again.usage.cost]
""",
}
STREAM = {
    "lua": """
local function hear() local s, stream = '', llm.stream('hi', {cache = 60})
  for piece in stream do s = s .. piece end return {s, stream:result().cached} end
local a, b = hear(), hear()
return {a[2], b[2], a[1] == b[1]}
""",
    "js": """
const hear = async () => { let s = ''; const stream = await llm.stream('hi', { cache: 60 })
  for await (const piece of stream) s += piece; return [s, (await stream.result()).cached] }
const a = await hear(), b = await hear()
return [a[1], b[1], a[0] === b[0]]
""",
}


def runner(**more):
    return Runner(isolation="inline", model="demo", options={"llm": {"demo_pause": 0}}, **more)


@BOTH
@pytest.mark.parametrize("cache", [True, 60])
def test_the_same_request_is_answered_once(engine, cache):
    told = []
    with runner(trace=told.append) as run:
        result = run.cast(TWICE[engine], engine=engine, params={"cache": cache})
    assert result.unwrap() == [False, True, False, True, 0, 0]
    assert result.usage.requests == 2
    assert [action.result.cached for action in told if action.point == "llm"] == [False, True, False]


@BOTH
def test_no_answer_is_young_enough_for_a_cache_of_nothing(engine):
    with runner() as run:
        result = run.cast(TWICE[engine], engine=engine, params={"cache": 0})
    assert result.unwrap()[:3] == [False, False, False]
    assert result.usage.requests == 3


@BOTH
def test_a_stream_is_kept_when_it_has_ended(engine):
    with runner() as run:
        result = run.cast(STREAM[engine], engine=engine)
    assert result.unwrap() == [False, True, True]
    assert result.usage.requests == 1


def test_runs_of_one_policy_share_answers_and_others_do_not():
    spell = "return llm.complete('hi', {cache = true}).cached"
    with runner() as run:
        granted = Policy.standard().allow("net:example.com")
        cast = lambda **more: run.cast(spell, engine="lua", **more).unwrap()  # noqa: E731 - one line reads best
        assert [cast(), cast(), cast(policy=granted), cast(policy=granted)] == [False, True, False, True]
    with runner() as other:
        assert other.cast(spell, engine="lua").unwrap() is False


def test_a_stopped_stream_is_not_kept():
    spell = """
llm.stream('hi', function() return false end, {cache = true})
return llm.complete('hi', {cache = true}).cached
"""
    with runner() as run:
        assert run.cast(spell, engine="lua").unwrap() is False


def test_what_was_not_wanted_for_the_longest_time_goes_first():
    now = [0.0]
    answers = Answers(most=2, most_bytes=100, clock=lambda: now[0])
    for key in "abc":
        answers.put(key, Reply(key, "m"))
        answers.get("a", 10)
    assert [key for key in "abc" if answers.get(key, 10)] == ["a", "c"]
    now[0] = 11
    assert answers.get("a", 10) is None
    assert answers.get("a", 12) is not None
    answers.put("big", Reply("x" * 100, "m"))
    assert answers.get("a", 99) is None
    assert answers.get("big", 99) is not None
    answers.put("too big", Reply("x" * 101, "m"))
    assert answers.get("too big", 99) is None
