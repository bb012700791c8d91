"""What a run may spend: the purse by itself, and through the runner and the command line."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, expose
from llmspell_core.budget import Budget, Purse
from llmspell_core.errors import BudgetSpent, ManifestError, UsageError
from llmspell_core.manifests import read
from llmspell_core.runner import Runner
from llmspell_core.spells import Manifest, Spell


def test_an_empty_budget_bounds_nothing() -> None:
    purse = Purse()
    purse.reserve(1000, 10**9, 10**9, 1e9).settle(10**9, 10**9, None)
    assert purse.left() == Budget()
    assert not purse.is_bounded


@pytest.mark.parametrize(
    ("budget", "wish"),
    [(Budget(requests=2), (3,)), (Budget(tokens=10), (1, 6, 5)), (Budget(cost=0.5), (1, 0, 0, 0.51))],
)
def test_a_call_that_would_pass_the_budget_is_refused_and_counts_nothing(budget: Budget, wish: Any) -> None:
    purse = Purse(budget)
    with pytest.raises(BudgetSpent) as caught:
        purse.reserve(*wish)
    assert caught.value.kind == "budget"
    assert caught.value.data["used"] == 0
    assert caught.value.data["wanted"] > caught.value.data["allowed"]
    assert f"--max-{caught.value.what}" in str(caught.value)
    assert purse.usage.requests == 0
    assert purse.left() == budget


def test_what_is_set_aside_is_not_there_for_others_until_it_is_settled() -> None:
    purse = Purse(Budget(requests=5, tokens=100, cost=1.0))
    first = purse.reserve(1, 40, 40, 0.75)
    assert purse.left() == Budget(4, 20, 0.25)
    with pytest.raises(BudgetSpent, match="set aside"):
        purse.reserve(1, 0, 30)
    first.settle(10, 5, 0.25)
    assert purse.left() == Budget(4, 85, 0.75)
    first.settle(10, 5, 0.25)
    assert purse.usage.as_dict() == {"requests": 1, "input_tokens": 10, "output_tokens": 5, "cost": 0.25}


def test_a_call_that_is_cut_off_counts_all_that_it_could_have_taken() -> None:
    purse = Purse(Budget(tokens=100))
    with pytest.raises(KeyboardInterrupt), purse.reserve(1, 20, 30, 0.0):
        raise KeyboardInterrupt
    assert purse.left().tokens == 50


def test_a_cost_that_nobody_knows_is_refused_where_cost_is_bounded() -> None:
    with pytest.raises(BudgetSpent, match="unknown"):
        Purse(Budget(cost=1.0)).reserve(cost=None)
    free = Purse(Budget(tokens=5))
    free.reserve(1, 1, 1, None).settle(1, 1, None)
    assert free.usage.cost is None


def test_an_answer_without_a_cost_counts_what_was_set_aside() -> None:
    purse = Purse(Budget(cost=1.0))
    purse.reserve(1, 1, 1, 0.25).settle(1, 1, None)
    assert purse.left().cost == 0.75


def test_a_child_spends_its_callers_budget_as_well_as_its_own() -> None:
    caller = Purse(Budget(requests=3))
    child = Purse(Budget(requests=2, tokens=10), caller)
    grandchild = Purse(Budget(requests=9), child)
    grandchild.reserve(1, 3).settle(3)
    assert (child.usage.requests, caller.usage.requests) == (1, 1)
    assert grandchild.left() == Budget(1, 7)
    child.reserve().settle()
    with pytest.raises(BudgetSpent) as caught:
        grandchild.reserve()
    assert caught.value.allowed == 2
    caller.reserve().settle()
    with pytest.raises(BudgetSpent):
        caller.reserve()
    assert caller.usage.requests == 3


def test_a_share_pays_for_what_is_done_inside_and_its_purse_pays_as_well() -> None:
    run = Purse(Budget(requests=10))
    with run.share(Budget(requests=5)) as outer, run.share(Budget(requests=2)) as inner:
        assert run.paying() is inner
        run.paying().reserve().settle(1, 1)
        child = Purse(Budget(requests=1), run.paying())
        assert child.paying() is child
        child.paying().reserve().settle(1, 1)
        with pytest.raises(BudgetSpent):
            run.paying().reserve()
        assert Purse().paying().left() == Budget()
    assert run.paying() is run
    assert [purse.usage.requests for purse in (run, outer, inner, child)] == [2, 2, 2, 1]


def test_a_sibling_sees_what_another_child_has_set_aside() -> None:
    caller = Purse(Budget(tokens=10))
    held = Purse(caller=caller).reserve(1, 8)
    with pytest.raises(BudgetSpent):
        Purse(caller=caller).reserve(1, 3)
    held.settle(1)
    Purse(caller=caller).reserve(1, 9).settle(9)
    assert caller.left().tokens == 0


def test_waiting_ends_when_a_brief_call_is_settled_and_is_refused_when_there_is_none() -> None:
    async def go() -> list[Any]:
        purse = Purse(Budget(tokens=10))
        long = purse.reserve(1, 4)
        alone = await purse.freed()
        brief = Purse(caller=purse).reserve(1, 4, brief=True)
        waiting = [asyncio.ensure_future(purse.freed()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        before = [task.done() for task in waiting]
        brief.settle(1)
        after = await asyncio.gather(*waiting[1:])
        long.settle()
        return [alone, before[1:], after]

    assert asyncio.run(asyncio.wait_for(go(), 60)) == [False, [False, False], [True, True]]


def test_the_lower_of_two_budgets_holds() -> None:
    assert Budget(5, None, 0.0).lowered(Budget(None, 7, 2.0)) == Budget(5, 7, 0.0)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"request": 1}, "did you mean 'requests'"),
        ({"requests": -1}, "from 0 upwards"),
        ({"tokens": 1.5}, "from 0 upwards"),
        ({"cost": float("nan")}, "from 0 upwards"),
        ({"requests": True}, "from 0 upwards"),
    ],
)
def test_a_budget_that_is_none_is_refused(fields: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        Budget.of(fields)


def test_a_manifest_names_the_field_that_is_wrong() -> None:
    assert read("budget: {requests: 2, cost: 0.5}", "spell.yaml").budget == {"requests": 2, "cost": 0.5}
    with pytest.raises(ManifestError, match=r"spell.yaml: .*requests"):
        read("budget: {requests: -2}", "spell.yaml")
    with pytest.raises(ManifestError, match="budget"):
        read("budget: {dollars: 2}", "spell.yaml")


class Spender(Bridge):
    """Spend what is asked for."""

    name = "spender"

    @expose
    def spend(self, requests: int = 1) -> None:
        """Spend requests of four tokens and a tenth of a dollar."""
        self.context.purse.reserve(requests, 2, 2, 0.125).settle(2, 2, 0.125)


GREEDY = """
def main(params):
    for i in range(4):
        try:
            yield call('spender', 'spend')
        except Exception as error:
            show(error.kind)
    yield call('spender', 'spend')
"""


@pytest.fixture
def spend(engines: Any) -> Any:
    """Cast the spell that catches every refusal and goes on, with a budget of the runner, the cast, the manifest."""

    def go(budget: Budget | None = None, own: Budget | None = None, asked: Any = None) -> Any:
        spell = Spell(GREEDY, "greedy.fake", Manifest(budget=asked))
        with Runner(bridges={"spender": Spender}, engines=engines, budget=budget) as runner:
            return runner.cast(spell, engine="fake", budget=own)

    return go


def test_a_spell_that_catches_the_refusal_is_refused_again(spend: Any) -> None:
    result = spend(Budget(requests=2))
    assert result.output == "budget\n" * 2
    assert (result.error.kind, type(result.error)) == ("budget", BudgetSpent)
    assert result.error.data == {"what": "requests", "allowed": 2, "used": 2, "wanted": 1}
    assert result.usage.requests == 2
    assert result.budget == Budget(requests=0)


def test_what_is_left_is_told_with_every_result(spend: Any) -> None:
    assert spend().budget == Budget()
    assert spend(Budget(tokens=100, cost=1.0)).budget == Budget(None, 80, 0.375)


def test_a_cast_has_its_own_budget_and_a_manifest_only_lowers_it(spend: Any) -> None:
    assert spend(Budget(requests=1), Budget(requests=9)).usage.requests == 5
    assert spend(Budget(requests=9), asked={"requests": 3}).usage.requests == 3
    assert spend(Budget(requests=3), asked={"requests": 9}).usage.requests == 3
    assert spend(asked={"tokens": 8}).usage.requests == 2


def test_each_cast_begins_with_a_full_purse(engines: Any) -> None:
    with Runner(bridges={"spender": Spender}, engines=engines, budget=Budget(requests=5)) as runner:
        results = [runner.cast(GREEDY, engine="fake") for _ in range(2)]
    assert [result.ok for result in results] == [True, True]


class Keeper(Bridge):
    """Keep something that all bridges of a run have in common."""

    name = "keeper"

    @expose
    def keep(self) -> None:
        """Keep two things, the second made of the first."""
        first = self.context.run.get("first", lambda: Closing("first", self.context.shared))
        self.context.run.get("second", lambda: Closing("second", self.context.shared))
        assert self.context.run.get("first", object) is first
        self.context.run.get("gone", lambda: Closing("gone", self.context.shared))
        self.context.run.remove("gone")
        assert self.context.run.remove("gone") is None

    async def close(self) -> None:
        self.context.shared.get("closed", list).append(self.name)


class Closing:
    """Notes that it is closed."""

    def __init__(self, name: str, shared: Any) -> None:
        self._name, self._closed = name, shared.get("closed", list)

    async def close(self) -> None:
        self._closed.append(self._name)


class Other(Keeper):
    """Another bridge of the same run."""

    name = "other"


def test_what_bridges_of_a_run_have_in_common_is_closed_after_them_the_newest_first(engines: Any) -> None:
    spell = "def main(params):\n    yield call('keeper', 'keep')\n    yield call('other', 'keep')"
    with Runner(bridges={"keeper": Keeper, "other": Other}, engines=engines) as runner:
        for _ in range(2):
            runner.cast(spell, engine="fake").unwrap()
        closed = runner.shared.remove("closed")
    assert closed == ["keeper", "other", "second", "first"] * 2


def test_a_bridge_is_told_of_another_as_that_one_is(engines: Any) -> None:
    told = []

    class Curious(Bridge):
        """Look at what another is told."""

        name = "curious"

        @expose
        def look(self) -> None:
            """Look."""
            other = self.context.of("other")
            assert other.purse is self.context.purse
            told.append((dict(self.context.options), dict(other.options), other.bridge))

    class Other(Curious):
        """Is looked at."""

        name = "other"

    options = {"curious": {"a": 1}, "other": {"b": 2}}
    with Runner(bridges={"curious": Curious, "other": Other}, engines=engines, options=options) as runner:
        runner.cast("def main(params):\n    yield call('curious', 'look')", engine="fake").unwrap()
    assert told == [({"a": 1}, {"b": 2}, "other")]
