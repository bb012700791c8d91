"""A run with hooks of its own that was cut off goes on with them standing where they stood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.actions import Action
from llmspell_core.hookspecs import hookimpl
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

HOOKED = {
    "lua": """
        local seen = {}
        hooks.before("bridge_call:office.effect", function(action)
          seen[#seen + 1] = action.arguments.name
          return {arguments = {name = "changed " .. action.arguments.name}}
        end)
        local id = hooks.around("bridge_call:office.effect", function(action, rest)
          local result = rest:proceed()
          office.effect("inside " .. action.arguments.name)
          return result + 10
        end)
        hooks.after("bridge_call:Desk.work", function(action) return {result = action.result .. "!"} end)
        local one = office.effect("a")
        local worked = office.desk("d"):work("w")
        hooks.remove(id)
        return {one, office.effect("b"), worked, seen, #hooks.list()}
    """,
    "js": """
        const seen = []
        await hooks.before("bridge_call:office.effect", action => {
          seen.push(action.arguments.name)
          return { arguments: { name: `changed ${action.arguments.name}` } }
        })
        const id = await hooks.around("bridge_call:office.effect", async (action, rest) => {
          const result = await rest.proceed()
          await office.effect(`inside ${action.arguments.name}`)
          return result + 10
        })
        await hooks.after("bridge_call:Desk.work", action => ({ result: `${action.result}!` }))
        const one = await office.effect("a")
        const worked = await (await office.desk("d")).work("w")
        await hooks.remove(id)
        return [one, await office.effect("b"), worked, seen, (await hooks.list()).length]
    """,
}


def hooked(office: Any) -> Any:
    """Mount the hooks beside the office."""
    bridges = {**office.runner().bridges, "hooks": plugins.bridge_class("hooks")}
    settings = {"office": {"world": office.world}}

    def runner() -> Runner:
        return Runner(bridges=bridges, journal=office.journal, isolation="inline", options=settings)

    office.runner = runner
    return office


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["lua", "js"])
def test_hooks_stand_again_wherever_the_run_was_cut_off(offices: Callable[[], Any], engine: str) -> None:
    whole = hooked(offices())
    expected = whole.cast(HOOKED[engine], engine)
    first = ["a", "inside changed a", "b"]
    assert expected.unwrap() == [11, 1, "D:W!", first, 2]

    for keep in range(len(whole.journal.entries("run")) + 1):
        office = hooked(offices())
        office.killed(whole, keep)

        result = office.resume()

        assert result.ok, (keep, result.error)
        one, two, worked, seen, standing = result.value
        # What had not ended is done again past its hooks, so an effect may be had twice, and seen twice.
        assert one in (11, 12), keep
        assert two in (1, 2), keep
        assert (worked, list(dict.fromkeys(seen)), standing) == ("D:W!", first, 2), keep
        assert set(office.world) == set(whole.world), keep
        assert max(office.world.values()) <= 2, keep


GIVEN = {
    "lua": """
        hooks.before("bridge_call:office.desk", function(action)
          return {arguments = {name = "changed " .. action.arguments.name}}
        end)
        hooks.around("bridge_call:office.lent", function(action, rest)
          office.effect("before " .. action.arguments.name)
          local desk = rest:proceed()
          office.effect("after " .. action.arguments.name)
          return desk
        end)
        local worked = hooks.around("bridge_call:Desk.work", function(action, rest)
          return rest:proceed() .. rest:proceed({what = action.arguments.what .. " again"})
        end)
        local a, b = office.desk("a"), office.lent("b")
        local got = {a:work("x"), b:work("y")}
        hooks.remove(worked)
        return {got, a:work("z"), a:count(), b:count()}
    """,
    "js": """
        await hooks.before("bridge_call:office.desk", action => ({
          arguments: { name: `changed ${action.arguments.name}` }
        }))
        await hooks.around("bridge_call:office.lent", async (action, rest) => {
          await office.effect(`before ${action.arguments.name}`)
          const desk = await rest.proceed()
          await office.effect(`after ${action.arguments.name}`)
          return desk
        })
        const worked = await hooks.around("bridge_call:Desk.work", async (action, rest) =>
          await rest.proceed() + await rest.proceed({ what: `${action.arguments.what} again` }))
        const a = await office.desk("a"), b = await office.lent("b")
        const got = [await a.work("x"), await b.work("y")]
        await hooks.remove(worked)
        return [got, await a.work("z"), await a.count(), await b.count()]
    """,
}


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_what_hooks_had_made_of_objects_they_make_of_them_again(offices: Callable[[], Any], engine: str) -> None:
    whole = hooked(offices())
    expected = whole.cast(GIVEN[engine], engine)
    assert expected.unwrap() == [
        ["CHANGED A:XCHANGED A:X AGAIN", "B:YB:Y AGAIN"],
        "CHANGED A:Z",
        3,
        2,
    ]
    for keep in range(len(whole.journal.entries("run")) + 1):
        office = hooked(offices())
        office.killed(whole, keep)

        result = office.resume()

        assert (result.value, result.error) == (expected.value, None), keep
        assert set(office.world) == set(whole.world), keep
        assert max(office.world.values()) <= 2, keep
        if keep == len(whole.journal.entries("run")):
            assert office.world == whole.world


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["lua", "js"])
def test_they_do_so_when_the_run_is_cut_off_a_second_time(offices: Callable[[], Any], engine: str) -> None:
    whole = hooked(offices())
    expected = whole.cast(GIVEN[engine], engine).value
    for keep in range(1, len(whole.journal.entries("run")), 3):
        once = hooked(offices())
        once.killed(whole, keep)
        once.resume()
        entries = len(once.journal.entries("run"))
        for later in {*range(keep + 1, entries, 6), entries}:
            twice = hooked(offices())
            twice.killed(once, later)
            result = twice.resume()
            assert (result.value, result.error) == (expected, None), (keep, later)
            assert max(twice.world.values()) <= 3, (keep, later)


class Renames:
    """A plugin that gives desks other names, and remembers when it was asked to for a second time."""

    def __init__(self) -> None:
        self.again: list[bool] = []

    @hookimpl
    def llmspell_before(self, action: Action) -> None:
        if action.name == "office.desk":
            self.again.append(action.again)
            action.arguments["name"] = "changed"


SHARED = {
    "lua": 'local d = office.desk("a") local w = d:work("x") office.effect("e") return {w, office.desk("b"):work("y")}',
    "js": """
        const d = await office.desk("a"), w = await d.work("x")
        await office.effect("e")
        return [w, await (await office.desk("b")).work("y")]
    """,
}


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_hooks_of_plugins_are_passed_again_and_nobody_who_watches_is_told(
    offices: Callable[[], Any], engine: str
) -> None:
    def runner(office: Any, renames: Renames, told: list[str]) -> Runner:
        return Runner(
            bridges=office.bridges,
            journal=office.journal,
            isolation="inline",
            options={"office": {"world": office.world}},
            plugins=[renames],
            trace=lambda action: told.append(action.name),
        )

    whole, whole_told = offices(), []
    with runner(whole, Renames(), whole_told) as first:
        expected = first.cast(Spell.text(SHARED[engine]), engine=engine, run_id="run").unwrap()
    assert expected == ["CHANGED:X", "CHANGED:Y"]
    entries = whole.journal.entries("run")
    (effect,) = (entry.number for entry in entries if entry.kind == "asked" and '"effect"' in entry.body)

    office, renames, told = offices(), Renames(), []
    office.killed(whole, effect)
    with runner(office, renames, told) as second:
        assert second.resume("run").unwrap() == expected

    assert renames.again == [True, False]
    assert told == whole_told[2:]
