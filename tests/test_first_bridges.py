"""Every method of the bridges llm, log and state, and of their handles, called from each language."""

from __future__ import annotations

import importlib.util
import logging
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.policy import Policy
from llmspell_core.protocol import Call, Inbox, Outbox
from llmspell_core.runner import Runner

if not all(importlib.util.find_spec(name) for name in ("llmspell_bridges", "llmspell_lua", "llmspell_js")):
    pytest.skip("llmspell-bridges, llmspell-lua and llmspell-js are not all installed", allow_module_level=True)

LLM = {
    "lua": """
llm.use_provider("demo")
llm.set_defaults({seed = 7, max_tokens = 30})
local told = llm.get_defaults().seed
local one = llm.complete("one thing", {system = "be brief"})
local same = llm.chat("one thing", {system = "be brief"}) == one.text
local pieces, stream = {}, llm.stream("a story")
for piece in stream do pieces[#pieces + 1] = piece end
local whole = stream:result().text == table.concat(pieces)
local seen = 0
local stopped = llm.stream("a story", function() seen = seen + 1 return seen < 2 end)
local early = llm.stream("a story")
early:close()
local marks = 0
local many = llm.batch({"a", "b", "c"}, {max_concurrent = 2, on_progress = function() marks = marks + 1 end})
local chat = llm.chat_session("You are kind")
chat:send("hello")
chat:send_stream("again", function() return true end)
local other = chat:fork()
chat:clear()
local back = llm.import_session(other:export())
llm.reset_defaults()
return {
  told, same, whole, seen, stopped.finish_reason, #many, many[3].ok, marks, #chat:history(), #back:history(),
  llm.current_provider().provider, #llm.list_providers() > 3, #llm.list_models({provider = "demo"}),
  llm.count_tokens("some words here") > 1, llm.usage().requests, llm.cost_estimate("hello", "demo"),
}
""",
    "js": """
await llm.useProvider("demo");
await llm.setDefaults({ seed: 7, maxTokens: 30 });
const told = (await llm.getDefaults()).seed;
const one = await llm.complete("one thing", { system: "be brief" });
const same = (await llm.chat("one thing", { system: "be brief" })) === one.text;
const pieces = [], stream = await llm.stream("a story");
for await (const piece of stream) pieces.push(piece);
const whole = (await stream.result()).text === pieces.join("");
let seen = 0;
const stopped = await llm.stream("a story", () => ++seen < 2);
const early = await llm.stream("a story");
await early.close();
let marks = 0;
const many = await llm.batch(["a", "b", "c"], { maxConcurrent: 2, onProgress: () => { marks++ } });
const chat = await llm.chatSession("You are kind");
await chat.send("hello");
await chat.sendStream("again", () => true);
const other = await chat.fork();
await chat.clear();
const back = await llm.importSession(await other.export());
await llm.resetDefaults();
return [
  told, same, whole, seen, stopped.finish_reason, many.length, many[2].ok, marks, (await chat.history()).length,
  (await back.history()).length, (await llm.currentProvider()).provider, (await llm.listProviders()).length > 3,
  (await llm.listModels({ provider: "demo" })).length, (await llm.countTokens("some words here")) > 1,
  (await llm.usage()).requests, await llm.costEstimate("hello", "demo"),
];
""",
}
SEVERAL = {
    "lua": """
local answer = llm.fallback_chain({"demo", "demo"}, "hi", {check = function(text) return #text > 0 end})
local both = llm.compare_providers("hi", {"demo", "demo"})
local pool = llm.pool({"demo", "demo"}, {strategy = "least_used", breaker = {threshold = 2, reset = 1}, retries = 1})
local said = pool:generate("hi")
local heard = ""
for chunk in pool:stream("hi") do heard = heard .. chunk end
return {
  failures = #answer.failures, model = answer.model, compared = both[1].ok and both[2].ok,
  same = said.text == heard, requests = pool:metrics()[1].requests, state = pool:health()[2].state,
}
""",
    "js": """
const answer = await llm.fallbackChain(["demo", "demo"], "hi", { check: text => text.length > 0 })
const both = await llm.compareProviders("hi", ["demo", "demo"])
const options = { strategy: "least_used", breaker: { threshold: 2, reset: 1 }, retries: 1 }
const pool = await llm.pool(["demo", "demo"], options)
const said = await pool.generate("hi")
let heard = ""
for await (const chunk of await pool.stream("hi")) heard += chunk
return {
  failures: answer.failures.length, model: answer.model, compared: both[0].ok && both[1].ok,
  same: said.text === heard, requests: (await pool.metrics())[0].requests, state: (await pool.health())[1].state,
}
""",
}
FORMS = {
    "lua": """
local form = {type = "object", properties = {n = {type = "integer"}}, required = {"n"}}
local made = llm.structured("a number", form, {retries = 1})
local greet = llm.template("Hello {{name}}")
return {
  math.type(made.n), #llm.embed({"one", "two"}, {model = "demo"}), greet:render({name = "you"}), greet:variables(),
  greet:chat({name = "you"}) == greet:complete({name = "you"}, {cache = true}).text,
}
""",
    "js": """
const form = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] }
const made = await llm.structured("a number", form, { retries: 1 })
const greet = await llm.template("Hello {{name}}")
return [
  typeof made.n === "number" && "integer", (await llm.embed(["one", "two"], { model: "demo" })).length,
  await greet.render({ name: "you" }), await greet.variables(),
  (await greet.chat({ name: "you" })) === (await greet.complete({ name: "you" }, { cache: true })).text,
]
""",
}
STATE = {
    "lua": """
state.set("a", {n = 1, list = list({})})
state.set("theirs", "yes", {scope = "shared"})
state.set_many({b = 2, c = 3})
local grown = state.update("a", function(v) v.n = v.n + 1 return v end)
local gone = state.delete("c")
return {
  state.get("a"), grown.n, state.get("none", {default = 5}), state.has("b"), gone, state.has("c"), state.incr("b", 5),
  state.get_many({"b", "theirs"}), state.keys(), state.get("theirs", {scope = "shared"}),
}
""",
    "js": """
await state.set("a", { n: 1, list: [] });
await state.set("theirs", "yes", { scope: "shared" });
await state.setMany({ b: 2, c: 3 });
const grown = await state.update("a", (v) => ({ ...v, n: v.n + 1 }));
const gone = await state.delete("c");
return [
  await state.get("a"), grown.n, await state.get("none", { default: 5 }), await state.has("b"), gone,
  await state.has("c"), await state.incr("b", 5), await state.getMany(["b", "theirs"]), await state.keys(),
  await state.get("theirs", { scope: "shared" }),
];
""",
}
LOG = {
    "lua": """
for _, writer in ipairs({log, log.create_logger("mine", "debug"), log["with"]({run = 1})}) do
  writer.debug("d") writer.info("i", {n = 1}) writer.warn("w") writer.error("e")
end
local mine = log.create_logger("mine", "debug")
mine:with_context({x = 1}):info("x")
mine:set_level("error")
log.set_level("error")
log.info("unseen")
""",
    "js": """
for (const writer of [log, await log.createLogger("mine", "debug"), await log.with({ run: 1 })]) {
  await writer.debug("d"); await writer.info("i", { n: 1 }); await writer.warn("w"); await writer.error("e");
}
const mine = await log.createLogger("mine", "debug");
await (await mine.withContext({ x: 1 })).info("x");
await mine.setLevel("error");
await log.setLevel("error");
await log.info("unseen");
""",
}


class Witness:
    """Keeps which methods a spell called, on the bridge and on its handles."""

    def __init__(self) -> None:
        self.on_bridge: set[str] = set()
        self.on_handles: set[str] = set()

    def __call__(self, inbox: Inbox, outbox: Outbox) -> None:
        for call in outbox.requests:
            if isinstance(call, Call) and call.target != "host":
                (self.on_handles if isinstance(call.target, int) else self.on_bridge).add(call.method)


def cast(engine: str, source: str) -> tuple[Any, Witness]:
    witness = Witness()
    with Runner(model="demo", policy=Policy.profile("trusted"), options={"llm": {"demo_pause": 0}}) as runner:
        return runner.cast(source, engine=engine, record=witness).unwrap(), witness


def methods(owner: type) -> set[frozenset[str]]:
    """Each exposed method, as all the names it answers to."""
    names: dict[Any, set[str]] = {}
    for name, function in exposed_methods(owner).items():
        names.setdefault(function, set()).add(name)
    return {frozenset(each) for each in names.values()}


def uncalled(owner: type, called: set[str]) -> list[frozenset[str]]:
    return [names for names in methods(owner) if not names & called]


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_every_method_of_llm_answers(engine: str) -> None:
    from llmspell_bridges.llm.pool import ModelPool
    from llmspell_bridges.llm.prompts import PromptTemplate
    from llmspell_bridges.llm.session import ChatSession
    from llmspell_bridges.llm.text_stream import TextStream

    value, witness = cast(engine, LLM[engine])
    assert value == [7, True, True, 2, "cancelled", 3, True, 3, 0, 4, "demo", True, 1, True, 10, 0]
    several, also = cast(engine, SEVERAL[engine])
    assert several == {
        "failures": 0,
        "model": "demo",
        "compared": True,
        "same": True,
        "requests": 1,
        "state": "closed",
    }
    forms, third = cast(engine, FORMS[engine])
    assert forms == ["integer", 2, "Hello you", ["name"], True]
    assert uncalled(plugins.bridge_class("llm"), witness.on_bridge | also.on_bridge | third.on_bridge) == []
    on_handles = witness.on_handles | also.on_handles | third.on_handles
    handles = (ChatSession, TextStream, ModelPool, PromptTemplate)
    assert [name for handle in handles for name in uncalled(handle, on_handles)] == []


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_state_keeps_what_spells_give_it(engine: str) -> None:
    value, _ = cast(engine, STATE[engine])
    kept = {"n": 2, "list": []}
    assert value[:7] == [kept, 2, 5, True, True, False, 7]
    assert value[7]["b"] == 7
    assert (sorted(value[8]), value[9]) == (["a", "b"], "yes")


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_what_spells_log_is_heard_with_its_fields(engine: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "llmspell.spell"):
        cast(engine, LOG[engine])
    said = [record.getMessage() for record in caplog.records]
    assert said == [*("d", "i n=1", "w", "e") * 2, "d run=1", "i run=1 n=1", "w run=1", "e run=1", "x x=1"]


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_setting_that_a_bridge_does_not_have_is_named(engine: str) -> None:
    sources = {"lua": "return llm.chat('hi')", "js": "return await llm.chat('hi')"}
    with Runner(model="demo", options={"llm": {"pause": 0}}) as runner:
        error = runner.cast(sources[engine], engine=engine).error
    assert error is not None
    assert error.kind == "usage"
    assert "the bridge 'llm' has no setting 'pause', and has answer_tokens, demo_pause" in str(error)
