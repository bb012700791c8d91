"""The bridge workflow: order, merging, retries, timeouts, undoing, pausing, approvals, bounds."""

from __future__ import annotations

import asyncio

import pytest
from llmspell_bridges.tools.bridge import ToolsBridge
from llmspell_bridges.workflow.bridge import WorkflowBridge
from llmspell_bridges.workflow.failures import (
    BadDefinition,
    Busy,
    CannotExport,
    NotRunning,
    WorkflowCancelled,
    WorkflowFailed,
    WorkflowWaits,
)
from llmspell_bridges.workflow.home import home_of

from llmspell_core.bridge import Context
from llmspell_core.budget import Budget, Purse
from llmspell_core.errors import BudgetSpent, CallError, LimitExceeded
from llmspell_core.guard import Guard
from llmspell_core.points import Points
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell


class Probe:
    """Functions for steps, which note what is done, and how much of it at once."""

    def __init__(self, function):
        self._function = function
        self.done = []
        self.inside = self.peak = 0
        self.cancelled = []
        self.meet = None

    def step(self, name, made=None, **more):
        def run(given, about):
            self.done.append(name)
            return given if made is None else made

        return {"name": name, "run": self._function(run), **more}

    def failing(self, name, times=10**6, **more):
        """Fails so many times, then returns how often it was tried."""
        tried = []

        def run(given, about):
            tried.append(1)
            self.done.append(name)
            if len(tried) <= times:
                raise CallError(f"{name} is broken")
            return len(tried)

        return {"name": name, "run": self._function(run), **more}

    def together(self, name, parties, **more):
        """Ends when so many are inside at the same time."""
        self.meet = self.meet or asyncio.Event()

        async def run(given, about):
            self.inside += 1
            self.peak = max(self.peak, self.inside)
            if self.inside >= parties:
                self.meet.set()
            await self.meet.wait()
            self.inside -= 1
            return name

        return {"name": name, "run": self._function(run), **more}

    def hanging(self, name, **more):
        async def run(given, about):
            self.done.append(name)
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.append(name)

        return {"name": name, "run": self._function(run), **more}

    def undo(self, name):
        return self._function(lambda output, about: self.done.append(f"undo {name} {output}"))


@pytest.fixture
def probe(function):
    return Probe(function)


@pytest.fixture
def bridge(context):
    return WorkflowBridge(context())


@pytest.fixture
def go(bridge, run):
    """Create a workflow of steps and run it."""

    def go(steps, given=None, **options):
        async def whole():
            made = await bridge.create("w", steps, **options)
            return await made.run(given)

        return run(whole())

    return go


async def until(holds):
    while not holds():  # noqa: ASYNC110 - turns of the loop are waited for, not a time
        await asyncio.sleep(0)


def failure(go, steps, given=None, **options):
    with pytest.raises(WorkflowFailed) as caught:
        go(steps, given, **options)
    return caught.value


# Definitions


@pytest.mark.parametrize(
    ("steps", "path", "problem"),
    [
        ([], "steps", "must be a list of steps, at least one, not none"),
        ({}, "steps", "must be a list of steps, at least one, not none"),
        (["x"], "steps[0]", "must be a step"),
        ([{}], "steps[0]", "must have exactly one of run, llm, tool"),
        ([{"tool": "x", "wait": 1}], "steps[0]", "must have exactly one of"),
        (
            [{"wait": 0}, {"wait": 0}, {"tool": "x", "retry": {"attempts": "x"}}],
            "steps[2].retry.attempts",
            "must be an",
        ),
        ([{"tool": "x", "retry": {"attempt": 3}}], "steps[0].retry.attempt", "is not known; did you mean 'attempts'?"),
        ([{"tool": "x", "retry": True}], "steps[0].retry", "must be a number of attempts"),
        ([{"tool": "x", "tiemout": 3}], "steps[0].tiemout", "is not known; did you mean 'timeout'?"),
        ([{"tool": "x", "timeout": 0}], "steps[0].timeout", "must be a number from 0.001"),
        ([{"tool": 5}], "steps[0].tool", "must be text of 1 to"),
        (
            [{"parallel": [{"wait": 0}, {"loop": {"wait": -1}, "max": 2}]}],
            "steps[0].parallel[1].loop.wait",
            "must be a num",
        ),
        (
            [{"parallel": [{"wait": 0}], "merge": "best"}],
            "steps[0].parallel.merge"[:8] + ".merge",
            "must be one of all",
        ),
        ([{"loop": {"wait": 0}}], "steps[0].loop", "must say when it ends: while, until or max"),
        ([{"conditional": [{"wait": 0}]}], "steps[0].conditional[0]", "must have `when`"),
        ([{"name": "a", "wait": 0}, {"name": "a", "wait": 0}], "steps[1].name", "'a' is the name of steps[0] too"),
        ([{"llm": "{{imput.x}}"}], "steps[0].llm", "'imput' is nothing that a step sees; did you mean 'input'?"),
        ([{"tool": "x", "args": {"a": ["{{no}}"]}}], "steps[0].args.a[0]", "'no' is nothing that a step sees"),
        ([{"run": "nobody"}], "steps[0].run", "must be a function, or the name of one that was registered"),
        ([{"workflow": "nobody"}], "steps[0].workflow", "must be a workflow, its name or its definition"),
        ([{"wait": 0, "when": 5}], "steps[0].when", "must be a function, or a JMESPath query"),
        ([{"wait": 0, "on_error": "maybe"}], "steps[0].on_error", "must be 'fail', 'continue', a function or a step"),
        ([{"wait": 0, "on_error": {"tool": 1}}], "steps[0].on_error.tool", "must be text"),
        ([{"wait": 0, "compensate": [{"wait": "x", "save": 1}]}], "steps[0].compensate[0].save", "must be text"),
        ([{"wait": 0, "breaker": {"threshold": 0}}], "steps[0].breaker.threshold", "must be an integer from 1"),
        ([{"spell": {"source": "x"}}], "steps[0].spell.engine", "is missing"),
        ([{"approval": "x", "by": "me"}], "steps[0].by", "must be one of anyone, person, script"),
        ([{"llm": "x", "schema": {"type": "strnig"}}], "steps[0].schema", "$.type"),
        ([{"workflow": {"steps": [{"wait": "x", "bad": 1}]}}], "steps[0].workflow.steps[0].bad", "is not known"),
    ],
)
def test_what_is_wrong_in_a_definition_is_told_with_its_path(bridge, run, steps, path, problem):
    with pytest.raises(BadDefinition) as caught:
        run(bridge.create("w", steps))
    assert caught.value.kind == "argument"
    errors = {each["path"]: each["message"] for each in caught.value.data["errors"]}
    assert path in errors, errors
    assert problem in errors[path]
    assert not run(bridge.validate({"steps": steps}))["valid"]
    assert home_of(bridge.context).workflows == {}


def test_every_fault_of_a_definition_is_told(bridge, run):
    with pytest.raises(BadDefinition, match=r"steps\[0\]\.x: .*; steps\[1\]\.y: ") as caught:
        run(bridge.create("w", [{"wait": 0, "x": 1}, {"wait": 0, "y": 1}]))
    assert len(caught.value.faults) == 2


def test_names_may_be_written_as_any_language_writes_them(bridge, run):
    steps = [
        {"parallel": [{"wait": 0}], "maxConcurrent": 2, "onFailure": "continue"},
        {"loop": {"wait": 0}, "while_": False},
    ]
    assert run(bridge.validate({"steps": steps})) == {"valid": True, "errors": []}


def test_workflows_in_workflows_count_with_all_their_steps(bridge, run):
    async def grow():
        made = await bridge.create("w0", [{"wait": 0}] * 10)
        for n in range(1, 10):
            made = await bridge.create(f"w{n}", [{"workflow": made}, {"workflow": f"w{n - 1}"}])

    with pytest.raises(BadDefinition, match=r"is the step too much: a workflow has at most 1000"):
        run(grow())


def test_settings_lower_the_bounds(run):
    narrow = Context("r", Spell(""), settings={"workflow": {"max_size": 2, "max_steps": 5}})
    bridge = WorkflowBridge(narrow)
    with pytest.raises(BadDefinition, match="at most 2"):
        run(bridge.create("w", [{"wait": 0}] * 3))

    async def spin():
        await (await bridge.create("w", {"loop": {"wait": 0}, "max": 100})).run()

    with pytest.raises(LimitExceeded, match="more than 5 steps"):
        run(spin())


@pytest.fixture
def tight():
    """Make the bridge of a run whose steps may make 10,000 bytes together."""
    return WorkflowBridge(Context("r", Spell(""), settings={"workflow": {"max_bytes": 10_000}}))


def test_what_steps_make_takes_no_more_room_than_it_may(tight, run, function):
    async def story():
        made = await tight.create("w", {"map": function(lambda given, about: "x" * 1000)})
        with pytest.raises(LimitExceeded, match="more than 10000 bytes; return less of it"):
            await made.run([1] * 20)
        return made.status()["error"]["kind"]

    assert run(story()) == "limit"


def test_what_was_made_before_gives_its_room_back(tight, run, function):
    large = function(lambda given, about: "x" * 1000)

    async def story():
        made = await tight.create("w", [{"sequence": [large] * 6}, {"wait": 0}])
        for _ in range(3):
            await made.run()
        for _ in range(3):
            tight.remove("w")
            made = await tight.create("w", [large] * 6)
            await made.run()
        inside = {"workflow": [large, large, {"wait": 0, "input": "{{input.no}}"}], "on_error": "continue"}
        await made.rollback(0)
        again = await tight.create("again", [inside] * 10)
        await again.run()

    run(story())


def test_what_the_spell_writes_into_the_state_takes_room(tight, run):
    async def story():
        made = await tight.create("w", {"wait": 0})
        await made.run()
        with pytest.raises(LimitExceeded, match="10000 bytes"):  # noqa: PT012 - which is one too many is not told here
            for i in range(20):
                made.state({"v": f"{i}" * 1000})

    run(story())


# Order and data


def test_each_step_gets_what_the_one_before_made_and_sees_the_others(go, function):
    def look(given, about):
        return {"given": given, **about}

    seen = go(
        [
            {"name": "a", "run": function(lambda n, about: n + 1), "save": "first"},
            {"name": "b", "run": function(lambda n, about: [n, n]), "input": "{{steps.a}}"},
            {"name": "c", "run": function(look), "input": {"x": "{{input.1}}", "y": "n is {{state.first}}"}},
        ],
        1,
    )
    assert seen == {
        "given": {"x": 2, "y": "n is 2"},
        "input": {"x": 2, "y": "n is 2"},
        "start": 1,
        "steps": {"a": 2, "b": [2, 2]},
        "state": {"first": 2},
        "params": {},
        "step": "c",
        "workflow": "w",
    }


@pytest.mark.parametrize("source", ["{{input}} " * 70, ["{{input}}"] * 70, {f"k{i}": "{{input.0}}" for i in range(70)}])
def test_what_stands_in_the_places_of_a_step_is_bounded(go, function, source):
    echo = {"run": function(lambda given, about: len(given)), "input": source}
    assert go([echo], ["x" * 1000]) >= 70
    with pytest.raises(LimitExceeded, match="more than 67108864 bytes; hand on less"):
        go([echo], ["x" * 2**20])


def test_what_the_parameters_of_a_template_come_to_is_bounded(bridge, run):
    steps = [{"wait": 0, "input": ["{{params.p}}"] * 70}]
    bridge.template("t", {"parameters": {"p": {}}, "steps": steps})
    run(bridge.from_template("t", {"p": "x" * 1000}))
    with pytest.raises(LimitExceeded, match="more than 67108864 bytes"):
        run(bridge.from_template("t", {"p": "x" * 2**20}))


def test_a_value_brings_no_places_of_its_own(go, function):
    echo = {"run": function(lambda given, about: given)}
    assert go([{**echo, "input": ["say {{input}}", "\\{{input}}"]}], "{{start}}") == ["say {{start}}", "{{input}}"]


def test_a_place_for_what_is_not_there_fails_the_step(go):
    error = failure(go, [{"name": "a", "llm": "{{input.x}}"}], {"y": 1})
    assert (error.data["step"], error.data["kind"]) == ("a", "template")


@pytest.mark.parametrize(("n", "word"), [(5, "big"), (-5, "small"), (0, 0)])
def test_the_first_case_that_holds_is_taken(go, probe, n, word):
    steps = {
        "conditional": [
            {"when": "input > `1`", **probe.step("big", "big")},
            {"when": "input < `0`", "then": [probe.step("one", "x"), probe.step("small", "small")]},
        ]
    }
    assert go(steps, n) == word
    assert probe.done == {5: ["big"], -5: ["one", "small"], 0: []}[n]


def test_a_step_whose_condition_does_not_hold_passes_its_input_on(go, probe, function):
    skipped = probe.step("a", "made", when=function(lambda given, about: given > 5))
    assert go([skipped, probe.step("b")], 1) == 1
    assert probe.done == ["b"]


def test_a_loop_goes_round_while_it_should(go, function):
    more = {"run": function(lambda n, about: n + about["number"])}
    under_ten = function(lambda n, about: n < 10)
    assert go({"loop": more, "while": under_ten}, 0) == 10
    assert go({"loop": more, "until": "input >= `3`", "collect": True}, 0) == [1, 3]
    assert go({"loop": more, "max": 3}, 0) == 6
    assert go({"loop": more, "while": False}, 7) == 7


def test_a_loop_that_says_no_most_is_ended(go, function):
    error = failure(go, {"name": "l", "loop": {"run": function(lambda n, about: n)}, "while": True})
    assert error.data["kind"] == "loop"
    assert error.data["message"] == "the loop 'l' has gone round 1000 times; say how often it may with max"


def test_a_map_keeps_the_order_and_marks_what_fails(go, function):
    def halve(n, about):
        if n % 2:
            raise CallError("odd")
        return n // 2

    each = {"map": {"run": function(halve)}, "on_failure": "continue"}
    odd = {"ok": False, "error": {"kind": "call", "message": "odd", "data": None}}
    assert go(each, [4, 3, 2]) == [2, odd, 1]
    assert go({**each, "over": "{{start.list}}"}, {"list": [8]}) == [4]
    assert go(each, []) == []
    assert "goes through a list, not map" in failure(go, {**each, "name": "m"}, {}).data["message"]


def test_another_workflow_sees_only_its_own(go, bridge, run, function):
    def inner(given, about):
        return [*sorted(about["steps"]), about["start"], about["params"]]

    made = run(bridge.create("in", [{"name": "x", "run": function(inner)}], parameters={"p": {"default": 3}}))
    assert go([{"name": "a", "wait": 0}, {"workflow": made}], 1) == [1, {"p": 3}]
    assert go([{"workflow": "in", "params": {"p": "{{input}}"}}], 1) == [1, {"p": 1}]
    assert go([{"workflow": [{"run": function(inner)}]}], 1) == [1, {}]


def test_parameters_are_checked_and_completed(bridge, run):
    made = run(bridge.create("w", [{"wait": "{{params.s}}"}], parameters={"s": {"type": "number", "required": True}}))
    with pytest.raises(CallError, match=r"\$\.s: is missing"):
        run(made.run())
    with pytest.raises(CallError, match=r"\$\.s: must be a number"):
        run(made.run(params={"s": "x"}))
    assert run(made.run(5, params={"s": 0})) == 5


# At the same time


@pytest.mark.parametrize(("most", "parties"), [(3, 3), (2, 2), (1, 1)])
def test_steps_side_by_side_are_at_the_same_time_and_no_more_than_may_be(go, probe, most, parties):
    steps = [probe.together(f"s{n}", parties) for n in range(3)]
    assert go({"parallel": steps, "max_concurrent": most, "merge": "collect"}) == ["s0", "s1", "s2"]
    assert probe.peak == most


def test_items_of_a_list_are_gone_through_at_the_same_time(go, probe):
    assert go({"map": probe.together("each", 4), "max_concurrent": 4}, [0] * 8) == ["each"] * 8
    assert probe.peak == 4


def test_the_whole_workflow_has_a_bound_of_its_own(go, probe):
    nested = [{"parallel": [probe.together(f"{a}{b}", 2) for b in range(3)]} for a in range(3)]
    go({"parallel": nested}, max_concurrent=2)
    assert probe.peak == 2


def test_what_steps_at_the_same_time_make_is_merged(go, probe, function):
    steps = [probe.step("a", 1), probe.step("b", 2)]
    assert go({"parallel": steps}) == {"a": 1, "b": 2}
    assert go({"parallel": steps, "merge": "collect"}) == [1, 2]
    assert go({"parallel": steps, "merge": function(lambda values, about: sum(values))}) == 3
    assert go({"parallel": steps, "merge": "last"}) == 2


def test_the_first_that_succeeds_stops_the_others(go, probe):
    steps = [probe.hanging("slow"), probe.failing("bad"), probe.step("fast", 7)]
    assert go({"parallel": steps, "merge": "first"}) == 7
    assert probe.cancelled == ["slow"]


def test_one_that_fails_stops_the_others_or_is_marked(go, probe):
    error = failure(go, {"parallel": [probe.hanging("slow"), probe.failing("bad")]})
    assert (error.data["step"], error.data["path"], probe.cancelled) == ("bad", "steps.parallel[1]", ["slow"])
    marked = go({"parallel": [probe.step("ok", 1), probe.failing("bad")], "on_failure": "continue"})
    assert (marked["ok"], marked["bad"]["ok"], marked["bad"]["error"]["message"]) == (1, False, "bad is broken")
    both = {"parallel": [probe.failing("x"), probe.failing("y")], "on_failure": "continue"}
    assert failure(go, both).data["message"] == "x is broken"


# Failing


def test_a_step_is_tried_again_as_often_as_it_says(go, probe):
    assert go([probe.failing("a", 2, retry={"attempts": 3, "delay": 0.001, "strategy": "exponential"})]) == 3
    assert failure(go, [probe.failing("b", 2, retry=2)]).data["message"] == "b is broken"
    assert probe.done == ["a"] * 3 + ["b"] * 2
    failure(go, [probe.failing("c", 2, retry={"attempts": 3, "on": ["timeout"]})])
    assert probe.done.count("c") == 1


def test_what_would_fail_again_is_not_tried_again(go, probe):
    error = failure(go, [{"tool": "nothing", "retry": 5, "name": "t"}])
    assert error.data["kind"] == "tool_not_found"


def test_pauses_grow_as_they_are_told_to():
    from llmspell_bridges.workflow.definition import Retry

    def pauses(strategy):
        return [Retry(5, 2.0, strategy, 9.0).pause(n) for n in (1, 2, 3, 4)]

    assert pauses("constant") == [2, 2, 2, 2]
    assert pauses("linear") == [2, 4, 6, 8]
    assert pauses("exponential") == [2, 4, 8, 9]


def test_a_step_that_takes_too_long_is_stopped(go, probe):
    error = failure(go, [probe.hanging("slow", timeout=0.01, retry=2)])
    assert (error.data["kind"], error.data["data"]) == ("timeout", {"step": "slow", "seconds": 0.01})
    assert probe.cancelled == ["slow", "slow"]


def test_the_whole_workflow_may_take_too_long(go, probe):
    error = failure(go, [probe.step("a", 1, compensate=probe.undo("a")), probe.hanging("slow")], timeout=0.05)
    assert (error.data["kind"], error.data["data"]["step"]) == ("timeout", "w")
    assert (probe.cancelled, probe.done[-1]) == (["slow"], "undo a 1")


def test_something_else_may_stand_in_the_place_of_a_failure(go, probe, function):
    seen = []
    told = function(lambda error, about: seen.append((error["message"], about["input"])) or "mended")
    assert go([probe.failing("a", on_error=told)], 3) == "mended"
    assert seen == [("a is broken", 3)]
    other = {"run": function(lambda given, about: [given["input"], given["error"]["kind"]])}
    assert go([probe.failing("b", on_error=other)], 3) == [3, "call"]
    assert go([probe.failing("c", on_error="continue")], 3) is None
    assert failure(go, [probe.failing("d", on_error=probe.failing("e"))]).data["message"] == "e is broken"


def test_a_breaker_leaves_a_step_alone_after_failures_in_a_row(go, probe):
    broken = probe.failing(
        "a", breaker={"threshold": 2, "reset": 3600}, on_error=probe._function(lambda e, about: e["kind"])
    )
    assert go({"map": broken, "max_concurrent": 1}, [1, 2, 3, 4]) == ["call", "call", "circuit_open", "circuit_open"]
    assert probe.done == ["a", "a"]


def test_a_breaker_tries_once_when_its_time_is_over(run, function):
    now = [0.0]
    bridge = WorkflowBridge(Context("r", Spell(""), clock=lambda: now[0]))
    probe = Probe(function)
    broken = probe.failing("a", 2, breaker={"threshold": 2, "reset": 10})

    async def whole():
        made, seen = await bridge.create("w", [broken]), []
        for moment in (0, 0, 0, 11, 11):
            now[0] = moment
            try:
                seen.append(await made.run())
            except WorkflowFailed as error:
                seen.append(error.data["kind"])
        return seen

    assert run(whole()) == ["call", "call", "circuit_open", 3, 4]


def test_a_breaker_that_tries_a_step_which_another_one_stops_tries_it_again(run, function):
    now = [0.0]
    bridge = WorkflowBridge(Context("r", Spell(""), clock=lambda: now[0]))
    probe = Probe(function)
    inner = probe.failing("a", 2, breaker={"name": "inner", "threshold": 2, "reset": 20})
    outer = {"sequence": [inner], "breaker": {"name": "outer", "threshold": 2, "reset": 10}}

    async def whole():
        made, seen = await bridge.create("w", [outer]), []
        for moment in (0, 0, 11, 11, 21):
            now[0] = moment
            try:
                seen.append(await made.run())
            except WorkflowFailed as error:
                seen.append(error.data["data"]["breaker"] if error.data["kind"] == "circuit_open" else "call")
        return seen

    assert run(whole()) == ["call", "call", "inner", "inner", 3]


def test_an_error_tells_workflow_step_path_and_cause(go, probe):
    error = failure(go, [{"wait": 0}, {"name": "g", "sequence": [probe.failing("bad")]}])
    assert str(error) == "the workflow 'w' failed at the step 'bad' (steps[1].sequence[0]): bad is broken"
    assert error.data | {"workflow": "w", "kind": "call", "data": None, "compensated": []} == error.data
    assert str(error.__cause__) == "bad is broken"


def test_a_budget_ends_the_workflow_whatever_stands_in_the_place_of_failures(run, function):
    probe, purse = Probe(function), Purse(Budget(requests=1))
    context = Context("r", Spell(""), "demo", purse=purse, settings={"llm": {"demo_pause": 0}})
    bridge = WorkflowBridge(context)
    steps = [
        probe.step("a", 1, compensate=probe.undo("a")),
        {"llm": "x"},
        {"llm": "y", "on_error": "continue", "retry": 3},
    ]

    async def whole():
        await (await bridge.create("w", steps)).run()

    with pytest.raises(BudgetSpent):
        run(whole())
    assert probe.done == ["a", "undo a 1"]


# Undoing


def test_what_was_done_is_undone_backwards_and_once(go, probe):
    undone = [probe.step(name, name.upper(), compensate=probe.undo(name)) for name in "abc"]
    error = failure(go, [*undone, probe.step("plain"), probe.failing("bad", compensate=probe.undo("bad"), retry=2)])
    assert probe.done == ["a", "b", "c", "plain", "bad", "bad", "undo c C", "undo b B", "undo a A"]
    assert error.data["compensated"] == ["c", "b", "a"]


def test_steps_in_loops_maps_and_side_by_side_are_each_undone(go, probe):
    each = probe.step("each", compensate=probe.undo("each"))
    steps = [
        {"map": each, "max_concurrent": 1},
        {"loop": {**probe.step("round", 9), "compensate": probe.undo("round")}, "max": 2},
        {"name": "p", "parallel": [probe.step("x", 1, compensate=probe.undo("x"))], "compensate": probe.undo("p")},
        probe.failing("bad"),
    ]
    failure(go, steps, [1, 2])
    undone = [word for word in probe.done if word.startswith("undo")]
    assert undone == ["undo p {'x': 1}", "undo x 1", "undo round 9", "undo round 9", "undo each 2", "undo each 1"]


def test_a_compensation_that_fails_does_not_stop_the_others(go, probe):
    steps = [
        probe.step("a", 1, compensate=probe.undo("a")),
        probe.step("b", 2, compensate=probe.failing("undoing")),
        probe.failing("bad"),
    ]
    error = failure(go, steps)
    assert error.data["compensated"] == ["a"]
    assert error.data["compensation_errors"] == [
        {"step": "b", "kind": "call", "message": "undoing is broken", "data": None}
    ]
    assert probe.done[-2:] == ["undoing", "undo a 1"]


def test_a_compensation_may_be_any_step_with_retries_and_places(go, probe, function):
    seen = []
    note = function(lambda given, about: seen.append(given))
    undo = [{"tool": "calculator", "args": {"expression": "{{input}} * 10"}}, {"run": note}]
    failure(go, [probe.step("a", 4, compensate=undo), probe.failing("bad")])
    assert seen == [40]


def test_a_workflow_in_a_workflow_is_undone_by_itself_before_it_is_tried_again(go, probe):
    inner = {"steps": [probe.step("in", 1, compensate=probe.undo("in")), probe.failing("flaky", 1)]}
    steps = [
        probe.step("out", 0, compensate=probe.undo("out")),
        {"workflow": inner, "retry": 2},
        probe.failing("bad"),
    ]
    failure(go, steps)
    assert probe.done == ["out", "in", "flaky", "undo in 1", "in", "flaky", "bad", "undo in 1", "undo out 0"]


def test_a_failure_that_something_stands_in_for_undoes_nothing(go, probe):
    inner = {"name": "s", "sequence": [probe.step("in", 1, compensate=probe.undo("in")), probe.failing("bad")]}
    go([{**inner, "on_error": "continue"}])
    assert probe.done == ["in", "bad"]


def test_cancelling_reaches_what_is_under_way_and_undoes_what_is_done(bridge, run, probe):
    async def whole():
        steps = [
            probe.step("a", 1, compensate=probe.undo("a")),
            {"parallel": [probe.hanging("x"), probe.hanging("y", compensate=probe.undo("y"))]},
        ]
        made = await (await bridge.create("w", steps)).run_async()
        await until(lambda: len(probe.done) == 3)
        both = await asyncio.gather(made.cancel(), made.cancel())
        assert [each["state"] for each in both] == ["cancelled", "cancelled"]
        with pytest.raises(WorkflowCancelled) as caught:
            await made.result()
        assert caught.value.data == {"workflow": "w", "compensated": ["a"], "compensation_errors": []}
        with pytest.raises(NotRunning, match="nothing to cancel"):
            await made.cancel()

    run(whole())
    assert sorted(probe.cancelled) == ["x", "y"]
    assert probe.done.count("undo a 1") == 1
    assert "undo y None" not in probe.done


def test_cancelling_while_it_is_undone_waits_for_that(bridge, run, probe, function):
    async def whole():
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slowly(output, about):
            began.set()
            await go_on.wait()
            probe.done.append("undone")

        steps = [probe.step("a", 1, compensate=function(slowly)), probe.failing("bad")]
        made = await (await bridge.create("w", steps)).run_async()
        await began.wait()
        assert made.status()["state"] == "compensating"
        cancelling = asyncio.ensure_future(made.cancel())
        await asyncio.sleep(0)
        go_on.set()
        assert (await cancelling)["state"] == "failed"

    run(whole())
    assert probe.done == ["a", "bad", "undone"]


def test_the_end_of_the_run_stops_everything(context, run, probe):
    async def whole():
        told = context()
        made = await WorkflowBridge(told).create(
            "w", [probe.step("a", 1, compensate=probe.undo("a")), probe.hanging("x")]
        )
        await made.run_async()
        await until(lambda: "x" in probe.done)
        await home_of(told).close()
        assert made.status()["state"] == "cancelled"

    run(whole())
    assert (probe.cancelled, probe.done) == (["x"], ["a", "x"])


# Pausing and going back


def test_a_paused_workflow_stands_still_and_says_so(bridge, run, probe):
    async def whole():
        made = await bridge.create("w", [probe.together("a", 2), probe.step("b", 2)])
        await made.run_async()
        await until(lambda: probe.inside)
        assert (await made.pause())["state"] == "paused"
        assert made.status()["current"] == ["a"]
        probe.meet.set()
        with pytest.raises(WorkflowWaits, match=r"is paused; resume\(\) goes on") as caught:
            await made.result()
        assert caught.value.data == {"paused": True, "approvals": []}
        assert probe.done == []
        assert (await made.resume())["state"] == "running"
        return await made.result()

    assert run(whole()) == 2


def test_a_workflow_is_run_once_at_a_time(bridge, run, probe):
    async def whole():
        made = await (await bridge.create("w", [probe.hanging("x")])).run_async()
        with pytest.raises(Busy):
            await made.run()
        with pytest.raises(Busy):
            await made.resume()
        with pytest.raises(Busy):
            await made.rollback(0)
        await made.cancel()

    run(whole())


def test_a_failed_workflow_goes_on_where_it_failed(bridge, run, probe):
    async def whole():
        made = await bridge.create("w", [probe.step("a", 1), probe.failing("b", 1), probe.step("c", 3)])
        with pytest.raises(WorkflowFailed):
            await made.run(0)
        await made.resume()
        assert await made.result() == 3
        with pytest.raises(NotRunning):
            await made.resume()

    run(whole())
    assert probe.done == ["a", "b", "b", "c"]


def test_what_was_undone_is_done_again_when_it_goes_on(bridge, run, probe):
    async def whole():
        steps = [probe.step("a", 1), probe.step("b", 2, compensate=probe.undo("b")), probe.failing("c", 1)]
        made = await bridge.create("w", steps)
        with pytest.raises(WorkflowFailed):
            await made.run(0)
        assert [each["step"] for each in made.checkpoints()] == ["a"]
        await made.resume()
        return await made.result()

    assert run(whole()) == 2
    assert probe.done == ["a", "b", "c", "undo b 2", "b", "c"]


def test_rolling_back_undoes_what_came_later_and_restores_what_was_seen(bridge, run, probe, function):
    async def whole():
        look = {"name": "d", "run": function(lambda given, about: [about["steps"], about["state"]])}
        steps = [
            probe.step("a", 1, save="v"),
            {"name": "m", "map": probe.step("b", compensate=probe.undo("b")), "over": [5, 6], "max_concurrent": 1},
            probe.step("c", 3, save="v", compensate=probe.undo("c")),
            look,
        ]
        made = await bridge.create("w", steps)
        first = await made.run(0)
        marks = [each["step"] for each in made.checkpoints()]
        assert marks == ["a", "b", "b", "m", "c", "d"]
        back = await made.rollback(2)
        assert (back["state"], back["checkpoints"]) == ("paused", 2)
        assert made.state() == {"input": 0, "params": {}, "values": {"v": 1}, "outputs": {"a": 1, "b": 5}}
        assert probe.done[-2:] == ["undo c 3", "undo b 6"]
        await made.resume()
        assert await made.result() == first
        with pytest.raises(CallError, match="must be from 0 to 6, not 7"):
            await made.rollback(7)
        await made.rollback(0, compensate=False)
        assert made.state()["outputs"] == {}
        return first

    assert run(whole()) == [{"a": 1, "b": 6, "m": [5, 6], "c": 3}, {"v": 3}]
    assert probe.done == ["a", "b", "b", "c", "undo c 3", "undo b 6", "b", "c"]


def test_a_paused_workflow_can_be_rolled_back(bridge, run, probe):
    async def whole():
        made = await bridge.create(
            "w", [probe.step("a", 1), probe.step("b", 2, compensate=probe.undo("b")), {"approval": "?"}]
        )
        await made.run_async()
        with pytest.raises(WorkflowWaits):
            await made.result()
        await made.pause()
        await made.rollback(1)
        assert made.status()["state"] == "paused"
        await made.resume()
        with pytest.raises(WorkflowWaits):
            await made.result()
        await made.cancel()

    run(whole())
    assert probe.done == ["a", "b", "undo b 2", "b", "undo b 2"]


def test_values_can_be_written_into_the_state_of_a_run(bridge, run, probe, function):
    async def whole():
        made = await bridge.create(
            "w",
            [
                {"approval": "?", "name": "q"},
                {"llm": "x", "when": False},
                {"run": function(lambda given, about: about["state"])},
            ],
        )
        await made.run_async()
        with pytest.raises(WorkflowWaits):
            await made.result()
        made.state({"added": 1})
        await made.approve("q")
        return await made.result()

    assert run(whole()) == {"added": 1}


# Approvals


def guarded(policy, ask=None, **more):
    return Context("r", Spell(""), guard=Guard(policy, ask=ask), **more)


GATE = [{"wait": 0}, {"name": "gate", "approval": "Really {{input}}?"}]


def test_who_waits_for_an_approval_that_nobody_can_give_is_told(run):
    async def whole():
        made = await WorkflowBridge(guarded(Policy.standard())).create("w", GATE)
        with pytest.raises(WorkflowWaits, match=r"--allow approval:gate beforehand") as caught:
            await made.run(1)
        assert caught.value.data == {"paused": False, "approvals": ["gate"]}
        status = made.status()
        assert (status["state"], status["approvals"]) == ("waiting", [{"step": "gate", "question": "Really 1?"}])
        assert await made.approve("gate")
        return await made.result()

    assert run(whole()) == 1


def test_an_approval_is_given_by_a_person_and_recorded(run):
    for answer, ended in (("once", 1), ("always", 1), ("deny", "refused"), ("never", "refused")):
        asked, audit = [], []

        def ask(question, answer=answer, asked=asked):
            asked.append((question.where, question.capability))
            return answer

        guard = Guard(Policy.standard(), ask=ask, record=audit.append)
        bridge = WorkflowBridge(Context("r", Spell(""), guard=guard))

        async def whole(bridge=bridge):
            try:
                return await (await bridge.create("w", GATE)).run(1)
            except WorkflowFailed as error:
                return error.data["kind"]

        assert run(whole()) == ended
        assert asked == [("workflow.approval (Really 1?)", "approval:gate")]
        assert [(record.capability, record.allowed) for record in audit] == [("approval:gate", ended == 1)]


def test_a_grant_is_an_approval_only_where_it_names_the_step(run):
    async def whole(policy):
        made = await WorkflowBridge(guarded(policy)).create("w", GATE)
        try:
            return await made.run(1)
        except (WorkflowFailed, WorkflowWaits) as error:
            return error.data.get("kind", "waiting")

    assert run(whole(Policy.standard().allow("approval:gate"))) == 1
    assert run(whole(Policy.standard().allow("approval:other"))) == "waiting"
    assert run(whole(Policy.trusted())) == "waiting"
    assert run(whole(Policy.trusted().deny("approval:gate"))) == "refused"


def test_an_approval_is_refused_with_a_note(bridge, run, probe):
    async def whole():
        made = await bridge.create("w", [probe.step("a", 1, compensate=probe.undo("a")), *GATE])
        await made.run_async(1)
        await made.approve("gate", False, note="too early")
        await made.result(wait=60)

    with pytest.raises(WorkflowFailed, match="'gate' was refused by the spell: too early") as caught:
        run(whole())
    assert (caught.value.data["kind"], probe.done) == ("refused", ["a", "undo a 1"])


def test_an_answer_to_what_is_no_approval_is_refused(bridge, run):
    async def story():
        gate = {"name": "gate", "approval": "?", "by": "script"}
        made = await bridge.create("w", [{"name": "one", "wait": 0}, {"workflow": [gate]}])
        await made.run_async()
        with pytest.raises(CallError, match="no approval of the workflow 'w' is named 'gaet'; did you mean 'gate'"):
            await made.approve("gaet")
        with pytest.raises(CallError, match="is named 'one'; there are gate"):
            await made.approve("one")
        await made.approve("gate")
        await made.result()

    run(story())


def test_an_answer_that_comes_early_is_kept_for_one_question(bridge, run):
    async def whole():
        made = await bridge.create("w", {"loop": {"name": "gate", "approval": "?", "by": "script"}, "max": 2})
        await made.run_async()
        assert not await made.approve("gate")
        with pytest.raises(WorkflowWaits):
            await made.result()
        assert len(made.checkpoints()) == 1
        assert await made.approve("gate")
        await made.result()

    run(whole())


def test_an_answer_that_comes_while_a_listener_is_told_counts(bridge, run, function):
    async def whole():
        made = await bridge.create("w", [{"name": "gate", "approval": "?"}])

        async def approve(event):
            assert not await made.approve("gate")

        made.on("approval", function(approve))
        return await made.run(3)

    assert run(whole()) == 3


def test_only_a_person_may_approve_where_it_says_so(run):
    async def whole():
        made = await WorkflowBridge(guarded(Policy.trusted())).create(
            "w", [{"name": "gate", "approval": "?", "by": "person"}]
        )
        await made.run_async()
        with pytest.raises(WorkflowWaits):
            await made.result()
        with pytest.raises(CallError, match="wants the approval of a person"):
            await made.approve("gate")
        await made.cancel()

    run(whole())


def test_an_approval_may_take_too_long_and_something_stand_in_its_place(go, function):
    steps = [{"name": "gate", "approval": "?", "timeout": 0.01, "on_error": function(lambda e, about: e["kind"])}]
    assert go(steps) == "timeout"


def test_whoever_waits_may_give_others_time_to_approve(bridge, run):
    async def whole():
        made = await bridge.create("w", GATE)
        running = asyncio.ensure_future(made.run(1, wait=60))
        await until(lambda: made.life.state == "waiting")
        await made.approve("gate")
        return await running

    assert run(whole()) == 1


def test_one_question_does_not_hold_up_what_goes_on_beside_it(bridge, run, probe):
    async def whole():
        made = await bridge.create("w", {"parallel": [{"name": "gate", "approval": "?"}, probe.together("work", 2)]})
        await made.run_async()
        await until(lambda: probe.inside)
        assert made.life.state == "running"
        probe.meet.set()
        with pytest.raises(WorkflowWaits):
            await made.result()
        await made.approve("gate")
        await made.result()

    run(whole())


# Listening and hooks


def test_a_listener_that_fails_breaks_nothing_and_is_told_of(bridge, run, probe, function):
    def fail(event):
        raise CallError("deaf")

    async def whole():
        made = await bridge.create("w", [probe.step("a", 1)])
        made.on("step_done", function(fail))
        assert await made.run() == 1
        return [each for each in made.history() if each["event"] == "listener_failed"]

    assert [each["error"]["message"] for each in run(whole())] == ["deaf"]


def test_listeners_are_told_what_happens_in_order(bridge, run, probe, function):
    told = []

    async def whole():
        steps = [
            probe.failing("a", 1, retry=2),
            probe.step("b", 1, when=False),
            probe.failing("c", compensate=probe.undo("c")),
        ]
        made = await bridge.create("w", [probe.step("z", 1, compensate=probe.undo("z")), *steps])
        made.on("*", function(lambda event: told.append((event["event"], event.get("step"), event.get("attempt")))))
        with pytest.raises(WorkflowFailed):
            await made.run()

    run(whole())
    assert told == [
        ("started", None, None),
        ("step_started", "z", 1),
        ("step_done", "z", None),
        ("step_started", "a", 1),
        ("step_failed", "a", 1),
        ("step_retry", "a", 1),
        ("step_started", "a", 2),
        ("step_done", "a", None),
        ("step_skipped", "b", None),
        ("step_started", "c", 1),
        ("step_failed", "c", 1),
        ("step_started", "run_1", 1),
        ("step_done", "run_1", None),
        ("compensated", "z", None),
        ("failed", None, None),
    ]


def test_every_step_passes_the_hooks_which_may_change_answer_and_refuse(run, function):
    from llmspell_core.errors import Denied

    seen = []

    def before(action):
        seen.append((action.point, action.name, action.arguments.get("kind"), action.parent))
        if action.name == "a":
            action.arguments["input"] = 10
        if action.name == "b":
            action.answer("answered")
        if action.name == "c":
            raise Denied("not c")

    def after(action):
        if action.name == "a":
            action.result += 1

    probe = Probe(function)
    bridge = WorkflowBridge(Context("r", Spell(""), points=Points(before=[before], after=[after])))
    steps = [
        probe.step("a"),
        {"name": "s", "sequence": [probe.step("b")]},
        probe.step("c", on_error=function(lambda e, about: e)),
    ]

    async def whole():
        made = await bridge.create("w", steps)
        error = await made.run(1)
        return made.state()["outputs"], error["kind"]

    outputs, kind = run(whole())
    assert (outputs["a"], outputs["b"], kind, probe.done) == (11, "answered", "denied", ["a"])
    assert [row[:3] for row in seen] == [
        ("workflow_step", name, kind) for name, kind in [("a", "run"), ("s", "sequence"), ("b", "run"), ("c", "run")]
    ]
    assert seen[2][3] == 2


# Models, tools, agents, spells


def test_a_tool_is_denied_what_the_run_was_not_granted(run):
    bridge = WorkflowBridge(guarded(Policy.standard()))

    async def whole():
        await (await bridge.create("w", [{"name": "t", "tool": "file_read", "args": {"path": "x"}}])).run()

    with pytest.raises(WorkflowFailed) as caught:
        run(whole())
    assert caught.value.data["kind"] == "denied"


def test_a_tool_gets_the_input_where_it_says_no_arguments(bridge, go, run, function):
    schema = {"properties": {"n": {"type": "number"}}}
    run(ToolsBridge(bridge.context).define("twice", "d", schema, function(lambda args: args["n"] * 2)))
    assert go([{"tool": "twice"}, {"tool": "twice"}], {"n": 2}) == 8


def test_a_model_may_answer_with_data(context, run):
    bridge = WorkflowBridge(context("demo"))

    async def whole():
        schema = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
        return await (await bridge.create("w", [{"llm": "number {{input}}", "schema": schema}])).run(4)

    assert isinstance(run(whole())["x"], int)


def test_wrong_options_of_a_model_are_the_steps_error(go):
    assert failure(go, [{"llm": "x", "temperature": "{{start}}"}], "hot").data["kind"] == "argument"


@pytest.mark.parametrize("wanted", ["run", "resume", "rollback", "cancel", "pause"])
def test_nothing_else_begins_while_it_is_rolled_back(bridge, run, probe, function, wanted):
    async def story():
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def undo(output, about):
            reached.set()
            await go_on.wait()

        made = await bridge.create("w", [probe.step("one", 1, compensate=function(undo)), {"wait": 0}])
        await made.run()
        back = asyncio.create_task(made.rollback(0))
        await reached.wait()
        state = made.status()["state"]
        with pytest.raises((Busy, NotRunning)):
            await (made.rollback(0) if wanted == "rollback" else getattr(made, wanted)())
        go_on.set()
        await back
        return state, made.status()["state"], made.checkpoints()

    assert run(story()) == ("compensating", "paused", [])


def test_a_rollback_that_is_cancelled_can_be_made_once_more(bridge, run, probe, function):
    async def story():
        reached = asyncio.Event()

        async def hang(output, about):
            reached.set()
            await asyncio.Event().wait()

        steps = [probe.step("one", 1, compensate=probe.undo("one")), probe.step("two", 2, compensate=function(hang))]
        made = await bridge.create("w", steps)
        await made.run()
        back = asyncio.create_task(made.rollback(0))
        await reached.wait()
        back.cancel()
        await asyncio.wait([back])
        await made.rollback(0)
        return made.status()["state"], probe.done

    assert run(story()) == ("paused", ["one", "two", "undo one 1"])


def test_a_part_that_is_undone_lets_no_other_part_pass_the_pause(bridge, run, probe, function):
    async def story():
        undoing, go_on, other = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def undo(output, about):
            undoing.set()
            await go_on.wait()

        async def wait(given, about):
            await other.wait()

        inside = {"steps": [probe.step("one", 1, compensate=function(undo)), probe.failing("bad")]}
        beside = [{"name": "first", "run": function(wait)}, probe.step("second")]
        parts = [{"workflow": inside, "on_error": "continue"}, {"sequence": beside}]
        made = await bridge.create("w", {"parallel": parts})
        await made.run_async()
        await undoing.wait()
        await made.pause()
        other.set()
        for _ in range(50):
            await asyncio.sleep(0)
        passed = "second" in probe.done
        go_on.set()
        await made.resume()
        await made.result()
        return passed

    assert run(story()) is False


def test_what_is_written_into_the_state_is_kept_when_steps_before_it_are_forgotten(bridge, run, probe, function):
    async def story():
        async def write(given, about):
            made.state({given: 1})
            return given

        steps = [
            {"workflow": [probe.step("x"), probe.step("y"), probe.failing("bad")], "on_error": "continue"},
            {"name": "b", "input": "b", "run": function(write)},
            {"name": "c", "input": "c", "run": function(write)},
            {"name": "d", "approval": "?", "by": "script"},
        ]
        inside = steps[0]["workflow"]
        inside.insert(2, {"name": "a", "input": "a", "run": function(write)})
        made = await bridge.create("w", steps)
        with pytest.raises(WorkflowWaits):
            await made.run()
        await made.pause()
        await made.rollback(len(made.checkpoints()))
        return made.state()["values"]

    assert run(story()) == {"a": 1, "b": 1, "c": 1}


# Import and export


def test_a_definition_survives_its_export(bridge, run):
    steps = [
        {"name": "a", "tool": "calculator", "args": {"expression": "{{input}} + 1"}, "retry": {"attempts": 2}},
        {
            "parallel": [{"name": "n", "wait": 0}, {"llm": "é “quoted”\nlines"}],
            "merge": "collect",
            "on_failure": "continue",
        },
        {"conditional": [{"when": "input == `1`", "wait": 0}], "default": {"workflow": {"steps": [{"wait": 0}]}}},
        {"loop": [{"wait": 0}], "max": 2, "compensate": {"tool": "calculator"}},
    ]
    options = {"description": "d", "version": "3", "parameters": {"p": {"type": "string"}}, "timeout": 9.0}
    made = run(bridge.create("w", steps, **options))
    data = run(made.export())
    assert data == {"name": "w", "steps": steps, **options}
    for text in (run(made.export("json")), run(made.export("yaml")), data):
        assert run(run(bridge.load(text)).export()) == data


def test_what_a_builder_gathers_later_is_no_part_of_what_was_made_of_it(bridge, run):
    inner, outer = bridge.builder("inner"), bridge.builder("outer")
    inner.wait(1)
    outer.parallel(inner)
    made = run(bridge.create("w", outer))
    before = run(made.export())
    inner.wait(2)
    outer.parallel(outer)
    assert run(made.export()) == before
    assert before["steps"] == [{"parallel": [{"wait": 1}]}]


def test_functions_are_exported_by_name_alone(bridge, run, function):
    doubled = function(lambda n, about: n * 2)
    bridge.register("double", doubled)
    made = run(bridge.create("w", [{"run": "double"}, {"loop": doubled, "max": 1}]))
    with pytest.raises(
        CannotExport, match=r"steps\[1\]\.loop is a function of the spell; keep it with workflow\.register"
    ):
        run(made.export())
    assert run(run(bridge.create("v", [{"run": "double"}])).export())["steps"] == [{"run": "double"}]


def test_workflows_and_agents_are_exported_in_place(bridge, run):
    from llmspell_bridges.agent.bridge import AgentBridge

    helper = run(AgentBridge(bridge.context).create(name="helper"))
    inner = run(bridge.create("inner", [{"wait": 0}]))
    made = run(bridge.create("w", [inner, {"agent": helper}]))
    inside = {"name": "inner", "version": "1", "steps": [{"wait": 0}]}
    assert run(made.export())["steps"] == [inside, {"agent": "helper"}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("steps: [", "is no YAML: line 1"),
        ("a: &x 1\nb: *x", "aliases are not allowed"),
        ("a: !!python/name:os.system", "the tag"),
        ("a: 1\na: 2", "'a' is given twice"),
        ("- 1", "is a map with `name` and `steps`"),
        ("{", "is no YAML"),
        ("x" * 2**21, "at most 1048576"),
        ("x" * 2**17, "YAML of a workflow has at most 65536"),
    ],
)
def test_text_that_is_no_definition_is_refused(bridge, run, text, problem):
    with pytest.raises(CallError, match=problem):
        run(bridge.load(text))


def test_a_template_checks_its_parameters_and_takes_none_for_a_place(bridge, run, function):
    echo = function(lambda given, about: given)
    bridge.register("echo", echo)
    bridge.template(
        "t",
        {
            "parameters": {"merge": {"enum": ["all", "collect"]}, "what": {"type": "string", "required": True}},
            "steps": [{"parallel": [{"run": "echo", "input": "{{params.what}}"}], "merge": "{{params.merge}}"}],
        },
    )

    async def whole(params):
        return await (await bridge.from_template("t", params)).run("hidden")

    assert run(whole({"merge": "collect", "what": "{{start}}"})) == ["{{start}}"]
    with pytest.raises(CallError, match=r"\$\.what: is missing"):
        run(whole({"merge": "all"}))
    with pytest.raises(CallError, match=r"\$\.merge"):
        run(whole({"merge": "none", "what": "x"}))
    with pytest.raises(CallError, match="no template is named"):
        run(bridge.from_template("u"))


def test_resuming_what_waits_for_an_approval_too_still_says_that_it_waits(bridge, run):
    async def whole():
        made = await bridge.create("w", [{"name": "gate", "approval": "?"}])
        await made.run_async()
        with pytest.raises(WorkflowWaits):
            await made.result()
        await made.pause()
        await made.resume()
        with pytest.raises(WorkflowWaits, match="approval of 'gate'"):
            await made.result()
        await made.cancel()

    run(whole())
