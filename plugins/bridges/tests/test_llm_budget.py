"""A run's budget against a real HTTP server on loopback, which counts what reaches it."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from llmspell_bridges.llm.calls import calls_of
from llmspell_bridges.llm.failures import NoPrice, ProviderFailed
from llmspell_bridges.llm.prices import Prices
from llmspell_bridges.llm.records import ChatMessage, TokenCounts
from llmspell_bridges.llm.retries import pause_before_retry

from llmspell_core.budget import Budget
from llmspell_core.errors import BudgetSpent, ProviderError, UsageError
from llmspell_core.runner import Runner

KEY = "sk-test-0123456789abcdefghij"
MODEL = "openai:gpt-4o-mini"


@pytest.fixture
def served(fake, llm, monkeypatch):
    """Run a test's coroutine with a server and a bridge that calls it within a budget."""

    async def serve(answers, use, model, **options):
        async with fake.FakeOpenAI(*answers) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            bridge = llm(model, **options)
            try:
                return await use(bridge, server)
            finally:
                await bridge._calls.close()
                assert server.problems == []

    def go(answers, use, model=MODEL, **options):
        return asyncio.run(asyncio.wait_for(serve(answers, use, model, **options), 60))

    return go


@pytest.fixture
def greedy(fake):
    """An answer that is as long as the request allows, and says so."""

    def answer(request):
        reads = sum(len(message["content"].encode()) for message in request.body["messages"])
        return fake.text("x", finish="length", usage=(reads, request.body["max_completion_tokens"]))

    return answer


async def together(calls):
    """Return how many calls ended in each way."""
    ends = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(type(end).__name__ for end in ends)


def used(bridge):
    usage = bridge.context.usage
    return usage.input_tokens + usage.output_tokens


def test_a_hundred_calls_at_once_make_no_more_requests_than_they_may(served, fake):
    async def use(bridge, server):
        return await together(bridge.chat("hi") for _ in range(100)), len(server.requests)

    ends, requests = served([fake.text("ok")] * 100, use, budget=Budget(requests=7))

    assert requests == 7
    assert ends == {"str": 7, "BudgetSpent": 93}


@pytest.mark.parametrize("max_tokens", [None, 20])
def test_a_hundred_calls_at_once_use_no_more_tokens_than_they_may(served, greedy, max_tokens):
    options = {} if max_tokens is None else {"max_tokens": max_tokens}

    async def use(bridge, server):
        ends = await together(bridge.chat("hello", **options) for _ in range(100))
        return ends, len(server.requests), used(bridge)

    ends, requests, tokens = served([greedy] * 100, use, budget=Budget(tokens=400))

    assert tokens <= 400
    # What is left is less than one more call may take.
    assert 400 - tokens < 5 + 16 + (max_tokens or 1)
    assert ends == {"str": requests, "BudgetSpent": 100 - requests}


def test_a_hundred_calls_at_once_cost_no_more_than_they_may(served, greedy):
    async def use(bridge, server):
        await together(bridge.chat("hello", max_tokens=50) for _ in range(100))
        return len(server.requests), bridge.context.usage.cost

    requests, cost = served([greedy] * 100, use, budget=Budget(cost=0.001))

    assert 0.0009 < cost <= 0.001
    assert 20 < requests < 100


def test_calls_that_do_not_fit_now_wait_for_what_others_give_back(served, fake):
    async def use(bridge, server):
        return await together(bridge.chat("hi", max_tokens=300) for _ in range(10)), used(bridge)

    assert served([fake.text("short")] * 10, use, budget=Budget(tokens=500)) == ({"str": 10}, 180)


def test_an_answer_cannot_pass_what_is_left(served, greedy):
    async def use(bridge, server):
        first = await bridge.complete("hello")
        with pytest.raises(BudgetSpent):
            await bridge.chat("hello")
        return first, server.requests[0].body["max_completion_tokens"], used(bridge)

    first, allowed, tokens = served([greedy, greedy], use, budget=Budget(tokens=100))

    assert (allowed, tokens) == (100 - 5 - 16, 84)
    assert first["finish_reason"] == "length"


def test_an_answer_has_a_bound_where_the_call_gives_none(served, greedy):
    async def use(bridge, server):
        await bridge.chat("hello")
        return server.requests[0].body["max_completion_tokens"]

    assert served([greedy], use, budget=Budget(tokens=10**6)) == 4096
    assert served([greedy], use, budget=Budget(tokens=10**6), answer_tokens=9) == 9


def test_a_prompt_that_is_too_long_is_never_sent(served):
    async def use(bridge, server):
        with pytest.raises(BudgetSpent) as caught:
            await bridge.chat("x" * 500, max_tokens=1)
        return caught.value.data, len(server.requests), bridge.usage()

    data, requests, usage = served([], use, budget=Budget(tokens=500))

    assert data == {"what": "tokens", "allowed": 500, "used": 0, "wanted": 517}
    assert requests == usage["requests"] == 0
    assert usage["left"] == {"tokens": 500}


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize("streamed", [False, True])
def test_each_attempt_is_asked_for_and_counted(served, fake, status, streamed):
    async def use(bridge, server):
        with pytest.raises(BudgetSpent) as caught:
            await (bridge.stream("hi") if streamed else bridge.chat("hi"))
        return caught.value, len(server.requests), bridge.usage()["requests"]

    answers = [fake.failure(status, "busy", retry_after_ms="1")] * 9
    error, requests, counted = served(answers, use, budget=Budget(requests=3), retries=8)

    assert (requests, counted) == (3, 3)
    assert isinstance(error.__cause__, ProviderError)
    assert "busy" in str(error.__cause__)


def test_retries_of_many_calls_at_once_stay_within(served, fake):
    async def use(bridge, server):
        await together(bridge.chat("hi") for _ in range(20))
        return len(server.requests)

    answers = [fake.failure(500, "busy", retry_after_ms="1"), fake.text("ok")] * 40

    assert served(answers, use, budget=Budget(requests=11), retries=5) == 11


def test_an_answer_after_retries_tells_how_many_requests_it_took(served, fake):
    async def use(bridge, server):
        whole = await bridge.complete("hi")
        stream = await bridge.stream("hi")
        return whole["usage"]["requests"], (await stream.result())["usage"]["requests"]

    busy = fake.failure(503, "busy", retry_after_ms="1")

    assert served([busy, busy, fake.text("ok"), busy, fake.chunks("ok")], use, retries=2) == (3, 2)


def test_a_batch_ends_where_the_budget_does(served, fake):
    async def use(bridge, server):
        with pytest.raises(BudgetSpent):
            await bridge.batch(["a"] * 20, max_concurrent=5)
        return len(server.requests)

    assert served([fake.text("ok")] * 20, use, budget=Budget(requests=4)) <= 4


def test_a_session_and_a_stream_spend_the_same_budget(served, fake, function):
    async def use(bridge, server):
        session = bridge.chat_session()
        await session.send("one")
        await session.send_stream("two", function(lambda piece: None))
        for call in (session.send("three"), bridge.stream("four"), bridge.complete("five")):
            with pytest.raises(BudgetSpent):
                await call
        return len(server.requests)

    assert served([fake.text("ok"), fake.chunks("ok")], use, budget=Budget(requests=2)) == 2


def test_a_stream_that_is_stopped_counts_what_came_and_gives_back_the_rest(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi", max_tokens=900)
        await stream.next()
        held = bridge.usage()["left"]["tokens"]
        with pytest.raises(BudgetSpent):
            await bridge.chat("hi", max_tokens=900)
        await stream.close()
        return held, used(bridge), bridge.usage()["left"]["tokens"]

    held, tokens, left = served([fake.chunks("one ", stalls=True)], use, budget=Budget(tokens=1000))

    assert held == 1000 - 900 - 18
    assert 2 <= tokens <= 5
    assert left == 1000 - tokens


def test_a_call_that_is_cut_off_counts_all_that_it_could_have_taken(served, fake):
    async def use(bridge, server):
        with pytest.raises(ProviderError, match="no answer within"):
            await bridge.chat("hi", max_tokens=100, timeout=0.05)
        server.received.clear()
        call = asyncio.ensure_future(bridge.chat("hi", max_tokens=100))
        await server.received.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return used(bridge)

    assert served([fake.stalled(), fake.stalled()], use, budget=Budget(tokens=1000)) == 2 * 118


def test_a_provider_that_refuses_or_is_not_there_costs_no_tokens(served, fake, llm, unused_url, monkeypatch):
    async def use(bridge, server):
        with pytest.raises(ProviderError):
            await bridge.chat("hi")
        monkeypatch.setenv("OPENAI_BASE_URL", unused_url)
        gone = llm(MODEL, budget=Budget(tokens=1000))
        with pytest.raises(ProviderError):
            await gone.chat("hi")
        await gone._calls.close()
        return used(bridge), used(gone), gone.usage()["requests"]

    assert served([fake.failure(400, "no")], use, budget=Budget(tokens=1000)) == (0, 0, 1)


def test_a_model_without_a_price_is_refused_with_the_cure_where_cost_is_bounded(served, fake):
    async def use(bridge, server):
        with pytest.raises(NoPrice) as caught:
            await bridge.chat("hi", model="openai:not-in-any-list")
        return caught.value, len(server.requests)

    error, requests = served([], use, budget=Budget(cost=1.0))

    assert error.kind == "budget"
    assert "setting 'prices'" in str(error)
    assert "'openai:not-in-any-list'" in str(error)
    assert requests == 0


def test_a_price_of_the_callers_own_is_what_is_counted(served, fake):
    async def use(bridge, server):
        for _ in range(9):
            await bridge.chat("hi", model="openai:not-in-any-list", max_tokens=10)

        return bridge.context.usage.cost

    prices = {"openai:not-in-any-list": {"input": 1000, "output": 2000}}
    with pytest.raises(BudgetSpent):
        served([fake.text("ok")] * 9, use, budget=Budget(cost=0.1), prices=prices)
    assert served([fake.text("ok")] * 9, use, budget=Budget(cost=1.0), prices=prices) == pytest.approx(9 * 0.025)


@pytest.mark.parametrize("price", [{"input": 1}, {"input": "1", "output": 1}, {"input": -1, "output": 1}, {}])
def test_a_price_that_is_none_is_named(llm, price):
    with pytest.raises(UsageError, match="'openai' needs input and output"):
        llm(prices={"openai": price})


def test_prices_are_looked_up_by_model_then_by_provider_then_in_the_list():
    prices = Prices({"gemini:pro": {"input": 1, "output": 2}, "corp": {"input": 3, "output": 4}})
    assert prices.cost("google:pro", 10**6, 10**6) == 3
    assert prices.cost("corp:any", 10**6, 10**6) == 7
    assert prices.cost("openai:gpt-4o-mini", 1000, 500) == pytest.approx(0.00045)
    assert prices.cost("other:any", 1, 1) is None
    assert prices.cost("ollama:any", 10**6, 10**6) == prices.cost("demo", 1, 1) == 0


def test_a_cost_is_estimated_for_prompts_conversations_and_tokens(llm, run):
    bridge = llm(prices={"openai": {"input": 1, "output": 2}})

    async def estimates():
        return [
            await bridge.cost_estimate("hello there", "openai:x"),
            await bridge.cost_estimate("hello there", "openai:x", max_tokens=10),
            await bridge.cost_estimate([ChatMessage("user", "hello there")], "openai:x"),
            await bridge.cost_estimate(TokenCounts(1_000_000, 500_000), "openai:x"),
            await bridge.cost_estimate("hello there"),
            await bridge.cost_estimate("hello there", "openai-compatible:x"),
        ]

    assert run(estimates()) == [2e-06, 22e-06, 2e-06, 2.0, 0.0, None]


def test_a_mock_spends_what_its_file_says(llm, run, tmp_path):
    path = tmp_path / "replies.yaml"
    path.write_text("replies: [a, b, c]\nusage: {input_tokens: 1, output_tokens: 1, cost: 0.25}")
    bridge = llm(f"mock:{path}", budget=Budget(cost=0.5))

    async def use():
        answers = [await bridge.chat("hi"), await bridge.chat("hi")]
        with pytest.raises(BudgetSpent):
            await bridge.chat("hi")
        return answers

    assert run(use()) == ["a", "b"]
    assert bridge.usage()["cost"] == 0.5


@pytest.mark.parametrize(
    ("failure", "attempt", "least", "most"),
    [
        (ProviderFailed("m", "server", "x", status=500), 0, 0.375, 0.5),
        (ProviderFailed("m", "network", "x"), 2, 1.5, 2),
        (ProviderFailed("m", "server", "x", status=500), 9, 6, 8),
        (ProviderFailed("m", "rate_limit", "x", status=429, retry_after=7.5), 0, 7.5, 7.5),
        (ProviderFailed("m", "bad_request", "x", status=409), 0, 0.375, 0.5),
    ],
)
def test_what_may_pass_is_tried_again_after_what_the_provider_asks_for(failure, attempt, least, most):
    assert least <= pause_before_retry(failure, attempt) <= most


@pytest.mark.parametrize(
    "failure",
    [
        ProviderFailed("m", "auth", "x", status=401),
        ProviderFailed("m", "quota", "x", status=429),
        ProviderFailed("m", "bad_request", "x", status=400),
        ProviderFailed("m", "rate_limit", "x", status=429, retry_after=61),
    ],
)
def test_what_stays_is_not_tried_again(failure):
    assert pause_before_retry(failure, 0) is None


def test_a_pause_beyond_the_timeout_is_not_waited_for(served, fake):
    async def use(bridge, server):
        with pytest.raises(ProviderError, match="busy"):
            await bridge.chat("hi", timeout=30)
        return len(server.requests)

    assert served([fake.failure(429, "busy", retry_after="40")], use, retries=3) == 1


def test_every_bridge_of_a_run_calls_models_from_the_same_purse(context, run):
    told = context(budget=Budget(requests=1))
    first, second = calls_of(told.of("llm")), calls_of(told.of("llm"))
    assert first is second


SPELLS = {
    "lua": """
        local kinds = {}
        for i = 1, 5 do
            local ok, e = pcall(llm.chat, "hi")
            kinds[i] = ok and "ok" or e.kind
        end
        local ok, e = pcall(llm.batch, {"a", "b"})
        local usage = llm.usage()
        return {kinds = table.concat(kinds, " "), batch = e.kind, data = e.data, left = usage.left, n = usage.requests,
                cost = llm.cost_estimate({input_tokens = 1000, output_tokens = 500}, "openai:gpt-4o-mini")}
    """,
    "js": """
        const kinds = []
        for (let i = 0; i < 5; i++) kinds.push(await llm.chat("hi").then(() => "ok", e => e.kind))
        const e = await llm.batch(["a", "b"]).catch(e => e)
        const usage = await llm.usage()
        return {kinds: kinds.join(" "), batch: e.kind, data: e.data, left: usage.left, n: usage.requests,
                cost: await llm.costEstimate({input_tokens: 1000, output_tokens: 500}, "openai:gpt-4o-mini")}
    """,
}


@pytest.mark.parametrize("engine", SPELLS)
def test_a_spell_that_catches_the_refusal_gets_no_further(fake, monkeypatch, engine):
    async def go():
        async with fake.FakeOpenAI(*[fake.text("ok")] * 9) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            async with Runner(model=MODEL, budget=Budget(requests=3, cost=1.0)) as runner:
                result = await runner.acast(SPELLS[engine], engine=engine)
                await server.all_closed()
            return result, len(server.requests)

    result, requests = asyncio.run(asyncio.wait_for(go(), 60))

    assert result.error is None, result.error
    assert requests == result.usage.requests == 3
    assert result.value == {
        "kinds": "ok ok ok budget budget",
        "batch": "budget",
        "data": {"what": "requests", "allowed": 3, "used": 3, "wanted": 1},
        "left": {"requests": 0, "cost": pytest.approx(1 - result.usage.cost)},
        "n": 3,
        "cost": pytest.approx(0.00045),
    }
    assert result.budget.requests == 0
