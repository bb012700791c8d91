"""Every method of workflows and every kind of step, from Lua and from JavaScript, inline and in a process."""

from __future__ import annotations

import pytest

from llmspell_core.runner import Runner

LUA = """
local done = {}
local function note(word) return function(x) table.insert(done, word) return x end end
workflow.register("double", function(n) return n * 2 end)
agent.register("shout", function(task) return task:upper() end)
tools.define("join", "Joins", {properties = {a = {}, b = {}}}, function(args) return args.a .. args.b end)
local inner = workflow.create("inner", {function(n) return n + 1 end, {run = "double"}}, {description = "in another"})
local wf = workflow.create("all", {
  {name = "start", run = function(n, about) return n + about.params.more end},
  {name = "inner", workflow = inner},
  workflow.sequential({{name = "x", run = "double"}, {name = "y", run = "double"}}, {name = "row"}),
  workflow.parallel({
    {name = "tool", tool = "calculator", args = {expression = "{{input}} + 1"}},
    {name = "spell", spell = {source = "return params.input + 2", engine = "js"}},
    {name = "agent", agent = "shout", task = "n{{input}}"},
    {name = "model", llm = "Say {{input}}", temperature = 0},
  }, {name = "wide", max_concurrent = 3}),
  {name = "joined", tool = "join", args = {a = "{{steps.agent}}", b = "{{steps.wide.tool}}"}, save = "kept"},
  workflow.conditional({
    {when = function() return false end, run = note("never")},
    {when = "steps.spell > `1`", ["then"] = {name = "chosen", run = function() return {1, 2, 3} end}},
  }, note("default"), {name = "choice"}),
  workflow.map({name = "each", run = function(n, about) return n * 10 + about.number end}, {name = "mapped"}),
  workflow.loop(function(list) table.insert(list, 0) return list end, {
    until_ = function(list) return #list >= 5 end, max = 9, name = "grown"}),
  {name = "nap", wait = 0},
  {name = "gate", approval = "Go on with {{steps.joined}}?"},
  {name = "last", run = function(list, about) return {list = list, kept = about.state.kept, from = about.start} end},
}, {parameters = {more = {type = "integer", default = 1}}})
local events = {}
wf:on("*", function(e) events[e.event] = (events[e.event] or 0) + 1 end)
local asked
local off = wf:on("approval", function(e) asked = e.question return true end)
local out = wf:run(1, {params = {more = 4}})
local gone = wf:off(off)
local state = wf:state({noted = true})
local built = workflow.builder("built", {version = "7"})
  :step("one", function(n) return n + 1 end, {retry = 2})
  :parallel({{name = "a", run = "double"}, {name = "b", run = "double"}}, {name = "both", merge = "collect"})
  :branch({{when = function(l) return #l == 2 end, run = function(l) return l[1] end}}, nil, {name = "branch"})
  :loop("no step" and {run = "double"}, {max = 2, collect = true, name = "loop"})
  :map(function(n) return n end, {name = "map"})
  :wait(0)
  :approval("ok", "Fine?", {timeout = 60})
  :build({description = "put together"})
local running = built:run_async(1)
local paused = running:pause()
running:resume()
running:approve("ok", true)
local result = running:result({wait = 60})
local marks = {}
for _, mark in ipairs(running:checkpoints()) do table.insert(marks, mark.step) end
local back = running:rollback(2)
local again = running:resume()
running:approve("ok")
local repeated = running:result({wait = 60})
local stopped = workflow.create("stopped", {{name = "late", wait = 3600}}):run_async()
local cancelled = stopped:cancel()
local _, whynot = pcall(stopped.result, stopped)
local plain = workflow.create("plain", {{name = "sum", tool = "calculator", args = {expression = "1 + 1"}}})
local reloaded = workflow.load(plain:export("yaml"), {name = "plain2"})
local reloaded_json = workflow.load(plain:export("json"))
workflow.create("plain", {{wait = 0}})
workflow.template("greet", {
  parameters = {who = {type = "string", required = true}, times = {type = "integer", default = 2}},
  steps = {{map = {name = "hi", tool = "text", args = {operation = "upper", text = "hi {{params.who}}"}},
    over = "{{input}}", max_concurrent = "{{params.times}}"}},
})
local greeting = workflow.from_template("greet", {who = "ada"}, {name = "greeting"})
local versions = workflow.versions("plain")
local bad = workflow.validate({steps = {{tool = "x", retry = {attempts = "many"}}}})
local names = {}
for _, each in ipairs(workflow.list()) do table.insert(names, each.name) end
local old = workflow.get("plain", {version = "1"})
local removed = workflow.remove("stopped")
local _, missing = pcall(workflow.get, "stopped")
return {
  out = out, asked = asked, gone = gone, steps = events.step_done, done = #done,
  values = state.values, outputs = state.outputs.start, paused = paused.state,
  result = result, marks = marks, back = back.checkpoints, again = again.state, repeated = repeated,
  cancelled = cancelled.state, whynot = whynot.kind, status = wf:status().state,
  reloaded = {reloaded:run(), reloaded_json:run(), plain:export().steps[1].tool, old:run()},
  greeting = greeting:run({1, 2}), versions = #versions, current = versions[2].current,
  bad = bad.errors[1].path, names = names, removed = removed, missing = missing.kind,
  templates = workflow.templates(), drawn = wf:graph():find("wide", 1, true) ~= nil, told = #wf:history() > 30,
}
"""
JS = """
const done = []
const note = word => x => { done.push(word); return x }
await workflow.register("double", n => n * 2)
await agent.register("shout", task => task.toUpperCase())
await tools.define("join", "Joins", { properties: { a: {}, b: {} } }, args => args.a + args.b)
const inner = await workflow.create("inner", [n => n + 1, { run: "double" }], { description: "in another" })
const wf = await workflow.create("all", [
  { name: "start", run: (n, about) => n + about.params.more },
  { name: "inner", workflow: inner },
  await workflow.sequential([{ name: "x", run: "double" }, { name: "y", run: "double" }], { name: "row" }),
  await workflow.parallel([
    { name: "tool", tool: "calculator", args: { expression: "{{input}} + 1" } },
    { name: "spell", spell: { source: "return params.input + 2", engine: "lua" } },
    { name: "agent", agent: "shout", task: "n{{input}}" },
    { name: "model", llm: "Say {{input}}", temperature: 0 },
  ], { name: "wide", maxConcurrent: 3 }),
  { name: "joined", tool: "join", args: { a: "{{steps.agent}}", b: "{{steps.wide.tool}}" }, save: "kept" },
  await workflow.conditional([
    { when: () => false, run: note("never") },
    { when: "steps.spell > `1`", then: { name: "chosen", run: () => [1, 2, 3] } },
  ], note("default"), { name: "choice" }),
  await workflow.map({ name: "each", run: (n, about) => n * 10 + about.number }, { name: "mapped" }),
  await workflow.loop(list => [...list, 0], { until_: list => list.length >= 5, max: 9, name: "grown" }),
  { name: "nap", wait: 0 },
  { name: "gate", approval: "Go on with {{steps.joined}}?" },
  { name: "last", run: (list, about) => ({ list, kept: about.state.kept, from: about.start }) },
], { parameters: { more: { type: "integer", default: 1 } } })
const events = {}
await wf.on("*", e => { events[e.event] = (events[e.event] || 0) + 1 })
let asked
const off = await wf.on("approval", e => { asked = e.question; return true })
const out = await wf.run(1, { params: { more: 4 } })
const gone = await wf.off(off)
const state = await wf.state({ noted: true })
const builder = await workflow.builder("built", { version: "7" })
await builder.step("one", n => n + 1, { retry: 2 })
await builder.parallel([{ name: "a", run: "double" }, { name: "b", run: "double" }], { name: "both", merge: "collect" })
await builder.branch([{ when: l => l.length === 2, run: l => l[0] }], null, { name: "branch" })
await builder.loop({ run: "double" }, { max: 2, collect: true, name: "loop" })
await builder.map(n => n, { name: "map" })
await builder.wait(0)
await builder.approval("ok", "Fine?", { timeout: 60 })
const built = await builder.build({ description: "put together" })
const running = await built.runAsync(1)
const paused = await running.pause()
await running.resume()
await running.approve("ok", true)
const result = await running.result({ wait: 60 })
const marks = (await running.checkpoints()).map(mark => mark.step)
const back = await running.rollback(2)
const again = await running.resume()
await running.approve("ok")
const repeated = await running.result({ wait: 60 })
const stopped = await (await workflow.create("stopped", [{ name: "late", wait: 3600 }])).runAsync()
const cancelled = await stopped.cancel()
const kindOf = async promise => { try { await promise } catch (error) { return error.kind } }
const whynot = await kindOf(stopped.result())
const plain = await workflow.create("plain", [{ name: "sum", tool: "calculator", args: { expression: "1 + 1" } }])
const reloaded = await workflow.load(await plain.export("yaml"), { name: "plain2" })
const reloadedJson = await workflow.load(await plain.export("json"))
await workflow.create("plain", [{ wait: 0 }])
await workflow.template("greet", {
  parameters: { who: { type: "string", required: true }, times: { type: "integer", default: 2 } },
  steps: [{ map: { name: "hi", tool: "text", args: { operation: "upper", text: "hi {{params.who}}" } },
    over: "{{input}}", maxConcurrent: "{{params.times}}" }],
})
const greeting = await workflow.fromTemplate("greet", { who: "ada" }, { name: "greeting" })
const versions = await workflow.versions("plain")
const bad = await workflow.validate({ steps: [{ tool: "x", retry: { attempts: "many" } }] })
const names = (await workflow.list()).map(each => each.name)
const old = await workflow.get("plain", { version: "1" })
const removed = await workflow.remove("stopped")
return {
  out, asked, gone, steps: events.step_done, done: done.length,
  values: state.values, outputs: state.outputs.start, paused: paused.state,
  result, marks, back: back.checkpoints, again: again.state, repeated,
  cancelled: cancelled.state, whynot, status: (await wf.status()).state,
  reloaded: [await reloaded.run(), await reloadedJson.run(), (await plain.export()).steps[0].tool, await old.run()],
  greeting: await greeting.run([1, 2]), versions: versions.length, current: versions[1].current,
  bad: bad.errors[0].path, names, removed, missing: await kindOf(workflow.get("stopped")),
  templates: await workflow.templates(), drawn: (await wf.graph()).includes("wide"),
  told: (await wf.history()).length > 30,
}
"""
SEEN = {
    "out": {"list": [11, 22, 33, 0, 0], "kept": "N4849", "from": 1},
    "asked": "Go on with N4849?",
    "gone": True,
    "steps": 25,
    "done": 0,
    "values": {"kept": "N4849", "noted": True},
    "outputs": 5,
    "paused": "paused",
    "result": [8, 16],
    "marks": [
        "one",
        "a",
        "b",
        "both",
        "run_1",
        "branch",
        "run_2",
        "run_2",
        "loop",
        "run_3",
        "run_3",
        "map",
        "wait_1",
        "ok",
    ],
    "back": 2,
    "again": "running",
    "repeated": [8, 16],
    "cancelled": "cancelled",
    "whynot": "cancelled_workflow",
    "status": "done",
    "reloaded": [2, 2, "calculator", 2],
    "greeting": ["HI ADA", "HI ADA"],
    "versions": 2,
    "current": True,
    "bad": "steps[0].retry.attempts",
    "names": ["all", "built", "greeting", "inner", "plain", "plain2", "stopped"],
    "removed": True,
    "missing": "workflow_not_found",
    "templates": ["greet"],
    "drawn": True,
    "told": True,
}
HOSTILE = {
    "lua": """
local kinds = {}
local function try(...) local ok, e = pcall(...) table.insert(kinds, ok and "ok" or e.kind) end
local loop = {} loop.sequence = {loop}
try(workflow.create, "x", {loop})
try(workflow.create, "x", {})
try(workflow.create, ("x"):rep(1e5), {print})
try(workflow.create, "x", {{run = print, tool = "calculator"}})
try(workflow.create, "x", {{tool = "calculator", retry = -1}})
try(workflow.create, "x", {{llm = "{{secrets.key}}"}})
try(workflow.create, "x", {{loop = print}})
try(workflow.create, "x", {{spell = "../../etc/passwd", wait = 1}})
try(workflow.load, "a: &a [1]\\nb: *a")
try(workflow.load, "!!python/object:os.system x")
try(workflow.load, ("["):rep(100000))
local many = {} for i = 1, 2000 do many[i] = {wait = 0} end
try(workflow.create, "x", many)
local deep = {wait = 0} for i = 1, 40 do deep = {sequence = {deep}} end
try(workflow.create, "x", {deep})
local nest = workflow.create("n", {{wait = 0}, {wait = 0}})
try(function() for i = 1, 20 do nest = workflow.create("n" .. i, {{workflow = nest}, {workflow = nest}}) end end)
local spin = workflow.create("spin", {workflow.loop({loop = {when = false, wait = 0}, max = 10000}, {max = 10000})})
try(spin.run, spin)
try(function() workflow.create("f", {function() return print end}):run() end)
try(function() workflow.create("f", {{spell = "/etc/passwd"}}):run() end)
try(function() workflow.create("f", {{wait = 0}}):rollback(3) end)
try(function() workflow.create("f", {{wait = 0}}):approve("x") end)
return kinds
""",
    "js": """
const kinds = []
const attempt = async make => { try { await make(); kinds.push("ok") } catch (e) { kinds.push(e.kind) } }
const loop = {}; loop.sequence = [loop]
await attempt(() => workflow.create("x", [loop]))
await attempt(() => workflow.create("x", []))
await attempt(() => workflow.create("x".repeat(1e5), [() => 1]))
await attempt(() => workflow.create("x", [{ run: () => 1, tool: "calculator" }]))
await attempt(() => workflow.create("x", [{ tool: "calculator", retry: -1 }]))
await attempt(() => workflow.create("x", [{ llm: "{{secrets.key}}" }]))
await attempt(() => workflow.create("x", [{ loop: () => 1 }]))
await attempt(() => workflow.create("x", [{ spell: "../../etc/passwd", wait: 1 }]))
await attempt(() => workflow.load("a: &a [1]\\nb: *a"))
await attempt(() => workflow.load("!!python/object:os.system x"))
await attempt(() => workflow.load("[".repeat(100000)))
await attempt(() => workflow.create("x", Array.from({ length: 2000 }, () => ({ wait: 0 }))))
let deep = { wait: 0 }
for (let i = 0; i < 40; i++) deep = { sequence: [deep] }
await attempt(() => workflow.create("x", [deep]))
let nest = await workflow.create("n", [{ wait: 0 }, { wait: 0 }])
await attempt(async () => {
  for (let i = 0; i < 20; i++) nest = await workflow.create("n" + i, [{ workflow: nest }, { workflow: nest }])
})
const spin = await workflow.create("spin", [{ loop: { loop: { when: false, wait: 0 }, max: 10000 }, max: 10000 }])
await attempt(() => spin.run())
await attempt(async () => (await workflow.create("f", [() => () => 1])).run())
await attempt(async () => (await workflow.create("f", [{ spell: "/etc/passwd" }])).run())
await attempt(async () => (await workflow.create("f", [{ wait: 0 }])).rollback(3))
await attempt(async () => (await workflow.create("f", [{ wait: 0 }])).approve("x"))
return kinds
""",
}
KINDS = [
    "conversion",
    *["argument"] * 7,
    *["call"] * 3,
    *["argument"] * 3,
    "limit",
    *["workflow"] * 2,
    *["call"] * 2,
]
PLACES = [(engine, isolation) for engine in ("lua", "js") for isolation in ("inline", "process")]


@pytest.mark.parametrize(("engine", "isolation"), PLACES)
def test_a_spell_works_with_workflows(engine, isolation):
    source = {"lua": LUA, "js": JS}[engine]
    with Runner(model="demo", options={"llm": {"demo_pause": 0}}, isolation=isolation) as runner:
        seen = runner.cast(source, engine=engine).unwrap()
    assert {key: seen[key] for key in SEEN} == SEEN


ITSELF = {
    "lua": """
local wf
wf = workflow.create("w", {function() return wf:result() end})
local _, e = pcall(function() return wf:run() end)
local _, again = pcall(function() return workflow.create("v", {{run = function() return wf:run() end}}):run() end)
return {e.data.kind, again.data.kind}
""",
    "js": """
const wf = await workflow.create("w", [() => wf.result()])
const other = await workflow.create("v", [{ run: () => wf.run() }])
const seen = []
for (const each of [wf, other]) try { await each.run() } catch (e) { seen.push(e.data.kind) }
return seen
""",
}


@pytest.mark.parametrize(("engine", "isolation"), PLACES)
def test_a_step_that_waits_for_its_own_workflow_is_told_so(engine, isolation):
    with Runner(isolation=isolation) as runner:
        assert runner.cast(ITSELF[engine], engine=engine).unwrap() == ["deadlock", "workflow"]


@pytest.mark.parametrize(("engine", "isolation"), PLACES)
def test_what_makes_no_sense_is_refused(engine, isolation):
    with Runner(model="demo", isolation=isolation) as runner:
        assert runner.cast(HOSTILE[engine], engine=engine).unwrap() == KINDS
