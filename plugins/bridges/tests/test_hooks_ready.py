"""Ready-made hooks as programs use them."""

from __future__ import annotations

import logging
import time

import pytest
from llmspell_bridges.hooks.audit import Audit
from llmspell_bridges.hooks.cache import Cache
from llmspell_bridges.hooks.cost_cap import CostCap
from llmspell_bridges.hooks.rate_limit import RateLimit
from llmspell_bridges.hooks.redact import Redact
from llmspell_bridges.hooks.retry import Retry
from llmspell_bridges.llm.models import Message, Reply, ToolCall

from llmspell_core.errors import BadArgument, BudgetSpent, Denied
from llmspell_core.points import Points
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner


class Clock:
    """A clock that goes when it is told to, and a sleep that does so."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Doing:
    """Does what is done at a point, and remembers with what."""

    def __init__(self, *results):
        self.results, self.seen = list(results), []

    async def __call__(self, arguments):
        self.seen.append(arguments)
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(result, Exception):
            raise result
        return result


def points(*hooks, run="r"):
    return Points(run, around=[hook.llmspell_around for hook in hooks])


def test_a_cache_answers_the_same_and_asks_for_what_is_not(run):
    clock, doing = Clock(), Doing(1, 2, 3, 4)
    cache = Cache("tool", seconds=10, clock=clock)

    async def use():
        at = points(cache)
        first = [await at.act("tool", "t", {"a": 1}, doing), await at.act("tool", "t", {"a": 1}, doing)]
        other = [await at.act("tool", "t", {"a": 2}, doing), await at.act("tool", "u", {"a": 1}, doing)]
        clock.now = 11
        return first, other, await at.act("tool", "t", {"a": 1}, doing)

    assert run(use()) == ([1, 1], [2, 3], 4)
    assert (cache.hits, cache.misses) == (1, 4)


def test_what_a_cache_keeps_takes_no_more_room_than_it_may(run):
    doing = Doing(*["x" * 400] * 4, "x" * 2000)
    at = points(Cache("tool", bytes=1000))

    async def use():
        for name in ("a", "b", "a", "b", "c", "c", "a", "long", "long"):
            await at.act("tool", name, {}, doing)

    run(use())
    # c put a out, and what is too long for all of the room put out nothing.
    assert len(doing.seen) == 6


def test_what_is_done_with_an_answer_of_a_cache_changes_none_that_it_gives_later(run):
    reply = Reply("", "m", tool_calls=(ToolCall("1", "t", {"a": [1]}),), cost=0.0)
    at = points(Cache())

    async def use():
        doing = Doing(reply)
        for _ in range(3):
            answer = await at.act("llm", "m", {"messages": []}, doing)
            answer.tool_calls[0].arguments["a"].append(2)
        return len(doing.seen), (await at.act("llm", "m", {"messages": []}, doing)).tool_calls[0].arguments

    assert run(use()) == (1, {"a": [1]})


def test_a_cache_keeps_no_failure_and_no_more_than_it_is_told(run):
    doing = Doing(ValueError("no"), 1, 2, 3)
    at = points(Cache("tool", most=1))

    async def use():
        with pytest.raises(ValueError, match="no"):
            await at.act("tool", "t", {}, doing)
        return [await at.act("tool", name, {}, doing) for name in ("t", "t", "u", "t")]

    assert run(use()) == [1, 1, 2, 3]


def test_a_cache_of_tools_answers_no_other_run_and_one_of_models_does(run):
    doing, cache = Doing(1, 2, 3), Cache(["tool", "llm"])

    async def use():
        ones = [await points(cache, run=name).act("tool", "t", {}, doing) for name in ("a", "b")]
        return ones, [await points(cache, run=name).act("llm", "m", {}, doing) for name in ("a", "b")]

    assert run(use()) == ([1, 2], [3, 3])


def test_a_cached_answer_of_a_model_costs_nothing_and_what_is_done_with_it_does_not_change_it(run):
    at = points(Cache())
    doing = Doing(Reply("hi", "m", input_tokens=5, output_tokens=6, cost=1.0))

    async def use():
        return await at.act("llm", "m", {}, doing), await at.act("llm", "m", {}, doing)

    first, second = run(use())
    assert (first.cost, first.cached) == (1.0, False)
    assert (second.text, second.cost, second.input_tokens, second.cached) == ("hi", 0.0, 0, True)


def test_a_cached_answer_of_a_model_is_no_way_around_the_policy():
    with Runner(isolation="inline", model="demo", options={"llm": {"demo_pause": 0}}, plugins=[Cache()]) as runner:
        assert runner.cast("return llm.chat('hi')", engine="lua").ok
        again = runner.cast("return llm.chat('hi')", engine="lua")
        refused = runner.cast("return llm.chat('hi')", engine="lua", policy=Policy.strict())
    assert again.usage.requests == 0
    assert refused.error.kind == "denied"


def test_a_rate_limit_refuses_with_the_time_to_wait(run):
    clock = Clock()
    at = points(RateLimit("llm", calls=2, per=10, clock=clock))

    async def use():
        for _ in range(2):
            await at.act("llm", "m", {}, Doing(1))
            clock.now += 4
        with pytest.raises(Denied) as refused:
            await at.act("llm", "m", {}, Doing(1))
        clock.now = 10
        return refused.value, await at.act("llm", "m", {}, Doing(1))

    refused, then = run(use())
    assert (refused.kind, refused.data, then) == ("rate_limited", {"calls": 2, "per": 10, "retry_after": 2.0}, 1)


def test_a_rate_limit_that_waits_lets_each_have_its_turn(run):
    clock = Clock()
    at = points(RateLimit("llm", calls=1, per=10, wait=True, clock=clock, sleep=clock.sleep))

    async def use():
        return [await at.act("llm", "m", {}, Doing(n)) for n in range(3)]

    assert run(use()) == [0, 1, 2]
    assert clock.slept == [10.0, 10.0]


@pytest.mark.parametrize("waits", [True, False])
def test_a_rate_limit_knows_when_a_run_did_what_it_goes_on_from_and_does_not_wait_for_it(run, waits):
    clock, now = Clock(), time.time()
    at = points(RateLimit("tool", calls=2, per=60, wait=waits, clock=clock, sleep=clock.sleep))

    async def use():
        for ago in (90, 89, 29):
            at.past = lambda ago=ago: now - ago
            await at.act("tool", "t", {}, Doing(1))
        at.past = lambda: None
        assert clock.slept == []
        return [await at.act("tool", "t", {}, Doing(1)) for _ in range(2)]

    if waits:
        assert run(use()) == [1, 1]
        assert clock.slept == [pytest.approx(31, abs=5)]
        return
    with pytest.raises(Denied) as refused:
        run(use())
    assert refused.value.data["retry_after"] == pytest.approx(31, abs=5)


def test_what_a_run_tried_again_before_it_goes_on_is_not_waited_for(run):
    clock, doing = Clock(), Doing(TimeoutError(), TimeoutError(), "done")
    at = points(Retry(attempts=3, delay=2, sleep=clock.sleep))
    at.past = time.time
    assert run(at.act("tool", "t", {}, doing)) == "done"
    assert clock.slept == []


def test_a_delay_that_doubles_very_often_is_still_a_number(run):
    clock, doing = Clock(), Doing(TimeoutError())
    with pytest.raises(TimeoutError):
        run(points(Retry(attempts=1100, delay=0.5, sleep=clock.sleep)).act("tool", "t", {}, doing))
    assert (len(doing.seen), clock.slept[:3]) == (1100, [0.5, 1.0, 2.0])


def test_a_retry_tries_again_what_is_worth_it_with_longer_and_longer_pauses(run):
    clock, doing = Clock(), Doing(TimeoutError(), TimeoutError(), "done")
    at = points(Retry(attempts=3, delay=2, sleep=clock.sleep))
    assert run(at.act("tool", "t", {}, doing)) == "done"
    assert clock.slept == [2, 4]


@pytest.mark.parametrize("error", [Denied("no"), BudgetSpent("requests", 1, 1, 1), ValueError("wrong")])
def test_a_retry_leaves_what_will_not_change(run, error):
    clock, doing = Clock(), Doing(error)
    with pytest.raises(type(error)):
        run(points(Retry(kinds=["timeout", "denied", "budget"], sleep=clock.sleep)).act("tool", "t", {}, doing))
    assert len(doing.seen) == 1


def test_a_retry_gives_up_with_the_last_error(run):
    clock, doing = Clock(), Doing(TimeoutError("1"), TimeoutError("2"), TimeoutError("3"))
    with pytest.raises(TimeoutError, match="2"):
        run(points(Retry(attempts=2, sleep=clock.sleep)).act("tool", "t", {}, doing))


def test_a_cost_cap_refuses_what_comes_after_it_is_reached(run):
    cap = CostCap(1.0)
    at = points(cap)

    async def paid(arguments):
        at.note(cost=0.6)

    async def use():
        await at.act("llm", "m", {}, paid)
        await at.act("llm", "m", {}, paid)
        with pytest.raises(BudgetSpent, match="caps the cost at 1 dollars"):
            await at.act("llm", "m", {}, paid)

    run(use())
    assert cap.spent == pytest.approx(1.2)


def test_a_cost_cap_refuses_everything_once_a_price_is_unknown(run):
    at = points(CostCap(1.0))

    async def unknown(arguments):
        at.note(cost=None)

    async def use():
        await at.act("llm", "m", {}, unknown)
        with pytest.raises(BudgetSpent, match="the price of m is unknown"):
            await at.act("llm", "m", {}, unknown)

    run(use())


def test_a_redaction_reaches_messages_answers_and_what_tools_are_called_with(run):
    call = ToolCall("1", "send", {"to": "you@example.com", "n": 1})
    doing = Doing(Reply("ask me@example.com", "m", (call,)))
    asked = [Message("user", "I am me@example.com"), Message("tool", "4111 1111 1111 1111", tool_call=call)]
    at = points(Redact())
    reply = run(at.act("llm", "m", {"messages": asked, "options": {"model": "a@b.example"}}, doing))
    assert reply == Reply("ask [email]", "m", (ToolCall("1", "send", {"to": "[email]", "n": 1}),))
    first, second = doing.seen[0]["messages"]
    assert (first.content, second.content, second.tool_call.arguments["to"]) == (
        "I am [email]",
        "[credit_card]",
        "[email]",
    )
    assert doing.seen[0]["options"] == {"model": "a@b.example"}


def test_an_audit_tells_what_was_done_and_never_with_what(run):
    told = []
    at = points(Audit(told.append))

    async def use():
        await at.act("tool", "t", {"password": "swordfish"}, Doing("swordfish"))
        with pytest.raises(Denied):
            await at.act("tool", "t", {}, Doing(Denied("no")))

    run(use())
    assert [(record["name"], record["number"], record["outcome"]) for record in told] == [
        ("t", 1, "ok"),
        ("t", 2, "denied"),
    ]
    assert "swordfish" not in repr(told)


def test_an_audit_that_cannot_write_changes_nothing(run, caplog):
    def write(record):
        raise OSError("the disk is full")

    with caplog.at_level(logging.ERROR):
        assert run(points(Audit(write)).act("tool", "t", {}, Doing(1))) == 1
    assert "the audit of tool t failed" in caplog.text


@pytest.mark.parametrize(
    "make",
    [
        lambda: RateLimit(calls=0),
        lambda: RateLimit(calls=1, per=0),
        lambda: Retry(attempts=0),
        lambda: CostCap(-1),
        lambda: CostCap(float("nan")),
        lambda: Cache(most=0),
        lambda: Cache(seconds=-1),
    ],
)
def test_numbers_that_make_no_sense_are_refused(make):
    with pytest.raises(BadArgument):
        make()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Redact("lmm"), r"hooks.redact: option 'point': there is no point 'lmm'; did you mean 'llm'\?"),
        (lambda: RateLimit(["llm", "tools:*"], calls=1), r"hooks.rate_limit: .*'tools'; did you mean 'tool'\?"),
        (
            lambda: Redact(words="Project X"),
            r"hooks.redact: option 'words': must be a list of texts, not text 'Project X'",
        ),
        (lambda: Redact(kinds="email"), r"hooks.redact: option 'kinds': must be a list of texts"),
        (
            lambda: Redact(kinds=["mail"]),
            r"hooks.redact: option 'kinds': has 'mail', which is unknown; did you mean 'email'\?",
        ),
        (lambda: Retry(kinds="timeout"), r"hooks.retry: option 'kinds': must be a list of texts"),
    ],
)
def test_what_would_match_nothing_is_refused(make, said):
    with pytest.raises(BadArgument, match=said):
        make()


def test_ready_made_hooks_stand_together_in_a_runner():
    told, cap = [], CostCap(10)
    hooks = [cap, Retry("llm"), RateLimit("llm", calls=5), Cache("llm"), Redact("llm"), Audit(told.append, "llm")]
    with Runner(isolation="inline", model="demo", options={"llm": {"demo_pause": 0}}, plugins=hooks) as runner:
        result = runner.cast("return llm.chat('me@example.com') == llm.chat('me@example.com')", engine="lua")
    assert result.unwrap() is True
    assert result.usage.requests == 1
    # The last one stands furthest out, as with all plugins, so it sees the second answer too.
    assert [record["outcome"] for record in told] == ["ok", "ok"]
