"""Every method of the bridge events, called from each language, inline and in a process of its own."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.runner import Isolation, Runner

if not all(importlib.util.find_spec(name) for name in ("llmspell_bridges", "llmspell_lua", "llmspell_js")):
    pytest.skip("the bridges or a language are not installed", allow_module_level=True)

LANGUAGES = ("lua", "js")
EVENTS = {
    "lua": """
local seen, chained = {}, nil
local function note(text) seen[#seen + 1] = text end
local recording = events.record({pattern = "orders.>"})
local sub = events.on("orders.*", function(e) note("on " .. e.name .. " " .. e.data.total) end)
events.once("orders.>", function(e) note("once " .. e.data.total) end)
events.filter("orders.>", function(e) return e.data.total > 1 end, function(e) note("filter " .. e.data.total) end)
events.batch("orders.>", {size = 3}, function(list) note("batch " .. #list) end)
events.on("bad", function(e) error("no good") end)
events.on("llmspell.events.failed", function(e) note(e.data.error.message) end)
for n = 1, 3 do events.emit("orders.paid", {total = n}) end
events.emit("bad", nil, {correlation = "trace-1"})
events.drain({timeout = 30})
local drained = {table.unpack(seen)}
table.sort(drained)
sub:off()
local off = {sub:status().active, sub:status().handled, sub:join(1), events.off("bad"), events.off("bad")}
events.emit("orders.paid", {total = 0})

local first = promise.spawn(events.wait_for, "later.*", 30)
local both = promise.spawn(events.aggregate, {"p.one", "p.*"}, 30)
sleep(0)
events.emit("later.on", {1, 2})
events.emit("p.two", "b")
events.emit("p.one", "a")
local late, e = pcall(events.wait_for, "never", 0.001)

local shop = events.namespace("shop")
shop:namespace("eu"):on("paid", function(e) events.emit("chained") chained = e.name end)
local heard = promise.spawn(events.wait_for, "chained", 30)
sleep(0)
shop:emit("eu.paid", 1, {correlation = "trace-2"})

local own = events.create_emitter({name = "mine"})
local private
own:on("tick", function(e) private = e end)
own:emit("tick", 1)
own:drain()

local kept = recording:stop()
local again = events.replay(kept)
local reserved, r = pcall(events.emit, "llmspell.fake")
local last = events.history({pattern = "orders.>", limit = 2})
local got, found = both:await(), first:await()
return {
  drained, off, found.data, {got["p.one"].data, got["p.*"].data}, {late, e.kind, e.data.missing},
  chained, heard:await().correlation, {private.name, private.source:match("/mine$")},
  {#kept.events, kept.missed, again}, {reserved, r.kind}, {last[1].data.total, last[2].data.total},
  events.history({correlation = "trace-1"})[1].name,
}
""",
    "js": """
const seen = [];
let chained;
const recording = await events.record({ pattern: "orders.>" });
const sub = await events.on("orders.*", (e) => { seen.push(`on ${e.name} ${e.data.total}`); });
await events.once("orders.>", (e) => { seen.push("once " + e.data.total); });
await events.filter("orders.>", (e) => e.data.total > 1, (e) => { seen.push("filter " + e.data.total); });
await events.batch("orders.>", { size: 3 }, (list) => { seen.push("batch " + list.length); });
await events.on("bad", () => { throw new Error("no good"); });
await events.on("llmspell.events.failed", (e) => { seen.push(e.data.error.message); });
for (let n = 1; n <= 3; n++) await events.emit("orders.paid", { total: n });
await events.emit("bad", null, { correlation: "trace-1" });
await events.drain({ timeout: 30 });
const drained = [...seen].sort();
await sub.off();
const status = await sub.status();
const off = [status.active, status.handled, await sub.join(1), await events.off("bad"), await events.off("bad")];
await events.emit("orders.paid", { total: 0 });

const first = events.waitFor("later.*", 30);
const both = events.aggregate(["p.one", "p.*"], 30);
await sleep(0);
await events.emit("later.on", [1, 2]);
await events.emit("p.two", "b");
await events.emit("p.one", "a");
let late;
try { await events.waitFor("never", 0.001) } catch (e) { late = [false, e.kind, e.data.missing] }

const shop = await events.namespace("shop");
const eu = await shop.namespace("eu");
await eu.on("paid", async (e) => { await events.emit("chained"); chained = e.name; });
const heard = events.waitFor("chained", 30);
await sleep(0);
await shop.emit("eu.paid", 1, { correlation: "trace-2" });

const own = await events.createEmitter({ name: "mine" });
let hear;
await own.on("tick", (e) => { hear = e; });
await own.emit("tick", 1);
await own.drain();

const kept = await recording.stop();
const again = await events.replay(kept);
let reserved;
try { await events.emit("llmspell.fake") } catch (e) { reserved = [false, e.kind] }
const last = await events.history({ pattern: "orders.>", limit: 2 });
const got = await both;
return [
  drained, off, (await first).data, [got["p.one"].data, got["p.*"].data], late,
  chained, (await heard).correlation, [hear.name, hear.source.match(/\\/mine$/)[0]],
  [kept.events.length, kept.missed, again], reserved, last.map((e) => e.data.total),
  (await events.history({ correlation: "trace-1" }))[0].name,
];
""",
}


@pytest.mark.parametrize("isolation", ["inline", "process"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_events(language: str, isolation: Isolation) -> None:
    with Runner(isolation=isolation) as runner:
        found: Any = runner.cast(EVENTS[language], engine=language).unwrap()
    assert found == [
        [
            "batch 3",
            "filter 2",
            "filter 3",
            "no good",
            "on orders.paid 1",
            "on orders.paid 2",
            "on orders.paid 3",
            "once 1",
        ],
        [False, 3, True, 1, 0],
        [1, 2],
        ["a", "b"],
        [False, "timeout", ["never"]],
        "shop.eu.paid",
        "trace-2",
        ["tick", "/mine"],
        [4, 0, 4],
        [False, "argument"],
        [3, 0],
        "bad",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_method_is_left_out(language: str) -> None:
    from llmspell_bridges.events.handles import Recording, Subscription

    owners = {plugins.bridge_class("events"): "events", Subscription: "sub", Recording: "recording"}
    for owner, called in owners.items():
        for name in exposed_methods(owner):
            spelled = name if language == "lua" else re.sub(r"_(\w)", lambda found: found[1].upper(), name)
            assert re.search(rf"\b{called}[.:]{spelled}\b", EVENTS[language]), name


ENDS = {
    "lua": """
events.on("a", function(e) sleep(0.001) print("heard " .. e.data) end)
events.emit("a", 1)
""",
    "js": """
await events.on("a", async (e) => { await sleep(0.001); print("heard " + e.data); });
await events.emit("a", 1);
""",
}


@pytest.mark.parametrize("isolation", ["inline", "process"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spell_ends_with_its_own_code_and_the_callbacks_that_run(language: str, isolation: Isolation) -> None:
    with Runner(isolation=isolation) as runner:
        result = runner.cast(ENDS[language], engine=language)
    assert result.error is None
    assert result.output == "heard 1\n"


WAITED = {
    "lua": """
local heard
local came = promise.new(function(resolve) heard = resolve end)
local sub = events.on("ready", function(e) heard(e.data) end)
if params.off then sub:off() else promise.spawn(function() sleep(0.01) events.emit("ready", 7) end) end
return came:await()
""",
    "js": """
let heard;
const came = new Promise(resolve => { heard = resolve; });
const sub = await events.on("ready", e => heard(e.data));
if (params.off) await sub.off();
else setTimeout(() => events.emit("ready", 7), 10);
return await came;
""",
}


@pytest.mark.parametrize("engine", LANGUAGES)
def test_a_promise_that_a_callback_resolves_is_waited_for_while_it_may_be_called(engine: str) -> None:
    with Runner(isolation="inline") as runner:
        assert runner.cast(WAITED[engine], engine=engine, params={"off": False}).unwrap() == 7
        ended = runner.cast(WAITED[engine], engine=engine, params={"off": True})
        assert (ended.error and ended.error.kind) == "deadlock"
        assert "it waits at spell" in str(ended.error)


WORKED = {
    "lua": """
local ended
local came = promise.new(function(resolve) ended = resolve end)
local flow = workflow.create("w", {{name = "one", run = function() sleep(0.01) return 5 end}})
flow:on("done", function(e) ended(e.event or "done") end)
flow:run_async()
return came:await()
""",
    "js": """
let ended;
const came = new Promise(resolve => { ended = resolve; });
const flow = await workflow.create("w", [{ name: "one", run: async () => { await sleep(0.01); return 5; } }]);
await flow.on("done", () => ended("done"));
await flow.runAsync();
return await came;
""",
}


@pytest.mark.parametrize("engine", LANGUAGES)
def test_so_is_one_that_a_workflow_in_the_background_resolves(engine: str) -> None:
    with Runner(isolation="inline") as runner:
        assert runner.cast(WORKED[engine], engine=engine).unwrap() == "done"
