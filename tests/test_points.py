"""What passes a point of a run can be changed, refused, answered and traced."""

from __future__ import annotations

from typing import Any

import pytest

from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import Denied
from llmspell_core.hookspecs import hookimpl
from llmspell_core.points import Action, Points
from llmspell_core.runner import Runner


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
        if self._before is not None:
            self._before(action)

    @hookimpl
    def llmspell_after(self, action: Action) -> None:
        if self._after is not None:
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
    ]
    assert [action.parent for action in told] == [0, 2, 0, 0]
    assert isinstance(told[-1].error, Denied)
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
