"""A run that was killed goes on: wherever it was cut off, it ends as it would have, and what had ended stays so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmspell_core.journal import Entry
from llmspell_core.protocol import Reject, Resolve
from llmspell_core.wire import decode_inbox

LUA = {
    "calls": """
        local sum = 0
        for i = 1, 6 do sum = sum + office.effect("e" .. i) end
        return sum
    """,
    "at once": """
        local tasks = {}
        local function effect(i) return office.effect("e" .. i, {after = (6 - i) / 1000}) end
        for i = 1, 5 do tasks[i] = promise.spawn(effect, i) end
        return promise.all(tasks):await()
    """,
    "errors": """
        local ok, e = pcall(office.refuse, "no")
        office.effect("after")
        return {ok, e.kind, e.message}
    """,
    "handles": """
        local d, e = office.desk("a"), office.desk("b")
        local x = d:work("x")
        local y = e:work("y")
        d:work("z")
        office.effect("last")
        return {x, y, d:count(), e:count()}
    """,
    "handles that come back": """
        local desk = office.same({office.desk("a")})[1]
        collectgarbage()
        desk:work("one")
        return desk:count()
    """,
    "deadlines": """
        local desk = office.desk("a")
        local made = desk:hurry(function(n)
          if n == 2 then sleep(60) end
          return office.effect("hurried " .. n)
        end, 3)
        office.effect("after")
        return {made, desk:count()}
    """,
    "kept failures": """
        local d = office.desk("a")
        local said = d:try_hard("luck")
        d:work("x")
        return {said, d:count()}
    """,
    "functions": """
        local got = {}
        for i = 1, 3 do got[i] = office.ask(function(n) return n + office.effect("in" .. n) end, i) end
        return got
    """,
    "functions of what is made again": """
        local d = office.desk("a")
        local seen = d:work_all({"x", "y", "z"}, function(made, desk)
          office.effect("saw " .. made)
          return made .. desk:count()
        end)
        d:work("w")
        table.sort(seen, function(a, b) return a:sub(1, 1) < b:sub(1, 1) end)
        return {seen, d:count()}
    """,
    "functions of what gives an object": """
        local d = office.hired("a", function(name)
          office.effect("asked " .. name)
          office.effect("agreed")
        end)
        return {d:work("x"), d:count()}
    """,
    "functions of what is done once": """
        local d, looks = office.desk("a"), 0
        local seen = d:check("x", function(what)
          looks = looks + 1
          local mine = looks
          office.effect("before " .. mine)
          office.effect("after " .. mine)
          return mine
        end, 3)
        d:work("w")
        return {seen, d:count()}
    """,
    "spells cast by what is done once": """
        local d = office.desk("a")
        local got = d:errand({"office.effect('one') return 1", "office.effect('two') return 2"}, "lua")
        office.effect("last")
        return got
    """,
    "memory": """
        office.mark("a")
        office.mark("b", {scope = "world"})
        office.effect("x")
        office.mark("c")
        return office.marks()
    """,
    "chance and time": """
        local a = math.random(1000000)
        local t = os.time()
        office.effect("x")
        sleep(0.01)
        local b = math.random(1000000)
        office.effect("y")
        return {a, b, t <= os.time()}
    """,
    "prints": """
        print("one")
        office.effect("x")
        print("two")
        office.effect("y")
        return 2
    """,
    "children": """
        local a = office.child("return office.effect('c1') + office.effect('c2')", {engine = "lua"})
        local b = office.child("return office.effect('c3')", {engine = "lua"})
        return a + b
    """,
}
JS = {
    "calls": """
        let sum = 0;
        for (let i = 1; i <= 6; i++) sum += await office.effect("e" + i);
        return sum;
    """,
    "at once": """
        return await Promise.all([1, 2, 3, 4, 5].map((i) => office.effect("e" + i, { after: (6 - i) / 1000 })));
    """,
    "errors": """
        let seen;
        try { await office.refuse("no"); } catch (e) { seen = [false, e.kind, e.message]; }
        await office.effect("after");
        return seen;
    """,
    "handles": """
        const d = await office.desk("a"), e = await office.desk("b");
        const x = await d.work("x");
        const y = await e.work("y");
        await d.work("z");
        await office.effect("last");
        return [x, y, await d.count(), await e.count()];
    """,
    "handles that come back": """
        const [desk] = await office.same([await office.desk("a")]);
        await desk.work("one");
        return await desk.count();
    """,
    "deadlines": """
        const desk = await office.desk("a");
        const made = await desk.hurry(async (n) => {
          if (n === 2) await sleep(60);
          return await office.effect("hurried " + n);
        }, 3);
        await office.effect("after");
        return [made, await desk.count()];
    """,
    "kept failures": """
        const d = await office.desk("a");
        const said = await d.tryHard("luck");
        await d.work("x");
        return [said, await d.count()];
    """,
    "functions": """
        const got = [];
        for (let i = 1; i <= 3; i++) got.push(await office.ask(async (n) => n + await office.effect("in" + n), i));
        return got;
    """,
    "functions of what is made again": """
        const d = await office.desk("a");
        const seen = await d.workAll(["x", "y", "z"], async (made, desk) => {
          await office.effect("saw " + made);
          return made + await desk.count();
        });
        await d.work("w");
        return [seen.sort(), await d.count()];
    """,
    "functions of what gives an object": """
        const d = await office.hired("a", async (name) => {
          await office.effect("asked " + name);
          await office.effect("agreed");
        });
        return [await d.work("x"), await d.count()];
    """,
    "functions of what is done once": """
        const d = await office.desk("a");
        let looks = 0;
        const seen = await d.check("x", async (what) => {
          const mine = ++looks;
          await office.effect("before " + mine);
          await office.effect("after " + mine);
          return mine;
        }, 3);
        await d.work("w");
        return [seen, await d.count()];
    """,
    "spells cast by what is done once": """
        const d = await office.desk("a");
        const sources = ["await office.effect('one'); return 1", "await office.effect('two'); return 2"];
        const got = await d.errand(sources, "js");
        await office.effect("last");
        return got;
    """,
    "memory": """
        await office.mark("a");
        await office.mark("b", { scope: "world" });
        await office.effect("x");
        await office.mark("c");
        return await office.marks();
    """,
    "chance and time": """
        const a = Math.floor(Math.random() * 1000000);
        const t = Date.now();
        await office.effect("x");
        await sleep(0.01);
        const b = Math.floor(Math.random() * 1000000);
        await office.effect("y");
        return [a, b, t <= Date.now()];
    """,
    "prints": """
        print("one");
        await office.effect("x");
        print("two");
        await office.effect("y");
        return 2;
    """,
    "children": """
        const a = await office.child("return office.effect('c1') + office.effect('c2')", { engine: "lua" });
        const b = await office.child("return await office.effect('c3')", { engine: "js" });
        return a + b;
    """,
}
CASES = [(engine, name) for engine, spells in (("lua", LUA), ("js", JS)) for name in spells]


REPEATED = ("calls", "at once", "functions", "children", "deadlines")
"""Spells whose value tells how often an effect was had."""


def answers(entries: list[Entry]) -> int:
    """How many effects had come to their end in some entries."""
    events = [event for entry in entries if entry.kind == "fed" for event in decode_inbox(entry.body).events]
    done = sum(isinstance(event, Resolve | Reject) for event in events)
    return done + sum(entry.kind == "once" for entry in entries)


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_run_cut_off_anywhere_ends_as_it_would_have(offices: Callable[[], Any], engine: str, name: str) -> None:
    source = {"lua": LUA, "js": JS}[engine][name]
    whole = offices()
    expected = whole.cast(source, engine)
    assert expected.ok, expected.error
    entries = whole.journal.entries("run")

    for keep in range(len(entries) + 1):
        office = offices()
        office.killed(whole, keep)

        result = office.resume()

        assert result.ok, (keep, result.error)
        assert result.output == expected.output, keep
        assert office.journal.run("run").status == "ok"
        again = {what: office.world[what] - 1 for what in whole.world if office.world[what] != whole.world[what]}
        # What the journal lost of answers was done again, and nothing else.
        assert sum(again.values()) <= answers(entries[keep:]), (keep, again)
        assert office.world.keys() == whole.world.keys(), keep
        if not name.startswith(REPEATED):
            assert result.value == expected.value, keep


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_run_cut_off_twice_ends_as_it_would_have(offices: Callable[[], Any], engine: str, name: str) -> None:
    whole = offices()
    expected = whole.cast({"lua": LUA, "js": JS}[engine][name], engine)
    for keep in range(1, len(whole.journal.entries("run")), 2):
        once = offices()
        once.killed(whole, keep)
        once.resume()
        entries = len(once.journal.entries("run"))
        for later in {*range(keep + 1, entries, 3), entries}:
            twice = offices()
            twice.killed(once, later)

            result = twice.resume()

            assert (result.error, result.output) == (None, expected.output), (keep, later)
            if not name.startswith(REPEATED):
                assert result.value == expected.value, (keep, later)


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_what_was_stopped_in_the_past_is_not_waited_for(offices: Callable[[], Any], engine: str) -> None:
    whole = offices()
    expected = whole.cast({"lua": LUA, "js": JS}[engine]["deadlines"], engine)
    entries = whole.journal.entries("run")
    (struck,) = (entry.number for entry in entries if entry.kind == "once" and "deadline" in entry.about[1])

    for keep in range(struck, len(entries) + 1):
        office = offices()
        office.seconds = 3600
        office.killed(whole, keep)

        result = office.resume()

        assert result.error is None, keep
        assert result.value[0][1] == "late"
        assert result.value[1] == expected.value[1]


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_run_that_lost_nothing_does_nothing_again(offices: Callable[[], Any], engine: str, name: str) -> None:
    whole, office = offices(), offices()
    expected = whole.cast({"lua": LUA, "js": JS}[engine][name], engine)
    office.killed(whole, len(whole.journal.entries("run")))

    result = office.resume()

    assert result.value == expected.value
    assert office.world == whole.world
    assert result.usage.as_dict() == expected.usage.as_dict()
