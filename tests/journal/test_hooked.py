"""A run with hooks of its own that was cut off goes on with them standing where they stood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.runner import Runner

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
