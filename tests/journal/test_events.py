"""Events of a run that was killed: what it emitted is not emitted again, and what it heard it has heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.protocol import Resolve
from llmspell_core.wire import decode_inbox

pytest.importorskip("llmspell_bridges")

LUA = {
    "callbacks": """
        local seen = {}
        local sub = events.on("a.*", function(e)
          seen[#seen + 1] = e.name
          office.effect("saw " .. e.name)
          sleep(0.001)
          seen[#seen + 1] = "then"
        end)
        events.filter("a.*", function(e) return e.data == 2 end, function(e) seen[#seen + 1] = "two" end)
        for n = 1, 3 do events.emit("a." .. n, n) end
        events.drain()
        sub:off()
        events.emit("a.9")
        office.effect("last")
        table.sort(seen)
        return seen
    """,
    "batches and recordings": """
        local sizes, recording = {}, events.record()
        events.batch("b", {size = 2}, function(list) sizes[#sizes + 1] = #list .. list[1].data end)
        for n = 1, 3 do events.emit("b", n) office.effect("between " .. n) end
        events.drain()
        local kept = {}
        for i, e in ipairs(recording:stop().events) do kept[i] = e.data end
        return {sizes, kept}
    """,
    "failures": """
        local told = {}
        events.on("llmspell.events.failed", function(e) told[#told + 1] = e.data.error.message end)
        events.on("c", function(e) office.effect("tried " .. e.data) error("no " .. e.data) end)
        events.emit("c", 1)
        events.emit("c", 2)
        events.drain()
        office.effect("x")
        events.drain()
        return told
    """,
    "waits": """
        local space, emitter = events.namespace("d"), events.create_emitter()
        local one = promise.spawn(space.wait_for, "x", 10)
        local two = promise.spawn(events.aggregate, {"d.y", "d.x"}, 10)
        local own
        emitter:once("o", function(e) own = e.data office.effect("own") end)
        sleep(0)
        space:emit("x", 1)
        office.effect("between")
        space:emit("y", 2)
        emitter:emit("o", "mine")
        local both = two:await()
        return {one:await().data, both["d.x"].data, both["d.y"].data, own}
    """,
}
JS = {
    "callbacks": """
        const seen = [];
        const sub = await events.on("a.*", async (e) => {
          seen.push(e.name);
          await office.effect("saw " + e.name);
          await sleep(0.001);
          seen.push("then");
        });
        await events.filter("a.*", (e) => e.data === 2, () => { seen.push("two"); });
        for (let n = 1; n <= 3; n++) await events.emit("a." + n, n);
        await events.drain();
        await sub.off();
        await events.emit("a.9");
        await office.effect("last");
        return seen.sort();
    """,
    "failures": """
        const told = [];
        await events.on("llmspell.events.failed", (e) => { told.push(e.data.error.message); });
        await events.on("c", async (e) => { await office.effect("tried " + e.data); throw new Error("no " + e.data); });
        await events.emit("c", 1);
        await events.emit("c", 2);
        await events.drain();
        await office.effect("x");
        await events.drain();
        return told;
    """,
}
CASES = [(engine, name) for engine, spells in (("lua", LUA), ("js", JS)) for name in spells]


class Carried:
    """What was carried by the buses of all runs, each of which has a runner of its own, as if in another process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from llmspell_bridges.events.memory import MemoryBus

        self.names: list[str] = []
        publish = MemoryBus.publish

        async def carried(bus: Any, event: Any, node: str) -> None:
            self.names.append(event.name)
            await publish(bus, event, node)

        monkeypatch.setattr(MemoryBus, "publish", carried)

    def taken(self) -> list[str]:
        names, self.names = self.names, []
        return names


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> Carried:
    return Carried(monkeypatch)


@pytest.fixture
def with_events(offices: Callable[[], Any]) -> Callable[[], Any]:
    """Make offices whose runners have the bridge too."""

    def make() -> Any:
        office = offices()
        office.bridges["events"] = plugins.bridge_class("events")
        return office

    return make


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_run_cut_off_anywhere_ends_as_it_would_have(
    with_events: Callable[[], Any], carried: Carried, engine: str, name: str
) -> None:
    source = {"lua": LUA, "js": JS}[engine][name]
    whole = with_events()
    expected = whole.cast(source, engine)
    assert expected.ok, expected.error
    carried.taken()
    entries = whole.journal.entries("run")

    for keep in range(len(entries) + 1):
        office = with_events()
        office.killed(whole, keep)

        result = office.resume()

        assert result.ok, (keep, result.error)
        assert result.value == expected.value, keep
        lost = [entry for entry in entries[keep:] if entry.kind == "once" and entry.about[1].startswith("emit ")]
        # What was emitted before is not emitted again, and what was handled is not handled again.
        assert len(carried.taken()) == len(lost), keep
        again = sum(office.world[what] - 1 for what in whole.world)
        assert again <= sum(isinstance(event, Resolve) for event in fed(entries[keep:])), keep


def fed(entries: list[Any]) -> list[Any]:
    return [event for entry in entries if entry.kind == "fed" for event in decode_inbox(entry.body).events]


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_run_that_lost_nothing_does_nothing_again(
    with_events: Callable[[], Any], carried: Carried, engine: str, name: str
) -> None:
    whole, office = with_events(), with_events()
    expected = whole.cast({"lua": LUA, "js": JS}[engine][name], engine)
    carried.taken()
    office.killed(whole, len(whole.journal.entries("run")))

    assert office.resume().value == expected.value
    assert carried.taken() == []
    assert office.world == whole.world
