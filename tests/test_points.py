"""What passes a point of a run can be changed, refused, answered and traced."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llmspell_core.actions import Action, Watcher
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import Denied
from llmspell_core.hookspecs import hookimpl
from llmspell_core.points import Points
from llmspell_core.runner import Runner
from llmspell_core.standing import HookFailed, Rest, Standing


class Probe(Bridge):
    """Called by spells."""

    name = "probe"
    called: list[Any] = []  # noqa: RUF012 - emptied by the fixture

    @expose
    def add(self, a: int, *more: int) -> int:
        """Return a sum."""
        self.called.append((a, *more))
        return a + sum(more)

    @expose
    async def wait(self, x: Any, *, twice: bool = False) -> Any:
        """Return the argument, when its turn comes."""
        self.called.append((x, twice))
        return [x, x] if twice else x

    @expose
    async def outer(self) -> Any:
        """Do something that passes a point itself."""

        async def do(arguments: dict[str, Any]) -> str:
            return f"ran {arguments['n']}"

        return await self.context.points.act("tool", "inner", {"n": 1}, do)

    @expose(needs="read:{path}")
    def read(self, path: str) -> str:
        """Return the path."""
        return path


class Plugin:
    """Does what a test gives it to do."""

    def __init__(self, before: Any = None, after: Any = None) -> None:
        self._before, self._after = before, after

    @hookimpl
    def llmspell_before(self, action: Action) -> None:
        if self._before is not None and action.point != "spell":
            self._before(action)

    @hookimpl
    def llmspell_after(self, action: Action) -> None:
        if self._after is not None and action.point != "spell":
            self._after(action)


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    Probe.called.clear()


def cast(source: str, *plugins: Plugin, trace: Any = None) -> Any:
    with Runner(bridges={"probe": Probe}, isolation="inline", plugins=plugins, trace=trace) as runner:
        return runner.cast(source, engine="lua")


def test_a_hook_changes_the_arguments_of_a_call() -> None:
    def before(action: Action) -> None:
        action.arguments["x"] += 1
        action.arguments["twice"] = True

    assert cast("return probe.wait(1)", Plugin(before)).unwrap() == [2, 2]


def test_a_hook_changes_the_result() -> None:
    def after(action: Action) -> None:
        action.result *= 10

    assert cast("return probe.add(1, 2, 3)", Plugin(after=after)).unwrap() == 60


def test_a_hook_answers_in_place_of_the_bridge() -> None:
    assert cast("return probe.wait(1)", Plugin(lambda action: action.answer("from the cache"))).unwrap() == (
        "from the cache"
    )
    assert Probe.called == []


def test_a_hook_refuses_and_the_spell_sees_why() -> None:
    def before(action: Action) -> None:
        raise Denied(f"{action.name} is off today")

    result = cast("local ok, e = pcall(probe.wait, 1); return e.kind .. ': ' .. e.message", Plugin(before))
    assert result.unwrap() == "denied: probe.wait is off today"
    assert Probe.called == []


def test_a_hook_withholds_a_result() -> None:
    def after(action: Action) -> None:
        raise Denied("secret")

    assert cast("return probe.wait(1)", Plugin(after=after)).error.kind == "denied"


def test_a_broken_hook_is_told_of_and_the_others_work(caplog: pytest.LogCaptureFixture) -> None:
    def broken(action: Action) -> None:
        raise ZeroDivisionError

    def before(action: Action) -> None:
        action.arguments["x"] += 1

    assert cast("return probe.wait(1)", Plugin(broken), Plugin(before)).unwrap() == 2
    assert "passed over" in caplog.text


def test_an_argument_that_a_hook_put_there_is_admitted_like_any_other() -> None:
    def before(action: Action) -> None:
        action.arguments["path"] = "/etc/passwd"

    assert cast("return probe.read('x')", Plugin(before)).error.kind == "denied"


def test_a_trace_tells_of_everything_that_was_done_and_within_what() -> None:
    told: list[Action] = []
    source = "probe.add(1, 2); probe.outer(); pcall(probe.read, 'x'); pcall(probe.nothing)"
    assert cast(source, trace=told.append).ok
    rows = [(action.point, action.name, action.arguments, action.result) for action in told]
    assert rows == [
        ("bridge_call", "probe.add", {"a": 1, "more": [2]}, 3),
        ("tool", "inner", {"n": 1}, "ran 1"),
        ("bridge_call", "probe.outer", {}, "ran 1"),
        ("bridge_call", "probe.read", {"path": "x"}, None),
        ("spell", "spell", {}, None),
    ]
    assert [action.parent for action in told] == [0, 2, 0, 0, 0]
    assert isinstance(told[-2].error, Denied)
    assert all(action.duration >= 0 and action.began > 1e9 for action in told)


def test_a_trace_does_not_mix_up_what_runs_side_by_side() -> None:
    told: list[Action] = []
    source = """
        local list = {}
        for i = 1, 3 do list[i] = promise.spawn(probe.outer) end
        for i = 1, 3 do list[i]:await() end
    """
    cast(source, trace=told.append)
    inner = {action.parent for action in told if action.point == "tool"}
    assert inner == {action.number for action in told if action.name == "probe.outer"}


def test_what_is_not_watched_passes_no_point() -> None:
    assert not Points().watched
    assert cast("return probe.add(1, 1)").unwrap() == 2


class Around:
    """Does what a test gives it to do, in the place of each action."""

    def __init__(self, around: Any) -> None:
        self._around = around

    @hookimpl
    async def llmspell_around(self, action: Action, proceed: Rest) -> Any:
        return await self._around(action, proceed)


class Watch(Watcher):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self.facts: list[object] = []

    @hookimpl
    def llmspell_watcher(self) -> Watcher:
        return self

    def began(self, action: Action) -> None:
        self.seen.append(("began", action.name, action.number))

    def ended(self, action: Action) -> None:
        self.seen.append(("ended", action.name, action.number))

    def told(self, fact: object) -> None:
        self.facts.append(fact)


def watched(source: str, *plugins: object, **options: Any) -> Any:
    with Runner(bridges={"probe": Probe}, isolation="inline", plugins=plugins) as runner:
        return runner.cast(source, engine="lua", **options)


def test_a_plugin_stands_around_and_may_do_it_twice() -> None:
    async def twice(action: Action, proceed: Rest) -> Any:
        if action.point == "spell":
            return await proceed()
        return [await proceed(), await proceed()]

    assert watched("return probe.add(1, 2)", Around(twice)).unwrap() == [3, 3]
    assert Probe.called == [(1, 2), (1, 2)]


def test_a_plugin_stands_around_the_run_itself() -> None:
    async def change(action: Action, proceed: Rest) -> Any:
        if action.point != "spell":
            return await proceed()
        assert (action.name, action.number, action.facts["engine"]) == ("spell", 0, "lua")
        action.arguments["n"] = 41
        return await proceed() + 1

    assert watched("return params.n", Around(change), params={"n": 1}).unwrap() == 42


def test_a_plugin_refuses_a_run_and_answers_in_its_place() -> None:
    async def refuse(action: Action, proceed: Rest) -> Any:
        raise Denied("closed")

    async def answer(action: Action, proceed: Rest) -> Any:
        return "kept"

    assert watched("return 1", Around(refuse)).error.kind == "denied"
    assert watched("return 1", Around(answer)).unwrap() == "kept"


def test_a_broken_plugin_around_is_told_of_and_the_thing_done_once(caplog: pytest.LogCaptureFixture) -> None:
    async def before(action: Action, proceed: Rest) -> Any:
        raise ZeroDivisionError

    async def after(action: Action, proceed: Rest) -> Any:
        await proceed()
        raise ZeroDivisionError

    assert watched("return probe.add(1, 2)", Around(before), Around(after)).unwrap() == 3
    assert Probe.called == [(1, 2)]
    assert "a hook failed at bridge_call probe.add and is passed over: ZeroDivisionError" in caplog.text


def test_what_a_hook_around_makes_of_a_failure_counts() -> None:
    async def reword(action: Action, proceed: Rest) -> Any:
        try:
            return await proceed()
        except ValueError as error:
            raise KeyError("reworded") from error

    async def faulty(action: Action, proceed: Rest) -> Any:
        try:
            return await proceed()
        except ValueError:
            raise HookFailed("by itself") from None

    async def do(arguments: dict[str, Any]) -> Any:
        raise ValueError("no")

    with pytest.raises(KeyError, match="reworded"):
        asyncio.run(Points(around=[reword]).act("tool", "t", {}, do))
    with pytest.raises(ValueError, match="no"):
        asyncio.run(Points(around=[faulty]).act("tool", "t", {}, do))


def test_a_watcher_is_told_of_each_beginning_and_each_end() -> None:
    watch = Watch()
    watched("probe.outer(); pcall(probe.read, 'x')", watch)
    assert watch.seen == [
        ("began", "spell", 0),
        ("began", "probe.outer", 1),
        ("began", "inner", 2),
        ("ended", "inner", 2),
        ("ended", "probe.outer", 1),
        ("began", "probe.read", 3),
        ("ended", "probe.read", 3),
        ("ended", "spell", 0),
    ]


def test_a_watcher_is_told_of_what_was_refused_or_answered_too() -> None:
    async def refuse(action: Action, proceed: Rest) -> Any:
        if action.point == "spell":
            return await proceed()
        raise Denied("no")

    watch = Watch()
    watched("pcall(probe.add, 1)", Around(refuse), watch)
    assert ("ended", "probe.add", 1) in watch.seen
    assert Probe.called == []


def test_a_broken_watcher_is_told_of_and_the_others_are_told(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Watch):
        def began(self, action: Action) -> None:
            raise ZeroDivisionError

    watch = Watch()
    assert watched("return probe.add(1)", Broken(), watch).unwrap() == 1
    assert len(watch.seen) == 4
    assert "the watcher" in caplog.text


def test_what_a_bridge_makes_known_reaches_the_watchers() -> None:
    watch = Watch()
    Points(watchers=[watch]).tell("a fact")
    assert watch.facts == ["a fact"]


def test_what_is_said_of_an_action_is_said_of_the_one_under_way() -> None:
    points = Points("r", watchers=[Watch()])
    seen: list[Action] = []

    async def inner(arguments: dict[str, Any]) -> None:
        points.note(tokens=5)

    async def outer(arguments: dict[str, Any]) -> None:
        await points.act("llm", "m", {}, inner)
        points.note(turns=1)

    async def look(action: Action, rest: Rest) -> Any:
        seen.append(action)
        return await rest()

    points.stand(Standing("llm", look))
    points.stand(Standing("agent", look))
    asyncio.run(points.act("agent", "a", {}, outer))
    assert [(action.name, action.facts) for action in seen] == [("a", {"turns": 1}), ("m", {"tokens": 5})]


def test_an_action_is_within_that_of_the_run_that_cast_its_run() -> None:
    points = Points("outer", watchers=[Watch()])
    told: list[Action] = []

    async def cast_other(arguments: dict[str, Any]) -> None:
        with Runner(isolation="inline", bridges={"probe": Probe}, trace=told.append) as runner:
            await runner.acast("probe.add(1)", engine="lua", run_id="inner")

    asyncio.run(points.act("tool", "t", {}, cast_other))
    call, run = told
    assert (call.run, call.parent, call.within is run) == ("inner", 0, True)
    assert (run.run, run.number, run.parent) == ("inner", 0, 1)
    assert run.within is not None
    assert (run.within.run, run.within.name) == ("outer", "t")


def test_a_points_hooks_can_be_taken_away_so_that_nothing_is_passed() -> None:
    points = Points()

    async def around(action: Action, rest: Rest) -> Any:
        return await rest()

    points.stand(Standing("tool", around))
    assert points.watched
    assert points.drop(lambda standing: standing.where == "llm") == 0
    assert points.drop(lambda standing: standing.id == 1) == 1
    assert not points.watched


def test_what_a_function_of_the_spell_does_is_within_what_called_it() -> None:
    """The agent's tool, the workflow's step: who calls a function is known of the calls that it makes."""

    class Calls(Bridge):
        """Calls functions."""

        name = "calls"

        @expose
        async def twice(self, f: Any) -> list[Any]:
            """Call it twice at once."""

            async def do(arguments: dict[str, Any]) -> Any:
                return await f(arguments["n"])

            return await asyncio.gather(*(self.context.points.act("tool", f"t{n}", {"n": n}, do) for n in (1, 2)))

    told: list[Action] = []
    source = "return calls.twice(function(n) probe.wait(n); return probe.add(n, n) end)"
    with Runner(bridges={"probe": Probe, "calls": Calls}, isolation="inline", trace=told.append) as runner:
        assert runner.cast(source, engine="lua").unwrap() == [2, 4]
    within = [
        (a.arguments.get("x", a.arguments.get("a")), a.within.name)
        for a in told
        if a.name.startswith("probe") and a.within
    ]
    assert sorted(within) == [(1, "t1"), (1, "t1"), (2, "t2"), (2, "t2")]
