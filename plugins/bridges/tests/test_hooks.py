"""Functions of a spell that stand around what it does: in each language, inline and in a process."""

from __future__ import annotations

import asyncio

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import Bridge, expose, exposed_methods
from llmspell_core.budget import Budget
from llmspell_core.errors import Denied
from llmspell_core.hookspecs import hookimpl
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])


class Probe(Bridge):
    """Called by spells."""

    name = "probe"
    made = []  # noqa: RUF012 - emptied by the fixture

    @expose
    async def add(self, a: int, b: int = 0) -> int:
        """Return a sum."""
        self.made.append((a, b))
        return a + b

    @expose
    async def fail(self, times: int = 1) -> str:
        """Fail so many times, then no more."""
        self.made.append("fail")
        if len(self.made) <= times:
            raise TimeoutError("too slow")
        return "at last"

    @expose(needs="read:{path}")
    async def read(self, path: str) -> str:
        """Return the path."""
        self.made.append(path)
        return path

    @expose
    async def hand(self) -> object:
        """Return an object of the host."""
        from llmspell_core.values import Handle

        class Thing(Handle):
            @expose
            def word(self) -> str:
                """Return a word."""
                return "open"

        return Thing()

    @expose
    async def child(self, source: str, engine: str) -> object:
        """Cast a spell."""
        return (await self.context.cast(source, engine=engine, params={"n": 1})).unwrap()

    @expose
    async def meet(self, count: int) -> int:
        """Return when so many calls wait here at once."""
        waiting = self.context.run.get("meet", list)
        event = self.context.run.get("event", asyncio.Event)
        waiting.append(1)
        if len(waiting) == count:
            event.set()
        await event.wait()
        return count

    @expose
    async def both(self) -> None:
        """Return when two runs wait here."""
        waiting = self.context.shared.get("both", list)
        event = self.context.shared.get("both event", asyncio.Event)
        waiting.append(1)
        if len(waiting) == 2:
            event.set()
        await event.wait()


@pytest.fixture(autouse=True)
def _nothing_made():
    Probe.made.clear()


def cast(engine, source, *hooks, isolation="inline", **options):
    bridges = {name: plugins.bridge_class(name) for name in ("hooks", "llm", "tools", "agent", "fs")} | {"probe": Probe}
    more = {name: options.pop(name) for name in ("trace", "policy", "budget") if name in options}
    settings = {"llm": {"demo_pause": 0}}
    with Runner(bridges=bridges, isolation=isolation, model="demo", options=settings, plugins=hooks, **more) as runner:
        return runner.cast(source[engine], engine=engine, **options)


CHANGES = {
    "lua": """
local seen = {}
local id = hooks.before("bridge_call:probe.*", function(action)
  seen[#seen + 1] = action.point .. " " .. action.name .. " " .. action.arguments.a
  return {arguments = {b = 10}}
end)
hooks.after("bridge_call", function(action)
  seen[#seen + 1] = "after " .. action.result
  return {result = action.result * 2}
end)
local first = probe.add(1)
local removed = {hooks.remove(id), hooks.remove(id)}
local second = probe.add(1)
local cleared = hooks.clear("bridge_call")
return {first, second, probe.add(1), removed, cleared, seen}
""",
    "js": """
const seen = []
const id = await hooks.before("bridge_call:probe.*", action => {
  seen.push(`${action.point} ${action.name} ${action.arguments.a}`)
  return { arguments: { b: 10 } }
})
await hooks.after("bridge_call", action => {
  seen.push(`after ${action.result}`)
  return { result: action.result * 2 }
})
const first = await probe.add(1)
const removed = [await hooks.remove(id), await hooks.remove(id)]
const second = await probe.add(1)
const cleared = await hooks.clear("bridge_call")
return [first, second, await probe.add(1), removed, cleared, seen]
""",
}


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_hook_changes_arguments_and_results_until_it_is_removed(engine, isolation):
    value = cast(engine, CHANGES, isolation=isolation).unwrap()
    assert value == [22, 2, 1, [True, False], 1, ["bridge_call probe.add 1", "after 11", "after 1"]]


ORDER = {
    "lua": """
local seen = {}
local function note(word) return function() seen[#seen + 1] = word end end
hooks.before("bridge_call", note("before 0"))
hooks.after("bridge_call", note("after 0"))
hooks.before("bridge_call", note("before 5"), {priority = 5})
hooks.after("bridge_call", note("after 5"), {priority = 5})
hooks.around("bridge_call", function(action, rest)
  seen[#seen + 1] = "in 1"
  local result = rest:proceed()
  seen[#seen + 1] = "out 1"
  return result
end, {priority = 1})
hooks.before("bridge_call", note("before -1"), {priority = -1})
probe.add(1)
return seen
""",
    "js": """
const seen = []
const note = word => () => { seen.push(word) }
await hooks.before("bridge_call", note("before 0"))
await hooks.after("bridge_call", note("after 0"))
await hooks.before("bridge_call", note("before 5"), { priority: 5 })
await hooks.after("bridge_call", note("after 5"), { priority: 5 })
await hooks.around("bridge_call", async (action, rest) => {
  seen.push("in 1")
  const result = await rest.proceed()
  seen.push("out 1")
  return result
}, { priority: 1 })
await hooks.before("bridge_call", note("before -1"), { priority: -1 })
await probe.add(1)
return seen
""",
}


@BOTH
def test_the_higher_its_priority_the_further_out_a_hook_stands(engine):
    inside = ["before 0", "before -1", "after 0"]
    assert cast(engine, ORDER).unwrap() == ["before 5", "in 1", *inside, "out 1", "after 5"]


DENIES = {
    "lua": """
hooks.before("bridge_call:probe.add", function(action) return hooks.deny("not today") end)
local ok, e = pcall(probe.add, 1)
return {e.kind, e.message}
""",
    "js": """
await hooks.before("bridge_call:probe.add", action => hooks.deny("not today"))
try { await probe.add(1) } catch (e) { return [e.kind, e.message] }
""",
}


@BOTH
def test_a_hook_refuses_and_the_thing_is_not_done(engine):
    assert cast(engine, DENIES).unwrap() == ["denied", "not today"]
    assert Probe.made == []


ANSWERS = {
    "lua": """
hooks.before("llm", function(action) return {result = "from before"} end)
local one = llm.chat("hi")
hooks.clear()
hooks.around("llm", function(action, rest) return {text = "around " .. action.arguments.messages[1].content} end)
local two, streamed = llm.chat("hi"), ""
for piece in llm.stream("ho") do streamed = streamed .. piece end
return {one, two, streamed, llm.usage().requests}
""",
    "js": """
await hooks.before("llm", action => ({ result: "from before" }))
const one = await llm.chat("hi")
await hooks.clear()
await hooks.around("llm", (action, rest) => ({ text: `around ${action.arguments.messages[0].content}` }))
const two = await llm.chat("hi")
let streamed = ""
for await (const piece of await llm.stream("ho")) streamed += piece
return [one, two, streamed, (await llm.usage()).requests]
""",
}


@BOTH
def test_a_hook_answers_in_place_of_a_model(engine):
    assert cast(engine, ANSWERS).unwrap() == ["from before", "around hi", "around ho", 0]


MODELS = {
    "lua": """
local heard = {}
hooks.before("llm", function(action)
  return {arguments = {messages = {{role = "user", content = "rivers"}}, options = {max_tokens = 5}}}
end)
hooks.after("llm", function(action)
  heard[#heard + 1] = action.result.finish_reason
  return {result = action.result.text:upper()}
end)
local one = llm.chat("hi")
local stream = llm.stream("hi")
for _ in stream do end
return {one, stream:result().text, heard}
""",
    "js": """
const heard = []
await hooks.before("llm", action => (
  { arguments: { messages: [{ role: "user", content: "rivers" }], options: { max_tokens: 5 } } }))
await hooks.after("llm", action => {
  heard.push(action.result.finish_reason)
  return { result: action.result.text.toUpperCase() }
})
const one = await llm.chat("hi")
const stream = await llm.stream("hi")
for await (const _ of stream) { }
return [one, (await stream.result()).text, heard]
""",
}


@BOTH
def test_a_hook_changes_what_a_model_is_asked_and_what_it_answered(engine):
    told = []
    one, two, heard = cast(engine, MODELS, trace=told.append).unwrap()
    assert one == two == one.upper() != ""
    assert heard == ["length", "length"]
    asked = [action.arguments["messages"] for action in told if action.point == "llm"]
    assert [messages[0]["content"] for messages in asked] == ["rivers", "rivers"]


WRONG = {
    "lua": """
hooks.before("llm", function(action) return {arguments = {messages = {{role = "nobody"}}}} end)
local _, e = pcall(llm.chat, "hi")
hooks.clear()
hooks.before("bridge_call", function(action) return {arguments = {a = "one"}} end)
local _, f = pcall(probe.add, 1)
hooks.clear()
hooks.before("bridge_call", function(action) return {arguments = {c = 1}} end)
local _, g = pcall(probe.add, 1)
return {e.message, f.message, g.message}
""",
    "js": """
const failure = async f => { try { await f() } catch (e) { return e.message } }
await hooks.before("llm", action => ({ arguments: { messages: [{ role: "nobody" }] } }))
const e = await failure(() => llm.chat("hi"))
await hooks.clear()
await hooks.before("bridge_call", action => ({ arguments: { a: "one" } }))
const f = await failure(() => probe.add(1))
await hooks.clear()
await hooks.before("bridge_call", action => ({ arguments: { c: 1 } }))
return [e, f, await failure(() => probe.add(1))]
""",
}


@BOTH
def test_what_a_hook_leaves_is_checked_like_what_a_spell_gives(engine):
    model, kind, unknown = cast(engine, WRONG).unwrap()
    assert "0.role" in model
    assert "must be an integer, not text 'one'" in kind
    assert "'c'" in unknown
    assert "is unknown" in unknown
    assert Probe.made == []


FAULTS = {
    "lua": """
hooks.before("bridge_call:probe.*", function() error("before is broken") end)
hooks.around("bridge_call:probe.*", function(_, rest) rest:proceed() error("around is broken") end)
hooks.after("bridge_call:probe.*", function() return 5 end)
local sum = probe.add(1, 1)
local ok, e = pcall(probe.read, "x")
local told = {}
for i, hook in ipairs(hooks.list()) do told[i] = {hook.sort, hook.point, hook.calls, hook.failures, hook.last_error} end
return {sum, e.kind, told}
""",
    "js": """
await hooks.before("bridge_call:probe.*", () => { throw new Error("before is broken") })
await hooks.around("bridge_call:probe.*", async (_, rest) => {
  await rest.proceed()
  throw new Error("around is broken")
})
await hooks.after("bridge_call:probe.*", () => 5)
const sum = await probe.add(1, 1)
let kind
try { await probe.read("x") } catch (e) { kind = e.kind }
const fields = ["sort", "point", "calls", "failures", "last_error"]
const told = (await hooks.list()).map(hook => fields.map(field => hook[field]))
return [sum, kind, told]
""",
}


@BOTH
def test_a_hook_that_fails_is_passed_over_and_told_of(engine, caplog):
    total, kind, told = cast(engine, FAULTS).unwrap()
    assert (total, kind, Probe.made) == (2, "denied", [(1, 1)])
    assert [row[:4] for row in told] == [
        ["before", "bridge_call:probe.*", 2, 2],
        ["around", "bridge_call:probe.*", 2, 1],
        ["after", "bridge_call:probe.*", 2, 2],
    ]
    assert "before is broken" in told[0][4]
    assert "a hook failed at bridge_call probe.add and is passed over" in caplog.text


AROUND = {
    "lua": """
hooks.around("bridge_call:probe.fail", function(action, rest)
  for i = 1, 2 do
    local ok, result = pcall(rest.proceed)
    if ok then return result end
  end
  return rest:proceed()
end)
hooks.around("bridge_call:probe.add", function(action, rest)
  return rest:proceed({a = 1}) + rest:proceed({a = 2, b = 5})
end)
hooks.around("bridge_call:probe.hand", function(action, rest) return rest:proceed() end)
hooks.after("bridge_call:probe.hand", function(action) return {result = action.result} end)
local thing = probe.hand()
return {probe.fail(2), probe.add(0), thing:word()}
""",
    "js": """
await hooks.around("bridge_call:probe.fail", async (action, rest) => {
  for (let i = 0; i < 2; i++) try { return await rest.proceed() } catch { }
  return rest.proceed()
})
await hooks.around("bridge_call:probe.add", async (action, rest) =>
  await rest.proceed({ a: 1 }) + await rest.proceed({ a: 2, b: 5 }))
await hooks.around("bridge_call:probe.hand", (action, rest) => rest.proceed())
await hooks.after("bridge_call:probe.hand", action => ({ result: action.result }))
const thing = await probe.hand()
return [await probe.fail(2), await probe.add(0), await thing.word()]
""",
}


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_hook_around_does_it_as_often_as_it_likes_and_hands_objects_on(engine, isolation):
    assert cast(engine, AROUND, isolation=isolation).unwrap() == ["at last", 8, "open"]


ITSELF = {
    "lua": """
local calls = 0
hooks.before("bridge_call:probe.add", function(action)
  calls = calls + 1
  probe.add(100)
  promise.all({promise.spawn(function() probe.add(200) end)}):await()
end)
hooks.before("bridge_call:probe.read", function() probe.add(300) end)
tools.define("sum", "Adds", {}, function() return probe.add(5) end)
hooks.around("tool", function(action, rest) probe.add(400); return rest:proceed() end)
local sum = tools.execute("sum")
pcall(probe.read, "x")
return {sum, calls}
""",
    "js": """
let calls = 0
await hooks.before("bridge_call:probe.add", async action => {
  calls++
  await probe.add(100)
  await Promise.all([(async () => { await probe.add(200) })()])
})
await hooks.before("bridge_call:probe.read", async () => { await probe.add(300) })
await tools.define("sum", "Adds", {}, async () => probe.add(5))
await hooks.around("tool", async (action, rest) => { await probe.add(400); return rest.proceed() })
const sum = await tools.execute("sum")
try { await probe.read("x") } catch { }
return [sum, calls]
""",
}


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_hook_does_not_meet_itself_and_others_do(engine, isolation):
    """What a hook around a tool has the tool do is none of its own doing; nor is what another hook does."""
    assert cast(engine, ITSELF, isolation=isolation).unwrap() == [5, 3]
    assert [a for a, _ in Probe.made] == [100, 200, 400, 100, 200, 5, 100, 200, 300]


SIDE_BY_SIDE = {
    "lua": """
local inside, seen = 0, {}
hooks.around("bridge_call:probe.meet", function(action, rest)
  inside = inside + 1
  seen[#seen + 1] = inside
  return rest:proceed()
end)
local all = {}
for i = 1, 3 do all[i] = promise.spawn(function() return probe.meet(3) end) end
return {promise.all(all):await(), seen}
""",
    "js": """
let inside = 0
const seen = []
await hooks.around("bridge_call:probe.meet", (action, rest) => { seen.push(++inside); return rest.proceed() })
return [await Promise.all([1, 2, 3].map(() => probe.meet(3))), seen]
""",
}


@BOTH
def test_calls_side_by_side_each_pass_a_hook_that_waits(engine):
    assert cast(engine, SIDE_BY_SIDE).unwrap() == [[3, 3, 3], [1, 2, 3]]


CHILD = {
    "lua": """
local seen = {}
hooks.before("spell", function(action)
  seen[#seen + 1] = action.arguments.n
  return {arguments = {n = 41}}
end)
hooks.before("bridge_call", function(action) seen[#seen + 1] = action.name end)
hooks.after("spell", function(action) return {result = action.result + 1} end)
return {probe.child("probe.add(params.n); return params.n", "lua"), seen}
""",
    "js": """
const seen = []
await hooks.before("spell", action => { seen.push(action.arguments.n); return { arguments: { n: 41 } } })
await hooks.before("bridge_call", action => { seen.push(action.name) })
await hooks.after("spell", action => ({ result: action.result + 1 }))
return [await probe.child("await probe.add(params.n); return params.n", "js"), seen]
""",
}


@BOTH
def test_a_hook_sees_the_spells_that_its_run_casts_and_nothing_that_they_do(engine):
    assert cast(engine, CHILD).unwrap() == [42, ["probe.child", 1]]


WIDENS = {
    "lua": """
hooks.before("bridge_call:probe.read", function() return {arguments = {path = "/etc/passwd"}} end)
local _, e = pcall(probe.read, "data/x")
return {e.kind, e.message}
""",
    "js": """
await hooks.before("bridge_call:probe.read", () => ({ arguments: { path: "/etc/passwd" } }))
try { await probe.read("data/x") } catch (e) { return [e.kind, e.message] }
""",
}


@BOTH
def test_a_hook_gives_a_spell_nothing_that_the_policy_does_not(engine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind, message = cast(engine, WIDENS, policy=Policy.standard().allow("read:data")).unwrap()
    assert kind == "denied"
    assert "/etc/passwd" in message
    assert Probe.made == []


@BOTH
def test_a_plugin_sees_what_the_spells_hooks_have_left_and_has_the_last_word_on_it(engine):
    class Guard:
        @hookimpl
        def llmspell_before(self, action):
            if action.name == "probe.read" and "passwd" in action.arguments["path"]:
                raise Denied("that file is nobody's business")

    policy = Policy.standard().allow("read:/")
    assert cast(engine, WIDENS, Guard(), policy=policy).unwrap() == ["denied", "that file is nobody's business"]


SPENDS = {
    "lua": """
hooks.around("llm", function(action, rest) rest:proceed(); return rest:proceed() end)
llm.chat("hi")
local _, e = pcall(llm.chat, "hi")
return {e.kind, llm.usage().requests}
""",
    "js": """
await hooks.around("llm", async (action, rest) => { await rest.proceed(); return rest.proceed() })
await llm.chat("hi")
try { await llm.chat("hi") } catch (e) { return [e.kind, (await llm.usage()).requests] }
""",
}


@BOTH
def test_what_a_hook_has_done_again_is_paid_for_again(engine):
    assert cast(engine, SPENDS, budget=Budget(requests=3)).unwrap() == ["budget", 3]


ENDLESS = {
    "lua": "hooks.before('bridge_call', function() while true do end end); pcall(probe.add, 1); return 'caught'",
    "js": "await hooks.before('bridge_call', () => { for (;;); }); try { await probe.add(1) } catch { }",
}


@BOTH
def test_a_limit_that_strikes_in_a_hook_ends_the_run(engine):
    error = cast(engine, ENDLESS, isolation="process", limits=Limits(cpu=0.3)).error
    assert (error.kind, error.limit) == ("limit", "cpu")


NAMED = {
    "lua": """
local told = list {}
for _, name in ipairs {"probe.ad", "prob.add", "probe.x*", "hooks.list"} do
  local _, problem = pcall(hooks.before, "bridge_call:" .. name, print)
  told[#told + 1] = problem.kind .. " " .. problem.message:gsub("^[^:]*: option 'point': ", "")
end
hooks.before("bridge_call:storage.readJson", function() return {result = "answered"} end)
return list {told, fs.read_json("x"), hooks.list()[1].point, hooks.clear("bridge_call:fs.read_json")}
""",
    "js": """
const told = []
for (const name of ["probe.ad", "prob.add", "probe.x*", "hooks.list"])
  try { await hooks.before(`bridge_call:${name}`, print) }
  catch (e) { told.push(`${e.kind} ${e.message.replace(/^[^:]*: option 'point': /, "")}`) }
await hooks.before("bridge_call:storage.readJson", () => ({ result: "answered" }))
return [told, await fs.readJson("x"), (await hooks.list())[0].point, await hooks.clear("bridge_call:fs.readJson")]
""",
}


@BOTH
def test_a_hook_stands_only_where_calls_pass(engine):
    told, answered, point, cleared = cast(engine, NAMED).unwrap()
    assert told == [
        "argument probe has no method 'ad'; did you mean 'add'?",
        "argument no bridge named 'prob' is mounted; did you mean 'probe'?",
        "argument no method of probe is named like 'x*'; it has add, both, child, fail, hand, meet, read",
        "argument calls of hooks pass no hooks, and nothing stands in their place",
    ]
    assert (answered, point, cleared) == ("answered", "bridge_call:fs.read_json", 1)


LEFT = {
    "lua": """
hooks.after("llm", function() probe.add(1) end)
promise.spawn(function() for piece in llm.stream("hi") do error("enough") end end)
sleep(0)
error("the end")
""",
    "js": """
await hooks.after("llm", () => probe.add(1))
promise.spawn(async () => { for await (const piece of await llm.stream("hi")) throw new Error("enough") })
await sleep(0)
throw new Error("the end")
""",
}


@BOTH
def test_no_hook_is_called_when_the_run_has_ended(engine):
    assert cast(engine, LEFT).error.kind == "runtime"
    assert Probe.made == []


AGENTS = {
    "lua": """
local seen = {}
for _, point in ipairs({"agent", "agent_turn"}) do
  hooks.before(point, function(action) seen[#seen + 1] = action.point .. " " .. action.name end)
end
agent.create({name = "bob", system = "be brief"})
local one = agent.get("bob"):run("hi")
hooks.around("agent_turn", function() return {text = "turned"} end)
local two = agent.get("bob"):run("hi")
hooks.around("agent", function(action, rest) return {text = "answered " .. action.arguments.input} end)
local three = agent.get("bob"):run("you")
return {one.text ~= "", two.text, three.text, three.turns, seen}
""",
    "js": """
const seen = []
for (const point of ["agent", "agent_turn"])
  await hooks.before(point, action => { seen.push(`${action.point} ${action.name}`) })
await agent.create({ name: "bob", system: "be brief" })
const bob = await agent.get("bob")
const one = await bob.run("hi")
await hooks.around("agent_turn", () => ({ text: "turned" }))
const two = await bob.run("hi")
await hooks.around("agent", (action, rest) => ({ text: `answered ${action.arguments.input}` }))
const three = await bob.run("you")
return [one.text !== "", two.text, three.text, three.turns, seen]
""",
}


@BOTH
def test_agents_and_their_turns_pass_the_hooks(engine):
    seen = ["agent bob", "agent_turn bob"] * 2 + ["agent bob"]
    assert cast(engine, AGENTS).unwrap() == [True, "turned", "answered you", 0, seen]


OWN = {
    "lua": """
hooks.before("checkout", function(action) return {arguments = {args = {action.arguments.args[1] + 1, 10}}} end)
local sum = hooks.execute("checkout", function(a, b) return a + b end, 1, 2)
local _, e = pcall(hooks.execute, "llm", function() end)
local _, f = pcall(hooks.before, "tols", function() end)
local _, g = pcall(hooks.before, "no good", function() end)
return {sum, e.message, f.message, g.message}
""",
    "js": """
const failure = async f => { try { await f() } catch (e) { return e.message } }
await hooks.before("checkout", action => ({ arguments: { args: [action.arguments.args[0] + 1, 10] } }))
const sum = await hooks.execute("checkout", (a, b) => a + b, 1, 2)
return [sum, await failure(() => hooks.execute("llm", () => 1)), await failure(() => hooks.before("tols", () => 1)),
  await failure(() => hooks.before("no good", () => 1))]
""",
}


@BOTH
def test_a_spell_has_points_of_its_own(engine):
    value, taken, typo, odd = cast(engine, OWN).unwrap()
    assert value == 12
    assert "a point of your own" in taken
    assert "did you mean 'tool'?" in typo
    assert "bridge_call" in odd


def test_hooks_of_one_run_are_not_seen_by_another():
    bridges = {"hooks": plugins.bridge_class("hooks"), "probe": Probe}

    async def use():
        async with Runner(bridges=bridges, isolation="inline") as runner:
            hooked = (
                "hooks.before('bridge_call:probe.add', function() hooks.deny('mine') end); probe.meet(1); probe.both()"
            )
            both = runner.acast(hooked, engine="lua"), runner.acast("probe.both(); return probe.add(1)", engine="lua")
            first, second = await asyncio.gather(*both)
            third = await runner.acast(Spell.text("return probe.add(2)"), engine="lua")
            return first.ok, second.unwrap(), third.unwrap()

    assert asyncio.run(use()) == (True, 1, 2)


def test_every_method_is_called_from_each_language():
    texts = {language: "".join(ALL[language]) for language in ("lua", "js")}
    for name in exposed_methods(plugins.bridge_class("hooks")):
        camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
        assert f"hooks.{name}" in texts["lua"], name
        assert f"hooks.{camel}" in texts["js"], name


READY = {
    "lua": """
hooks.cache("tool:count", {seconds = 60, most = 10})
hooks.retry("tool:shaky", {attempts = 3, delay = 0, kinds = {"shaky"}})
hooks.rate_limit("tool:rare", {calls = 1, per = 3600})
hooks.redact("tool:say", {words = {"swordfish"}, kinds = {"email"}})
local told = {}
hooks.audit("tool", function(record) told[#told + 1] = record.name .. " " .. record.outcome end)
local n, tries = 0, 0
tools.define("count", "Counts", {}, function() n = n + 1; return n end)
tools.define("shaky", "Fails twice", {}, function()
  tries = tries + 1
  if tries < 3 then error({kind = "shaky", message = "not yet"}) end
  return tries
end)
tools.define("rare", "Once", {}, function() return true end)
tools.define("say", "Says", {}, function(args) return args.text .. " from me@example.com" end)
local said = tools.execute("say", {text = "Swordfish to you@example.com"})
local rare = {tools.execute("rare"), tools.execute_safe("rare").error.kind}
local counted = {tools.execute("count"), tools.execute("count"), tools.execute("count", {a = 1})}
local cap = hooks.cost_cap(0)
local _, e = pcall(llm.chat, "hi")
return {counted, tools.execute("shaky"), rare, said, e.kind, hooks.remove(cap), told}
""",
    "js": """
await hooks.cache("tool:count", { seconds: 60, most: 10 })
await hooks.retry("tool:shaky", { attempts: 3, delay: 0, kinds: ["shaky"] })
await hooks.rateLimit("tool:rare", { calls: 1, per: 3600 })
await hooks.redact("tool:say", { words: ["swordfish"], kinds: ["email"] })
const told = []
await hooks.audit("tool", record => { told.push(`${record.name} ${record.outcome}`) })
let n = 0, tries = 0
await tools.define("count", "Counts", {}, () => ++n)
await tools.define("shaky", "Fails twice", {}, () => {
  if (++tries < 3) throw Object.assign(new Error("not yet"), { kind: "shaky" })
  return tries
})
await tools.define("rare", "Once", {}, () => true)
await tools.define("say", "Says", {}, args => `${args.text} from me@example.com`)
const said = await tools.execute("say", { text: "Swordfish to you@example.com" })
const rare = [await tools.execute("rare"), (await tools.executeSafe("rare")).error.kind]
const counted = [await tools.execute("count"), await tools.execute("count"), await tools.execute("count", { a: 1 })]
const cap = await hooks.costCap(0)
let kind
try { await llm.chat("hi") } catch (e) { kind = e.kind }
return [counted, await tools.execute("shaky"), rare, said, kind, await hooks.remove(cap), told]
""",
}


@BOTH
@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_ready_made_hooks_do_what_they_are_named_after(engine, isolation):
    counted, shaky, rare, said, kind, removed, told = cast(engine, READY, isolation=isolation).unwrap()
    assert (counted, shaky, rare, kind, removed) == ([1, 1, 2], 3, [True, "rate_limited"], "budget", True)
    assert said == "[redacted] to [email] from [email]"
    # The audit stands innermost here, so it sees what is really done, and each attempt.
    assert told == ["say ok", "rare ok", "count ok", "count ok", "shaky shaky", "shaky shaky", "shaky ok"]


ALL = {
    language: [text[language] for text in (CHANGES, ORDER, DENIES, ANSWERS, FAULTS, AROUND, OWN, READY)]
    for language in ("lua", "js")
}
