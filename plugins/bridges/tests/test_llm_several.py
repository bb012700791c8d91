"""Several models: side by side, one after the other, and as a pool."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from llmspell_bridges.llm.breaker import Breaker, BreakerOptions
from llmspell_bridges.llm.bridge import LlmBridge
from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.models import Model, PreparedStream, Reply

from llmspell_core.errors import BadArgument, BudgetSpent, ProviderError


class Scripted(Model):
    """Does what its list says, one after the other: answers with a text, or raises."""

    def __init__(self, name: str, does: list[Any], seen: dict[str, int]) -> None:
        self.name, self._does, self._seen = name, does, seen

    async def request(self, messages: Any, settings: Any, tools: Any = ()) -> Reply:
        self._seen[self.name] += 1
        self._seen["in flight"] += 1
        self._seen["peak"] = max(self._seen["peak"], self._seen["in flight"])
        await asyncio.sleep(0)
        self._seen["in flight"] -= 1
        done = self._does.pop(0) if self._does else "ok"
        if isinstance(done, Exception):
            raise done
        return Reply(done, self.name, (), 3, 2, 0.01)

    async def stream(self, messages: Any, settings: Any, tools: Any = ()) -> PreparedStream:
        reply = await self.request(messages, settings, tools)
        return PreparedStream(reply, [reply.text])


def failed(model: str, reason: Any) -> ProviderFailed:
    return ProviderFailed(model, reason, f"it was {reason}")


@pytest.fixture
def scripted(llm):
    """Make a bridge whose models do what they are told; ``seen`` counts the requests of each."""

    def make(**does: list[Any]) -> tuple[LlmBridge, dict[str, int]]:
        seen: dict[str, int] = defaultdict(int)
        bridge = llm("demo")
        models = {name: Scripted(name, does, seen) for name, does in does.items()}

        async def opened(name: str) -> Model:
            return models[name]

        bridge.models.open = opened
        return bridge, seen

    return make


def test_a_chain_tells_why_each_model_before_gave_no_answer(scripted, run):
    bridge, _ = scripted(
        a=[failed("a", "refusal")],
        b=[failed("b", "timeout")],
        c=[failed("c", "rate_limit")],
        d=[""],
        e=["yes"],
    )
    answer = run(bridge.fallback_chain(list("abcde"), "hi"))
    assert (answer["text"], answer["model"]) == ("yes", "e")
    assert [(f["model"], f["kind"]) for f in answer["failures"]] == [
        ("a", "refusal"),
        ("b", "timeout"),
        ("c", "rate_limit"),
        ("d", "bad_answer"),
    ]


def test_a_chain_asks_the_spell_whether_an_answer_will_do(scripted, run, function):
    bridge, _ = scripted(a=["nonsense"], b=["sense"])
    check = function(lambda text: "not again" if text == "nonsense" else True)
    answer = run(bridge.fallback_chain(["a", "b"], "hi", check=check))
    assert (answer["text"], answer["failures"][0]["message"]) == ("sense", "a: not again")


def test_a_chain_whose_models_all_fail_is_an_error_that_tells_of_each(scripted, run):
    bridge, _ = scripted(a=[failed("a", "server")], b=[failed("b", "auth")])
    with pytest.raises(ProviderError, match="none of 2 models answered: a: it was server; b: it was auth") as caught:
        run(bridge.fallback_chain(["a", "b"], "hi"))
    assert [failure["kind"] for failure in caught.value.data["failures"]] == ["server", "auth"]


def test_a_spent_budget_ends_the_chain(scripted, run):
    bridge, seen = scripted(a=[BudgetSpent("requests", 1, 1, 1)], b=["yes"])
    with pytest.raises(BudgetSpent):
        run(bridge.fallback_chain(["a", "b"], "hi"))
    assert seen["b"] == 0


def test_compared_models_are_asked_at_once_and_told_in_their_order(scripted, run):
    bridge, seen = scripted(a=["one"], b=[failed("b", "server")], c=["three"])
    told = run(bridge.compare_providers("hi", ["a", "b", "c"]))
    assert [row["ok"] for row in told] == [True, False, True]
    assert (told[0]["text"], told[1]["error"]["kind"], told[2]["text"]) == ("one", "server", "three")
    assert seen["peak"] == 3


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"strategy": "round_robin"}, {"a": 4, "b": 4, "c": 4}),
        ({"strategy": "failover"}, {"a": 12, "b": 0, "c": 0}),
        ({"strategy": "weighted", "weights": [4.0, 1.0, 1.0]}, {"a": 8, "b": 2, "c": 2}),
        ({"strategy": "least_used"}, {"a": 4, "b": 4, "c": 4}),
        ({"strategy": "consensus"}, {"a": 12, "b": 12, "c": 12}),
    ],
)
def test_a_strategy_shares_the_calls_out(scripted, run, options, asked):
    bridge, seen = scripted(a=[], b=[], c=[])
    pool = bridge.pool(["a", "b", "c"], **options)

    async def use():
        for _ in range(12):
            await pool.generate("hi")

    run(use())
    assert {name: seen[name] for name in "abc"} == asked


def test_the_fastest_model_is_used_once_all_were_tried(scripted, run):
    bridge, seen = scripted(a=[], b=[], c=[])
    pool = bridge.pool(["a", "b", "c"], strategy="fastest")

    async def use():
        for _ in range(3):
            await pool.generate("hi")
        for member, seconds in zip(pool._members, (3.0, 1.0, 2.0), strict=True):
            member.latency = seconds
        await pool.generate("hi")

    run(use())
    assert {name: seen[name] for name in "abc"} == {"a": 1, "b": 2, "c": 1}


def test_the_least_used_model_is_the_one_with_the_fewest_calls_in_flight(scripted, run):
    bridge, seen = scripted(a=[], b=[], c=[])
    pool = bridge.pool(["a", "b", "c"], strategy="least_used")

    async def use():
        await asyncio.gather(*(pool.generate("hi") for _ in range(3)))

    run(use())
    assert [seen[name] for name in "abc"] == [1, 1, 1]


def test_a_pool_goes_on_to_the_next_model_and_tells_of_the_failure(scripted, run):
    bridge, _ = scripted(a=[failed("a", "server")], b=["yes"])
    pool = bridge.pool(["a", "b"], strategy="failover")
    answer = run(pool.generate("hi"))
    assert (answer["text"], answer["failures"][0]["kind"]) == ("yes", "server")
    assert [(m["requests"], m["failures"], m["input_tokens"], m["cost"]) for m in pool.metrics()] == [
        (1, 1, 0, 0.0),
        (1, 0, 3, 0.01),
    ]


def test_a_pool_tries_no_more_than_it_may(scripted, run):
    bridge, seen = scripted(a=[failed("a", "server")], b=[failed("b", "server")], c=["yes"])
    with pytest.raises(ProviderError, match="none of 2 models"):
        run(bridge.pool(["a", "b", "c"], strategy="failover", retries=1).generate("hi"))
    assert seen["c"] == 0


def test_a_model_that_keeps_failing_is_left_alone_and_tried_again_later(scripted, run):
    bridge, seen = scripted(a=[failed("a", "server")] * 2, b=[])
    pool = bridge.pool(["a", "b"], strategy="failover", breaker=BreakerOptions(threshold=2, reset=10.0))
    now = 0.0
    for member in pool._members:
        member.breaker._clock = lambda: now
    for _ in range(5):
        run(pool.generate("hi"))
    assert (seen["a"], pool.health()[0]["state"]) == (2, "open")
    now = 10.0
    assert pool.health()[0]["state"] == "half_open"
    run(pool.generate("hi"))
    assert (seen["a"], pool.health()[0]["state"]) == (3, "closed")


def test_a_half_open_breaker_lets_one_call_through_and_opens_again_when_it_fails():
    now = 0.0
    breaker = Breaker(BreakerOptions(threshold=1, reset=5.0), lambda: now)
    breaker.enter()
    breaker.failed()
    assert not breaker.lets_through()
    now = 5.0
    assert breaker.lets_through()
    breaker.enter()
    assert not breaker.lets_through()
    breaker.failed()
    assert breaker.state == "open"
    now = 10.0
    breaker.enter()
    breaker.left()
    assert breaker.lets_through()


def test_consensus_returns_the_answer_that_most_give(scripted, run):
    bridge, seen = scripted(a=["Paris"], b=["London"], c=["paris."], d=[failed("d", "timeout")])
    answer = run(bridge.pool(list("abcd"), strategy="consensus").generate("capital of France?"))
    assert (answer["text"], answer["model"], answer["failures"][0]["kind"]) == ("Paris", "a", "timeout")
    assert answer["agreement"] == pytest.approx(2 / 3)
    assert seen["peak"] == 4


def test_a_pool_streams_from_the_first_model_that_begins(scripted, run):
    bridge, _ = scripted(a=[failed("a", "server")], b=["yes"])

    async def use():
        stream = await bridge.pool(["a", "b"], strategy="failover").stream("hi")
        return (await stream.result())["text"]

    assert run(use()) == "yes"


def test_wrong_models_and_weights_are_told(scripted):
    bridge, _ = scripted(a=[], b=[])
    with pytest.raises(BadArgument, match=r"models.*is empty"):
        bridge.pool([])
    with pytest.raises(BadArgument, match=r"weights.*must be 2 numbers above 0"):
        bridge.pool(["a", "b"], strategy="weighted", weights=[1.0])
