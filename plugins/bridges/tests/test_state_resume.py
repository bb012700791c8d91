"""What a run keeps is there again when the run goes on after its process was killed; what all share is changed once."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from llmspell_bridges.state.bridge import StateBridge

from llmspell_core.journal import Journal
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

LUA = {
    "values": """
        state.set("a", {list = {}, n = 1})
        state.set("f", function(x) return x * 2 end)
        state.set_many({b = 1, c = 2})
        state.delete("c")
        state.incr("n", 5)
        state.incr("n", 0.5)
        state.compare_and_set("b", 1, 10)
        state.compare_and_set("b", 1, 11)
        state.set("gone", 1, {ttl = 3600})
        state.expire("gone")
        pcall(state.incr, "a")
        local f = state.get("f")
        return {state.get_many({"a", "b", "c", "n"}), f(21), state.keys(), state.ttl("gone") == nil}
    """,
    "functions": """
        for i = 1, 3 do
          state.update("n", function(n) return (n or 0) + state.incr("calls") end)
        end
        state.transaction(function(tx)
          tx:set("a", tx:get("n") + 1)
          tx:incr("n", 100)
          tx:delete("calls")
        end)
        pcall(state.transaction, function(tx) tx:set("a", "no") error("stop") end)
        return state.get_many({"n", "a", "calls"})
    """,
    "at once": """
        local tasks = {}
        for i = 1, 4 do
          tasks[#tasks + 1] = promise.spawn(function()
            state.update("n", function(n) state.get("x") return (n or 0) + i end)
          end)
          tasks[#tasks + 1] = promise.spawn(function()
            state.transaction(function(tx)
              local list = tx:get("order", {default = list({})})
              list[#list + 1] = i
              tx:set("order", list)
              tx:incr("n", 10)
            end)
          end)
          tasks[#tasks + 1] = promise.spawn(function() state.incr("n", 1000) end)
        end
        promise.all(tasks):await()
        state.incr("n")
        return {state.get("n"), state.get("order"), #state.history("n")}
    """,
    "locks": """
        local lock = state.lock("l")
        state.set("a", 1, {under = lock})
        lock:release()
        local again = state.lock("l")
        local ok, e = pcall(state.lock, "l", {timeout = 0})
        state.set("b", again:fence() > lock:fence(), {under = again})
        return {ok, e.kind, state.get("a"), state.get("b"), again:release(), again:release()}
    """,
    "contents": """
        local v = state.create({a = {1, 2}})
        local w = v:set("a[2]", 3):merge({b = 1}, function(path, ours, theirs) return theirs end)
        w = w:attach("doc", "text"):transform(function(held) held.c = #held.a return held end)
        w:save("w", {scope = "run"})
        w:save("w")
        local x = state.load("w", nil, {scope = "run"})
        local y = state.load("w")
        return {x:get(), y:get(), y:artifact("doc").data, w:undo():get(), #w:history()}
    """,
    "full": """
        local ok, e = pcall(state.set, "big", ("x"):rep(30000))
        local told, d = pcall(state.update, "big", function() return ("x"):rep(30000) end)
        local said, f = pcall(state.transaction, function(tx)
          tx:set("big", ("x"):rep(19000))
          tx:set("b", ("x"):rep(5000))
        end)
        pcall(state.transaction, function(tx) tx:set("big", ("x"):rep(30000)) end, {scope = "spell"})
        state.incr("n")
        return {e.kind, d.kind, f.kind, state.keys(), state.keys("", {scope = "spell"})}
    """,
    "what outlives": """
        state.set("a", 1, {scope = "spell"})
        local n = state.transaction(function(tx)
          tx:incr("n", tx:get("a") + 1)
          return #tx:keys()
        end, {scope = "spell"})
        local lock = state.lock("l", {scope = "spell"})
        state.incr("n", 1, {scope = "run"})
        lock:release()
        return {n, state.get("n")}
    """,
}
JS = {
    "values": """
        await state.set("a", { list: [], n: 1n })
        await state.set("f", x => x * 2)
        await state.setMany({ b: 1, c: 2 })
        await state.delete("c")
        await state.incr("n", 5)
        await state.compareAndSet("b", 1, 10)
        const f = await state.get("f")
        return [await state.getMany(["a", "b", "c", "n"]), await f(21), await state.keys()]
    """,
    "functions": """
        for (let i = 0; i < 3; i++) {
          await state.update("n", async n => (n ?? 0) + await state.incr("calls"))
        }
        await state.transaction(async tx => {
          await tx.set("a", await tx.get("n") + 1)
          await tx.incr("n", 100)
          await tx.delete("calls")
        })
        return await state.getMany(["n", "a", "calls"])
    """,
    "at once": """
        const tasks = []
        for (let i = 0; i < 4; i++) {
          tasks.push(state.update("n", async n => { await state.get("x"); return (n ?? 0) + i }))
          tasks.push(state.transaction(async tx => {
            await tx.set("order", [...await tx.get("order", { default: [] }), i])
            await tx.incr("n", 10)
          }))
          tasks.push(state.incr("n", 1000))
        }
        await Promise.all(tasks)
        await state.incr("n")
        return [await state.get("n"), await state.get("order"), (await state.history("n")).length]
    """,
    "locks": """
        const lock = await state.lock("l")
        await state.set("a", 1, { under: lock })
        const waiting = state.lock("l", { timeout: 60 })
        await lock.release()
        const again = await waiting
        await state.set("b", await again.fence() > await lock.fence(), { under: again })
        return [await state.get("a"), await state.get("b"), await again.release()]
    """,
}
SPELLS = [("lua", name, source) for name, source in LUA.items()] + [("js", name, source) for name, source in JS.items()]


class Desk:
    """A journal and a store, and runners on them as if each were a process of its own."""

    def __init__(self, folder, name):
        self.journal = Journal(f"sqlite:///{folder}/{name}.runs.db")
        self.options = {"state": {"url": f"sqlite:///{folder}/{name}.state.db", "max_bytes": 20_000}}

    def runner(self):
        return Runner(bridges={"state": StateBridge}, journal=self.journal, isolation="inline", options=self.options)

    def cast(self, engine, source):
        with self.runner() as runner:
            return runner.cast(Spell.text(source), engine=engine, run_id="run", seed=7).unwrap()

    def resume(self):
        with self.runner() as runner:
            return runner.resume("run").unwrap()

    def killed(self, whole, keep):
        run, entries = whole.journal.run("run"), whole.journal.entries("run")
        run.status, run.value, run.error, run.output, run.usage = "running", None, None, "", None
        run.owner = f"{socket.gethostname()}/999999999/1"
        self.journal.add(run, entries[:keep])


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "name", "source"), SPELLS, ids=[f"{e}-{n}" for e, n, _ in SPELLS])
def test_a_run_that_is_cut_off_anywhere_ends_as_it_would_have(engine, name, source, tmp_path):
    whole = Desk(tmp_path, "whole")
    expected = whole.cast(engine, source)
    for keep in range(len(whole.journal.entries("run"))):
        desk = Desk(tmp_path, f"cut-{keep}")
        desk.killed(whole, keep)
        if name in ("contents", "what outlives", "full"):
            # What was kept for longer than the run is there, wherever the run was cut off.
            desk.options = whole.options
        found = desk.resume()
        if name == "at once":
            assert (found[0], sorted(found[1])) == (expected[0], sorted(expected[1])), keep
        else:
            assert found == expected, keep
        desk.journal.close()
    whole.journal.close()


def test_a_run_goes_on_with_what_it_read(tmp_path):
    """Tasks that overlapped leave what they left then, also when the run is cut off at its very end."""
    for engine, source in (("lua", LUA["at once"]), ("js", JS["at once"])):
        whole = Desk(tmp_path, f"{engine}-whole")
        expected = whole.cast(engine, source)
        entries = len(whole.journal.entries("run"))
        for back in range(1, 4):
            desk = Desk(tmp_path, f"{engine}-{back}")
            desk.killed(whole, entries - back)
            assert desk.resume()[:2] == expected[:2]
            desk.journal.close()
        whole.journal.close()


class Memory:
    """A journal in a dictionary: what was done once, by call and key."""

    def __init__(self):
        self.kept, self.counts, self.call, self.done = {}, {}, 0, 0

    def again(self):
        self.counts, self.call = {}, 0
        return self

    async def __call__(self, key, do):
        at = self.counts[self.call, key] = self.counts.get((self.call, key), 0) + 1
        if (self.call, key, at) not in self.kept:
            self.kept[self.call, key, at] = await do()
            self.done += 1
        return self.kept[self.call, key, at]


def test_a_second_run_with_the_same_journal_does_nothing_twice(context, run, function):
    memory = Memory()
    base = context()

    async def plus_one(value):
        return (value or 0) + 1

    async def change(tx):
        await tx.set("t", await tx.get("n") + 1)

    def calls(state):
        return [
            lambda: state.set("a", {"x": [1]}, ttl=100),
            lambda: state.incr("n", 2),
            lambda: state.update("n", function(plus_one)),
            lambda: state.transaction(function(change)),
            lambda: state.transaction(function(change_all), scope="shared"),
            lambda: state.delete("a"),
            lambda: state.set_many({"c": 1, "d": 2}),
        ]

    async def change_all(tx):
        await tx.incr("shared")

    async def story(clock):
        state = StateBridge(replace(base, recall=memory.again(), clock=clock, run=type(base.run)()))
        for memory.call, call in enumerate(calls(state)):
            await call()
        memory.call = "reading"
        return [await state.get_many(["a", "n", "t", "c", "d"]), await state.get("shared", scope="shared")]

    first = run(story(lambda: 1000.0))
    done = memory.done
    assert run(story(lambda: 5000.0)) == first == [{"n": 3, "t": 4, "c": 1, "d": 2}, 1]
    assert memory.done == done


@pytest.mark.parametrize("later", ["set", "delete", "incr"])
def test_what_took_effect_later_does_so_when_the_calls_are_made_again_in_another_order(context, run, function, later):
    memory = Memory()
    base = context()

    def fresh():
        return StateBridge(replace(base, recall=memory.again(), run=type(base.run)()))

    async def at_first(state):
        gate = asyncio.Event()

        async def wait(value):
            await gate.wait()
            return (value or 0) + 1

        memory.call = "update"
        updating = asyncio.create_task(state.update("n", function(wait)))
        await asyncio.sleep(0)
        memory.call = "early"
        await state.set("n", 5)
        memory.call = "update"
        gate.set()
        assert await updating == 6
        memory.call = "late"
        await (state.set("n", 7) if later == "set" else getattr(state, later)("n"))
        memory.call = "reading"
        return await state.get("n")

    async def again(state):
        answers = [1, 6]
        for memory.call, call in (
            ("late", lambda: state.set("n", 7) if later == "set" else getattr(state, later)("n")),
            ("update", lambda: state.update("n", function(lambda _: answers.pop(0)))),
            ("early", lambda: state.set("n", 5)),
        ):
            await call()
        memory.call = "reading"
        assert answers == []
        return await state.get("n")

    expected = {"set": 7, "delete": None, "incr": 7}[later]
    assert [run(at_first(fresh())), run(again(fresh()))] == [expected, expected]


def test_the_time_that_a_value_has_is_that_of_the_first_time(context, run):
    memory = Memory()
    base = context()

    async def story(now):
        state = StateBridge(replace(base, recall=memory.again(), clock=lambda: now, run=type(base.run)()))
        await state.set("a", 1, ttl=100)
        return await state.ttl("a")

    assert [run(story(1000.0)), run(story(1060.0)), run(story(1200.0))] == [100, 40, None]


PROGRAM = """
import json, sys
from llmspell_core.journal import Journal
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
journal, options, engine, source, isolation = json.loads(sys.argv[1])
with Runner(journal=Journal(journal), options=options, isolation=isolation) as runner:
    print("begun", flush=True)
    runner.cast(Spell.text(source), engine=engine, run_id="run")
"""
GATED = {
    "lua": """
        state.set("mine", {n = 0})
        for i = 1, 3 do
          state.incr("all", 1, {scope = "spell"})
          state.update("mine", function(held) held.n = held.n + 10 return held end)
        end
        state.set("waiting", true, {scope = "spell"})
        local gate = state.lock("gate", {scope = "spell", timeout = 100})
        gate:release()
        return {state.incr("all", 1, {scope = "spell"}), state.get("mine").n}
    """,
    "js": """
        await state.set("mine", { n: 0 })
        for (let i = 0; i < 3; i++) {
          await state.incr("all", 1, { scope: "spell" })
          await state.update("mine", held => ({ n: held.n + 10 }))
        }
        await state.set("waiting", true, { scope: "spell" })
        const gate = await state.lock("gate", { scope: "spell", timeout: 100 })
        await gate.release()
        return [await state.incr("all", 1, { scope: "spell" }), (await state.get("mine")).n]
    """,
}


@pytest.mark.parametrize("engine", ["lua", "js"])
@pytest.mark.parametrize("name", ["sqlite", "postgresql", "redis"])
def test_a_process_that_is_killed_counts_nothing_twice(engine, name, kept_stores, tmp_path, context, run):
    isolation = "process" if sys.platform == "linux" and name == "sqlite" else "inline"
    journal = f"sqlite:///{tmp_path}/runs.db"
    with kept_stores.settings_of(name, tmp_path) as settings:
        outside = StateBridge(replace(context(**settings), clock=time.time, spell=Spell.text("", "spell")))
        gate = run(outside.lock("gate", scope="spell"))
        given = json.dumps([journal, {"state": settings}, engine, GATED[engine], isolation])
        caster = subprocess.Popen([sys.executable, "-c", PROGRAM, given], stdout=subprocess.PIPE, text=True)
        try:
            assert caster.stdout.readline() == "begun\n"

            async def until_it_waits():
                while not await outside.has("waiting", scope="spell"):
                    assert caster.poll() is None
                    await asyncio.sleep(0.02)

            run(until_it_waits())
        finally:
            caster.kill()
            caster.wait()
            caster.stdout.close()
        assert run(outside.get("all", scope="spell")) == 3
        run(gate.release())
        with Journal(journal) as kept, Runner(journal=kept, options={"state": settings}, isolation=isolation) as runner:
            assert runner.resume("run").unwrap() == [4, 30]
