"""Every method of agents, from Lua and from JavaScript."""

from __future__ import annotations

import pytest

from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

LUA = """
local double = {name = "double", description = "doubles", schema = {properties = {n = {type = "number"}}},
  fn = function(args) return args.n * 2 end}
local one = agent.create{name = "one", system = "You count.", memory = {kind = "window", size = 3},
  limits = {tool_calls = 5, timeout = 60}}
one:add_tools{double}
one:configure{description = "counts"}
local counted = one:run("double 21", {max_turns = 3, context = {unit = "m"}})
local pieces, kinds = "", {}
local streamed = one:stream("double 4", function(event)
  kinds[event.type] = true
  pieces = pieces .. (event.text and event.type == "text" and event.text or "")
end)
local halted = one:stream("hello", function() return false end)
local two = agent.register("two", function(task, about) return about.agent .. " did " .. task end)
local three = agent.register("three", {description = "sums", tools = {"calculator"}})
local copy = one:clone{name = "copy"}
local talk = copy:conversation()
talk:send("hello")
local said = #talk:history()
talk:clear()
local job = two:run_async("dig")
local dug = job:result()
local late = two:run_async("late")
late:cancel()
local saved = one:save("one")
local loaded = agent.load("one")
local as_tool = two:as_tool()
local remembered = #loaded:history()
loaded:reset()
local forgotten = #loaded:history()
local ready = {}
for _, make in ipairs{agent.research, agent.code_review, agent.writing, agent.data_analysis} do
  table.insert(ready, (make{max_turns = 2}:status().name))
end
local _, gone = pcall(agent.get, "nobody")
return {
  counted = counted.text:find("42", 1, true) ~= nil, turns = counted.turns, two = dug.text,
  state = {job:status().state, late:status().state ~= "running"}, said = {said, #talk:history()},
  listed = #agent.list(), delegated = agent.delegate("one", two, "rake").text:sub(1, 7),
  shared = agent.collaborate({"two", two}, "sow", {mode = "parallel"}).text,
  chained = agent.tool_chain({double, "two"}, {n = 1}), left_out = #saved.left_out,
  streamed = streamed.text == pieces and kinds.tool_result, halted = halted.stopped,
  remembered = remembered, forgotten = forgotten, tool = tools.execute(as_tool.name, {task = "mow"}),
  status = one:status().runs, removed = agent.remove("copy"), gone = gone.kind, ready = ready,
  wrong = select(2, pcall(agent.create, {tools = {5}})).kind,
}
"""
JS = """
const double = { name: "double", description: "doubles", schema: { properties: { n: { type: "number" } } },
  fn: args => args.n * 2 }
const one = await agent.create({ name: "one", system: "You count.", memory: { kind: "window", size: 3 },
  limits: { tool_calls: 5, timeout: 60 } })
await one.addTools([double])
await one.configure({ description: "counts" })
const counted = await one.run("double 21", { maxTurns: 3, context: { unit: "m" } })
let pieces = ""
const kinds = {}
const streamed = await one.stream("double 4", event => {
  kinds[event.type] = true
  if (event.type === "text") pieces += event.text
})
const halted = await one.stream("hello", () => false)
const two = await agent.register("two", (task, about) => about.agent + " did " + task)
const three = await agent.register("three", { description: "sums", tools: ["calculator"] })
const copy = await one.clone({ name: "copy" })
const talk = await copy.conversation()
await talk.send("hello")
const said = (await talk.history()).length
await talk.clear()
const job = await two.runAsync("dig")
const dug = await job.result()
const late = await two.runAsync("late")
await late.cancel()
const saved = await one.save("one")
const loaded = await agent.load("one")
const asTool = await two.asTool()
const remembered = (await loaded.history()).length
await loaded.reset()
const forgotten = (await loaded.history()).length
const ready = []
for (const make of [agent.research, agent.codeReview, agent.writing, agent.dataAnalysis])
  ready.push((await (await make({ maxTurns: 2 })).status()).name)
const kindOf = async promise => { try { await promise } catch (error) { return error.kind } }
return {
  counted: counted.text.includes("42"), turns: counted.turns, two: dug.text,
  state: [(await job.status()).state, (await late.status()).state !== "running"],
  said: [said, (await talk.history()).length],
  listed: (await agent.list()).length, delegated: (await agent.delegate("one", two, "rake")).text.slice(0, 7),
  shared: (await agent.collaborate(["two", two], "sow", { mode: "parallel" })).text,
  chained: await agent.toolChain([double, "two"], { n: 1 }), left_out: saved.left_out.length,
  streamed: streamed.text === pieces && kinds.tool_result, halted: halted.stopped,
  remembered, forgotten, tool: await tools.execute(asTool.name, { task: "mow" }),
  status: (await one.status()).runs, removed: await agent.remove("copy"),
  gone: await kindOf(agent.get("nobody")), ready, wrong: await kindOf(agent.create({ tools: [5] })),
}
"""
SEEN = {
    "counted": True,
    "turns": 2,
    "two": "two did dig",
    "state": ["done", True],
    "said": [2, 0],
    "listed": 8,
    "delegated": "two did",
    "shared": "two: two did sow\n\ntwo: two did sow",
    "left_out": 1,
    "streamed": True,
    "halted": True,
    "remembered": 10,
    "forgotten": 0,
    "tool": "two did mow",
    "status": 3,
    "removed": True,
    "gone": "agent_not_found",
    "ready": ["research_1", "code_review_1", "writing_1", "data_analysis_1"],
    "wrong": "argument",
}
HOSTILE = {
    "lua": """
local outcomes = {}
local function try(...) table.insert(outcomes, (pcall(...))) end
local loop = {} loop.system = loop
try(agent.create, loop)
try(agent.create, {name = ("x"):rep(1e6)})
try(agent.create, {output_schema = {type = "nonsense"}})
try(agent.create, {tools = {{name = "../x", fn = print}}})
try(agent.create, {memory = "elephant"})
try(agent.register, "x", {run = 5})
try(agent.load, "../../etc/passwd")
try(agent.collaborate, {}, "x")
return outcomes
""",
    "js": """
const outcomes = []
const attempt = async make => { try { await make(); outcomes.push(true) } catch { outcomes.push(false) } }
const loop = {}; loop.system = loop
await attempt(() => agent.create(loop))
await attempt(() => agent.create({ name: "x".repeat(1e6) }))
await attempt(() => agent.create({ outputSchema: { type: "nonsense" } }))
await attempt(() => agent.create({ tools: [{ name: "../x", fn: () => 1 }] }))
await attempt(() => agent.create({ memory: "elephant" }))
await attempt(() => agent.register("x", { run: 5 }))
await attempt(() => agent.load("../../etc/passwd"))
await attempt(() => agent.collaborate([], "x"))
return outcomes
""",
}


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_a_spell_works_with_agents(engine, source):
    with Runner(model="demo", options={"llm": {"demo_pause": 0}}) as runner:
        seen = runner.cast(source, engine=engine).unwrap()
    assert seen.pop("chained") in ('two did {"n": 2}', "two did 2", "two did 2.0")
    assert seen == SEEN


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_what_makes_no_sense_is_refused(engine):
    with Runner(model="demo") as runner:
        assert runner.cast(HOSTILE[engine], engine=engine).unwrap() == [False] * 8


# What tools spend

SPENDING = {
    "lua": """
local function asks() return llm.chat("once") .. llm.chat("twice") end
local tool = {name = "asks", description = "asks", fn = asks}
local a = agent.create{name = "a", tools = {tool}, limits = params.limits}
agent.register("b", asks)
local written, before = agent.get("b"):run("go"), llm.usage().requests
local ok, e = pcall(a.run, a, "Use asks now")
return {ok and e.usage.requests, ok and "done" or e.kind, written.usage.requests, llm.usage().requests - before}
""",
    "js": """
const asks = async () => (await llm.chat("once")) + (await llm.chat("twice"))
const tool = { name: "asks", description: "asks", fn: asks }
const a = await agent.create({ name: "a", tools: [tool], limits: params.limits })
await agent.register("b", asks)
const written = await (await agent.get("b")).run("go"), before = (await llm.usage()).requests
let used = false, kind = "done"
try { used = (await a.run("Use asks now")).usage.requests } catch (e) { kind = e.kind }
return [used, kind, written.usage.requests, (await llm.usage()).requests - before]
""",
}


@pytest.mark.parametrize("engine", ["lua", "lua55", "luajit", "js"])
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_what_its_tools_spend_an_agent_spends(engine, isolation):
    source = SPENDING.get(engine, SPENDING["lua"])
    with Runner(model="demo", isolation=isolation) as runner:
        assert runner.cast(source, engine=engine, params={"limits": {}}).unwrap() == [4, "done", 2, 4]
        bounded = runner.cast(source, engine=engine, params={"limits": {"requests": 2}}).unwrap()
    assert bounded == [False, "budget", 2, 2]


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_what_agents_at_the_same_time_spend_is_told_apart(engine):
    source = {
        "lua": """
        local function asks(n) return function() for i = 1, n do llm.chat("x") sleep(0) end return "x" end end
        local jobs, spent = {}, {}
        for n = 1, 4 do
          local tool = {name = "asks", description = "asks", fn = asks(n)}
          jobs[n] = agent.create{tools = {tool}}:run_async("Use asks now")
        end
        for n = 1, 4 do spent[n] = jobs[n]:result().usage.requests end
        return spent
        """,
        "js": """
        const asks = n => async () => { for (let i = 0; i < n; i++) { await llm.chat("x"); await sleep(0) } return "x" }
        const tool = n => ({ name: "asks", description: "asks", fn: asks(n) })
        const run = async n => (await (await agent.create({ tools: [tool(n)] })).run("Use asks now")).usage.requests
        return await Promise.all([1, 2, 3, 4].map(run))
        """,
    }
    with Runner(model="demo") as runner:
        assert runner.cast(source[engine], engine=engine).unwrap() == [3, 4, 5, 6]


def test_what_a_spell_spends_that_is_a_tool_its_agent_spends(tmp_path):
    manifest = "-- ---\n-- name: asks\n-- description: asks\n-- ---\n"
    (tmp_path / "asks.lua").write_text(f"{manifest}llm.chat('x') return llm.chat('y')")
    source = f"""
    tools.load_folder({str(tmp_path)!r})
    local a = agent.create{{tools = {{"asks"}}, limits = {{requests = params.requests}}}}
    local ok, e = pcall(a.run, a, "Use asks now")
    return {{ok and e.usage.requests, ok and "done" or e.kind}}
    """
    policy = Policy.standard().allow(f"read:{tmp_path}")
    with Runner(model="demo", policy=policy, isolation="inline") as runner:
        assert runner.cast(source, engine="lua", params={"requests": 9}).unwrap() == [4, "done"]
        assert runner.cast(source, engine="lua", params={"requests": 2}).unwrap() == [False, "budget"]


RING = {
    "lua": """
    local job, a, b
    job = agent.register("own", function() return select(2, pcall(job.result, job)).message end):run_async("x")
    a = agent.register("a", function() sleep(0.05) return select(2, pcall(b.result, b)).message end):run_async("x")
    b = agent.register("b", function() return "b heard: " .. a:result().text end):run_async("x")
    return {job:result().text, b:result().text}
    """,
    "js": """
    let job, a, b;
    const told = async job => { try { return (await job.result()).text } catch (error) { return error.message } };
    job = await (await agent.register("own", async () => { await sleep(0.05); return await told(job) })).runAsync("x");
    a = await (await agent.register("a", async () => { await sleep(0.1); return await told(b) })).runAsync("x");
    b = await (await agent.register("b", async () => "b heard: " + (await a.result()).text)).runAsync("x");
    return [(await job.result()).text, (await b.result()).text];
    """,
}


@pytest.mark.parametrize("engine", RING)
def test_runs_that_wait_for_one_another_are_told_instead_of_waiting_for_ever(engine):
    with Runner(model="demo") as runner:
        own, ring = runner.cast(RING[engine], engine=engine).unwrap()
    assert own == "the run of the agent 'own' waits for what asks for its result"
    assert ring == "b heard: the run of the agent 'b' waits for what asks for its result"
