"""A workflow whose process is killed goes on: what had ended of it is not done again, wherever it was cut off."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from llmspell_bridges.tools.bridge import ToolsBridge
from llmspell_bridges.workflow.bridge import WorkflowBridge

from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import ProviderError
from llmspell_core.journal import Journal
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell


class WorldBridge(Bridge):
    """Have effects that are counted outside of the run."""

    name = "world"

    @expose
    async def effect(self, name: str) -> str:
        """Have an effect."""
        self.context.options["world"][name] += 1
        return name

    @expose
    async def fail(self, name: str) -> None:
        """Have an effect, and fail."""
        self.context.options["world"][name] += 1
        raise ProviderError(f"no {name} today")


LUA = {
    "steps of every kind": """
tools.define("touch", "d", {properties = {x = {}}}, function(args) return world.effect("tool " .. args.x) end)
local wf = workflow.create("w", {
  function(x) return world.effect("fn " .. x) end,
  {tool = "touch", args = {x = "1"}},
  {spell = {source = "return world.effect('spell')", engine = "js"}},
  workflow.parallel({
    {name = "a", run = function() return world.effect("a") end},
    {name = "b", tool = "touch", args = {x = "b"}},
    {name = "c", spell = {source = "return world.effect('c')", engine = "lua"}},
  }),
  workflow.map(function(x) return world.effect("map " .. x) end, {over = {"x", "y"}, max_concurrent = 1}),
  {wait = 0.001},
  workflow.loop({tool = "touch", args = {x = "loop{{number}}"}}, {max = 2}),
  workflow.conditional({
    {when = function() return world.effect("when") == "when" end, tool = "touch", args = {x = "then"}},
  }),
})
return {wf:run("x"), wf:state().outputs}
""",
    "failures, and what undoes them": """
tools.define("touch", "d", {properties = {x = {}}}, function(args) return world.effect("tool " .. args.x) end)
tools.define("fail", "d", {properties = {x = {}}}, function(args) return world.fail(args.x) end)
local wf = workflow.create("w", {
  {name = "one", tool = "touch", args = {x = "one"}, compensate = {tool = "touch", args = {x = "undo one"}}},
  {name = "two", run = function() return world.effect("two") end, compensate = function() world.effect("undo two") end},
  {name = "bad", tool = "fail", args = {x = "bad"}, retry = {attempts = 3, delay = 0.001}},
})
local _, e = pcall(wf.run, wf)
return {e.data.compensated, e.data.message, wf:status().state}
""",
    "a tool that the input names": """
tools.define("touch", "d", {properties = {x = {}}}, function(args)
  return world.effect("tool " .. args.x .. world.effect("more"))
end)
local wf = workflow.create("w", {
  {tool = "{{input.name}}", args = {x = "1"}},
  {tool = "{{start.name}}", args = {x = "2"}},
})
return {wf:run({name = "touch"})}
""",
    "a run in the background, told what to do": """
tools.define("touch", "d", {properties = {x = {}}}, function(args) return world.effect("tool " .. args.x) end)
local seen = {}
local wf = workflow.create("w", {
  {name = "one", tool = "touch", args = {x = "one"}},
  {name = "gate", approval = "?", by = "script"},
  {name = "two", run = function() return world.effect("two") end, compensate = function() world.effect("undo two") end},
  {name = "again", approval = "?", by = "script"},
})
wf:on("step_done", function(e) table.insert(seen, e.step) end)
wf:run_async()
local _, waits = pcall(wf.result, wf)
wf:approve("gate")
pcall(wf.result, wf)
local marks = #wf:checkpoints()
wf:cancel()
local ended = wf:status().state
wf:resume()
pcall(wf.result, wf)
wf:approve("again")
local made = wf:result()
return {made, waits.kind, marks, ended, seen}
""",
    "a run that waited for the spell": """
local wf = workflow.create("w", {
  {name = "one", run = function() return world.effect("one") end},
  {name = "gate", approval = "?", by = "script"},
  function() return world.effect("two") end,
})
local _, waits = pcall(wf.run, wf, 1)
wf:approve("gate")
local made = wf:result()
world.effect("after")
return {made, waits.kind}
""",
    "a run that begins anew, and is rolled back": """
local wf = workflow.create("w", {
  {name = "one", run = function(x) return world.effect("one " .. x) end},
  {name = "two", run = function(x) return x .. " two" end, compensate = function() world.effect("undo two") end},
})
wf:run_async(1)
local first = wf:result()
wf:run_async(2)
local second = wf:result()
wf:rollback(1)
wf:resume()
local third = wf:result()
world.effect("after")
return {first, second, third}
""",
}
JS = {
    "steps of every kind": """
await tools.define("touch", "d", { properties: { x: {} } }, args => world.effect("tool " + args.x))
const wf = await workflow.create("w", [
  x => world.effect("fn " + x),
  { tool: "touch", args: { x: "1" } },
  { spell: { source: "return world.effect('spell')", engine: "lua" } },
  await workflow.parallel([
    { name: "a", run: () => world.effect("a") },
    { name: "b", tool: "touch", args: { x: "b" } },
    { name: "c", spell: { source: "return await world.effect('c')", engine: "js" } },
  ]),
  await workflow.map(x => world.effect("map " + x), { over: ["x", "y"], maxConcurrent: 1 }),
  { wait: 0.001 },
  await workflow.loop({ tool: "touch", args: { x: "loop{{number}}" } }, { max: 2 }),
  await workflow.conditional([
    { when: async () => await world.effect("when") === "when", tool: "touch", args: { x: "then" } },
  ]),
])
return [await wf.run("x"), (await wf.state()).outputs]
""",
    "failures, and what undoes them": """
await tools.define("touch", "d", { properties: { x: {} } }, args => world.effect("tool " + args.x))
await tools.define("fail", "d", { properties: { x: {} } }, args => world.fail(args.x))
const wf = await workflow.create("w", [
  { name: "one", tool: "touch", args: { x: "one" }, compensate: { tool: "touch", args: { x: "undo one" } } },
  { name: "two", run: () => world.effect("two"), compensate: async () => { await world.effect("undo two") } },
  { name: "bad", tool: "fail", args: { x: "bad" }, retry: { attempts: 3, delay: 0.001 } },
])
let e
try { await wf.run() } catch (error) { e = error }
return [e.data.compensated, e.data.message, (await wf.status()).state]
""",
    "a run that waited for the spell": """
const wf = await workflow.create("w", [
  { name: "one", run: () => world.effect("one") },
  { name: "gate", approval: "?", by: "script" },
  () => world.effect("two"),
])
const waits = await wf.run(1).catch(e => e.kind)
await wf.approve("gate")
const made = await wf.result()
await world.effect("after")
return [made, waits]
""",
    "a run that begins anew, and is rolled back": """
const wf = await workflow.create("w", [
  { name: "one", run: x => world.effect("one " + x) },
  { name: "two", run: x => x + " two", compensate: () => world.effect("undo two") },
])
await wf.runAsync(1)
const first = await wf.result()
await wf.runAsync(2)
const second = await wf.result()
await wf.rollback(1)
await wf.resume()
const third = await wf.result()
await world.effect("after")
return [first, second, third]
""",
}
CASES = [(engine, name) for engine, spells in (("lua", LUA), ("js", JS)) for name in spells]


class Place:
    """A journal, a world, and runners on them as if each were a process of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self.journal = Journal(f"sqlite:///{folder}/{number}.db")
        self.world: Counter[str] = Counter()

    def runner(self):
        bridges = {"world": WorldBridge, "workflow": WorkflowBridge, "tools": ToolsBridge}
        return Runner(
            bridges=bridges, journal=self.journal, isolation="inline", options={"world": {"world": self.world}}
        )

    def cast(self, source, engine):
        with self.runner() as runner:
            return runner.cast(Spell.text(source), engine=engine, run_id="run", seed=7)

    def resume(self):
        with self.runner() as runner:
            return runner.resume("run")

    def cut_off(self, whole, keep):
        run, entries = whole.journal.run("run"), whole.journal.entries("run")
        run.status, run.value, run.error, run.output, run.usage = "running", None, None, "", None
        run.owner = f"{socket.gethostname()}/999999999/1"
        self.journal.add(run, entries[:keep])
        for child in whole.journal.runs(parent="run"):
            self.journal.add(child, whole.journal.entries(child.id))
        self.world.update(whole.world)
        return len(entries) - keep


@pytest.fixture
def place(tmp_path):
    made = []

    def make():
        made.append(Place(tmp_path, len(made)))
        return made[-1]

    yield make
    for each in made:
        each.journal.close()


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_workflow_cut_off_anywhere_ends_as_it_would_have(place, engine, name):
    source = {"lua": LUA, "js": JS}[engine][name]
    whole = place()
    expected = whole.cast(source, engine)
    assert expected.ok, expected.error
    entries = len(whole.journal.entries("run"))
    for keep in range(0, entries + 1, 1 if entries < 40 else 3):
        cut = place()
        lost = cut.cut_off(whole, keep)
        result = cut.resume()
        assert result.ok, (keep, entries, result.error)
        assert result.value == expected.value, keep
        again = {what: n - whole.world[what] for what, n in cut.world.items() if n != whole.world[what]}
        # What the journal lost of effects was done again, and nothing else.
        assert sum(again.values()) <= lost, (keep, again)


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_workflow_that_lost_nothing_does_nothing_again(place, engine, name):
    whole, cut = place(), place()
    expected = whole.cast({"lua": LUA, "js": JS}[engine][name], engine)
    cut.cut_off(whole, len(whole.journal.entries("run")))
    assert cut.resume().value == expected.value
    assert cut.world == whole.world


KILLED = """
local wf = workflow.create("w", {
  {name = "one", run = function() world.line("one") return 1 end},
  {name = "two", spell = {source = "world.line('two') return 2", engine = "lua"}},
  {name = "three", run = function() world.line("three") return 3 end},
  {name = "four", run = function() world.die() return 4 end},
  {name = "five", tool = "calculator", args = {expression = "{{input}} + 1"}},
})
return {wf:run(), wf:state().outputs}
"""
PROGRAM = """
import os, signal, sys
from llmspell_core.bridge import Bridge, expose
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_bridges.tools.bridge import ToolsBridge
from llmspell_bridges.workflow.bridge import WorkflowBridge

class WorldBridge(Bridge):
    "Write lines."
    name = "world"

    @expose
    async def line(self, text: str) -> None:
        "Write a line."
        with open(sys.argv[2], "a") as file:
            file.write(text + "\\n")

    @expose
    async def die(self) -> None:
        "Die the first time."
        with open(sys.argv[2], "a") as file:
            file.write("four\\n")
        if sys.argv[3] == "first":
            os.kill(os.getpid(), signal.SIGKILL)

bridges = {"world": WorldBridge, "workflow": WorkflowBridge, "tools": ToolsBridge}
with Runner(bridges=bridges, journal="sqlite:///" + sys.argv[1], isolation=sys.argv[5]) as runner:
    spell = Spell.text(sys.argv[4])
    print(runner.cast(spell, engine="lua", run_id="r").value if sys.argv[3] == "first" else runner.resume("r").unwrap())
"""


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_killed_program_goes_on_where_it_was(tmp_path, isolation):
    database, lines = str(tmp_path / "runs.db"), tmp_path / "lines"

    def start(time):
        command = [sys.executable, "-c", PROGRAM, database, str(lines), time, KILLED, isolation]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ})

    assert start("first").returncode == -signal.SIGKILL
    assert lines.read_text().split() == ["one", "two", "three", "four"]
    done = start("second")
    assert done.returncode == 0, done.stderr
    assert lines.read_text().split() == ["one", "two", "three", "four", "four"]
    assert eval(done.stdout) == [5, {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}]


def test_an_approval_that_was_waited_for_can_be_given_when_the_run_goes_on(place):
    spell = """
    local wf = workflow.create("w", {
      {name = "one", run = function() return world.effect("one") end},
      {name = "gate", approval = "Go on?"},
      {name = "two", run = function() return world.effect("two") end},
    })
    return wf:run()
    """
    from llmspell_core.policy import Policy

    first = place()
    with first.runner() as runner:
        result = runner.cast(Spell.text(spell), engine="lua", run_id="run", policy=Policy.standard())
        assert result.error.kind == "waiting"
    entries = first.journal.entries("run")
    asked = place()
    asked.cut_off(first, len(entries) - 2)
    with asked.runner() as runner:
        result = runner.resume("run", policy=Policy.standard().allow("approval:gate"))
    assert result.unwrap() == "two"
    assert asked.world == Counter(one=1, two=1)
