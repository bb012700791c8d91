"""Spells that spells cast: never with more than those have that cast them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.bridge import Bridge, Context, expose
from llmspell_core.budget import Budget
from llmspell_core.casts import prepare
from llmspell_core.children import DEEPEST, prepare_child
from llmspell_core.errors import Denied, LimitExceeded, RateLimited, UsageError
from llmspell_core.guard import Guard
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spells import Manifest, Spell
from llmspell_core.testing import FakeEngine

if TYPE_CHECKING:
    from llmspell_core.audit import AuditRecord
    from llmspell_core.guard import Question


class Door(Bridge):
    """Open doors."""

    name = "door"

    @expose(needs="door:{name}")
    def open(self, name: str) -> str:
        """Open a door."""
        self.context.purse.reserve(cost=0.5).settle(cost=0.5)
        return f"opened {name}"


class Spells(Bridge):
    """Cast spells, granting them whatever is asked for."""

    name = "spells"

    @expose
    async def cast(
        self,
        source: str,
        *,
        allow: list[str] | None = None,
        wall: float | None = None,
        rates: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Cast a spell."""
        more: dict[str, Any] = {} if allow is None else {"policy": Policy.strict().allow(*allow)}
        if wall is not None:
            more["limits"] = Limits(wall=wall, calls=10_000, memory=None)
        spell = Spell(source, manifest=Manifest(rates=rates or {}))
        result = await self.context.cast(spell, engine="fake", **more)
        self.context.shared.get("results", list).append(result)
        error = result.error
        return {"value": result.value, "kind": error and error.kind, "why": error and str(error), "run": result.run_id}


def spell(*lines: str) -> str:
    return "\n    ".join(("def main(params):", *lines))


def opens(*names: str) -> str:
    return spell(*(f"a = yield call('door', 'open', {name!r})" for name in names), "return a")


def casts(source: str, **options: Any) -> str:
    return spell(f"return (yield call('spells', 'cast', {source!r}, {options!r}))")


def run(source: str, **more: Any) -> Any:
    with Runner(
        engines={"fake": FakeEngine}, bridges={"door": Door, "spells": Spells}, isolation="inline", **more
    ) as runner:
        return runner.cast(source, engine="fake", run_id="run", seed=7)


# The operation


@pytest.mark.parametrize(
    ("one", "other", "allowed"),
    [
        (("net", "read:/tmp"), ("net:a.com", "env"), ["net:a.com:1"]),
        (("*",), ("net:a.com",), ["net:a.com:1"]),
        (("net:a.com",), ("*",), ["net:a.com:1"]),
        (("env:A*",), ("env:*B",), ["env:AB"]),
        ((), ("*",), []),
        (("*",), (), []),
    ],
)
def test_a_policy_within_another_allows_what_both_allow(one: Any, other: Any, allowed: list[str]) -> None:
    both = Policy.strict().allow(*one).within(Policy.strict().allow(*other))
    wanted = ("net:a.com:1", "net:b.com:1", "read:/tmp/x", "env:AB", "env:AX", "env:XB")
    assert [capability for capability in wanted if both.decide(capability).allowed] == allowed


def test_denials_of_both_hold_and_later_grants_do_not_reach_beyond() -> None:
    both = Policy.trusted().deny("env:A").within(Policy.trusted().deny("env:B").deny("read:/etc"))
    assert [both.decide(name).allowed for name in ("env:A", "env:B", "env:C")] == [False, False, True]
    assert both.denies_below("read", "/")
    assert not both.allow("env:B").decide("env:B").allowed
    assert not Policy.trusted().within(Policy.strict()).allow_exactly("env:B").decide("env:B").allowed
    assert Policy.trusted().within(both).within(Policy.trusted()).decide("env:B").rule == "deny env:B"


def test_what_is_named_has_to_be_named_by_both() -> None:
    wide, narrow = Policy.strict().allow("net:*"), Policy.strict().allow("net:10.0.0.8")
    assert not wide.within(narrow).names("net:10.0.0.8:80")
    assert not narrow.within(wide).names("net:10.0.0.8:80")
    assert Policy.trusted().within(narrow).names("net:10.0.0.8:80")


def test_a_policy_within_itself_is_itself() -> None:
    policy = Policy.standard()
    assert policy.within(policy) is policy


def test_the_model_of_the_run_is_filled_in_on_both_sides() -> None:
    policy = Policy.standard().within(Policy.standard()).within(Policy.standard().allow("env")).of_run("x:y")
    assert policy.decide("llm:x:y").allowed


# In a run


def test_a_child_has_what_its_caller_has() -> None:
    assert run(casts(opens("a")), policy=Policy.strict().allow("door:a")).value["value"] == "opened a"


@pytest.mark.parametrize("allow", [None, ["*"], ["door:b"], ["door"]])
def test_a_child_gets_nothing_that_its_caller_lacks(allow: list[str] | None) -> None:
    told = run(casts(opens("b"), allow=allow), policy=Policy.strict().allow("door:a")).value
    assert (told["kind"], "door.open needs 'door:b', which was not granted" in told["why"]) == ("denied", True)


def test_a_child_may_have_less_than_its_caller() -> None:
    policy = Policy.strict().allow("door")
    told = run(casts(opens("b"), allow=["door:a"]), policy=policy).value
    assert (told["kind"], "not granted by the spell that cast this one" in told["why"]) == ("denied", True)
    assert run(casts(opens("a"), allow=["door:a"]), policy=policy).value["value"] == "opened a"


def test_a_childs_child_has_no_more_than_both() -> None:
    inner = casts(opens("b"), allow=["*"])
    told = run(casts(inner, allow=["door:a"]), policy=Policy.trusted()).value["value"]
    assert told["kind"] == "denied"


def test_a_denial_of_the_caller_holds_for_the_child() -> None:
    told = run(casts(opens("b"), allow=["*"]), policy=Policy.trusted().deny("door:b")).value
    assert "refused by 'deny door:b'" in told["why"]


def test_children_share_the_rates_of_their_caller() -> None:
    policy = Policy.trusted().rate("door", 2, per=1e6)
    source = spell(
        f"one = yield call('spells', 'cast', {opens('a')!r})",
        f"two = yield call('spells', 'cast', {opens('a', 'a')!r})",
        "return [one['kind'], two['kind']]",
    )
    assert run(source, policy=policy).value == [None, RateLimited.kind]


def test_a_manifest_may_slow_its_own_spell() -> None:
    told = run(casts(opens("a", "a"), rates={"door": "1/h"}), policy=Policy.trusted()).value
    assert told["kind"] == "rate_limited"
    with Runner(
        engines={"fake": FakeEngine}, bridges={"door": Door}, policy=Policy.trusted(), isolation="inline"
    ) as runner:
        result = runner.cast(Spell(opens("a", "a"), manifest=Manifest(rates={"door:a": "1/h"})), engine="fake")
    assert isinstance(result.error, RateLimited)


def test_the_person_is_asked_for_what_the_first_run_lacks_and_not_for_what_a_child_was_denied() -> None:
    asked: list[Question] = []

    def ask(question: Question) -> Any:
        asked.append(question)
        return "always"

    source = spell(
        f"one = yield call('spells', 'cast', {opens('a', 'a')!r})",
        f"two = yield call('spells', 'cast', {opens('b')!r}, {{'allow': ['door:a']}})",
        "return [one['value'], two['kind'], (yield call('door', 'open', 'a'))]",
    )
    result = run(source, policy=Policy.strict(), ask=ask)
    assert result.value == ["opened a", "denied", "opened a"]
    assert [(question.run, question.capability) for question in asked] == [("run", "door:a")]


def test_an_answer_for_once_holds_for_one_call_of_a_child() -> None:
    answers = ["once", "deny"]
    told = run(casts(opens("a", "a")), policy=Policy.strict(), ask=lambda question: answers.pop(0)).value
    assert (told["kind"], answers) == ("denied", [])


def test_decisions_of_children_are_recorded_under_both_runs() -> None:
    records: list[AuditRecord] = []
    run(casts(opens("a", "b")), policy=Policy.strict().allow("door:a"), audit=records.append)
    assert [(row.run, row.caller, row.capability, row.allowed) for row in records] == [
        ("run.1.1", "run", "door:a", True),
        ("run.1.1", "run", "door:b", False),
    ]
    assert records[0].rule == "allow door:a"


def test_a_child_has_no_more_time_than_its_caller_has_left() -> None:
    waits = spell("yield call('host', 'sleep', 1000)")
    result = run(casts(waits, wall=500), limits=Limits(wall=0.2))
    assert (type(result.error), result.duration < 100) == (LimitExceeded, True)


def test_a_child_has_no_limit_above_its_callers() -> None:
    told = run(casts(opens("a", "a", "a"), wall=500), policy=Policy.trusted(), limits=Limits(calls=2)).value
    assert "limit calls of 2 was reached" in told["why"]


def test_spells_that_cast_themselves_come_to_an_end() -> None:
    source = opens("a")
    for _ in range(DEEPEST + 1):
        source = casts(source)
    result = run(source, policy=Policy.trusted())
    told, depth = result.value, 0
    while told["value"] is not None:
        told, depth = told["value"], depth + 1
    assert (depth, told["kind"]) == (DEEPEST - 1, "limit")


def test_what_a_child_spends_its_caller_has_spent() -> None:
    result = run(casts(opens("a", "a")), policy=Policy.trusted())
    assert (result.usage.requests, result.usage.cost) == (2, 1.0)


def test_children_and_their_children_spend_one_budget() -> None:
    source = casts(casts(opens("a", "a", "a")))
    result = run(source, policy=Policy.trusted(), budget=Budget(cost=1.25))
    assert result.usage.cost == 1.0
    assert "budget of 1.25 dollars" in result.value["value"]["why"]


def test_a_run_that_is_repeated_repeats_its_children() -> None:
    def child() -> tuple[str, int]:
        caller = prepare(
            "",
            {"engine": "fake", "seed": 7, "run_id": "r"},
            limits=Limits(),
            budget=Budget(),
            policy=Policy(),
            model=None,
        )
        made = [prepare_child(caller, Guard(Policy()), "", {"engine": "fake"}) for _ in range(2)]
        assert made[0].seed != made[1].seed
        return made[1].run_id, made[1].seed

    assert child() == child()


def test_without_a_run_nothing_can_be_cast() -> None:
    import asyncio

    with pytest.raises(UsageError, match="belongs to no run"):
        asyncio.run(Context("r", Spell("")).cast("x", engine="fake"))


def test_a_child_is_denied_by_the_class_of_its_error() -> None:
    with Runner(engines={"fake": FakeEngine}, bridges={"door": Door, "spells": Spells}, isolation="inline") as runner:
        runner.cast(casts(opens("a")), engine="fake")
        (result,) = runner.shared.get("results", list)
    assert isinstance(result.error, Denied)
