"""Runs that were cut off anywhere go on, and ask no model twice for what it had answered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.hookspecs import hookimpl
from llmspell_core.journal import Journal
from llmspell_core.policy import Policy
from llmspell_core.runner import Result, Runner
from llmspell_core.spells import Spell

REPLIES = (
    """
- match: "6 times 7"
  tool_calls: [{name: calculator, arguments: {expression: "6*7"}}, {name: shout, arguments: {text: "hi"}}]
- match: "HI"
  text: "it is 42, said loudly"
- match: "count"
  chunks: ["one ", "two ", "three"]
"""
    + 8 * "- echo: true\n"
)

LUA = {
    "chats": """
        local a = llm.chat("alpha")
        local s = llm.chat_session("be brief")
        local b, c = s:send("beta"), s:send("gamma")
        return {a, b, c, #s:history()}
    """,
    "settings": """
        llm.set_defaults({max_tokens = 50})
        local a = llm.chat("alpha")
        llm.reset_defaults()
        llm.chat("beta")
        return {a, llm.get_defaults()}
    """,
    "a stream": """
        local heard = {}
        local stream = llm.stream("count")
        for chunk in stream do heard[#heard + 1] = chunk end
        return {heard, stream:result().text, llm.chat("after")}
    """,
    "a stream that is left": """
        local stream = llm.stream("count")
        local first = stream:next()[1]
        stream:close()
        return {first, llm.chat("after")}
    """,
    "a stream of a pool": """
        local heard, pool = {}, llm.pool({params.model, params.model})
        for chunk in pool:stream("count") do
          heard[#heard + 1] = chunk
          if #heard == 2 then break end
        end
        return {heard, llm.chat("after")}
    """,
    "a stream into a function": """
        local heard = {}
        local s = llm.chat_session("x")
        local whole = s:send_stream("count", function(chunk) heard[#heard + 1] = chunk end)
        return {heard, whole, #s:history()}
    """,
    "an agent with tools": """
        local shouted = 0
        tools.define("shout", "Shout.", {type = "object", properties = {text = {type = "string"}}}, function(args)
          shouted = shouted + 1
          return string.upper(args.text)
        end)
        local a = agent.create({name = "clerk", system = "work", tools = {"calculator", "shout"}, memory = "full"})
        local first = a:run("what is 6 times 7?")
        local second = a:run("thanks")
        return {first.text, first.usage.requests, second.text, #a:history(), shouted, tools.info("shout").name}
    """,
    "tools that the spell calls": """
        tools.define("ask", "Ask.", {properties = {q = {type = "string"}}}, function(args)
          return llm.chat("first " .. args.q) .. llm.chat("second " .. args.q)
        end)
        local one = tools.execute("ask", {q = "a"})
        local two = tools.pipeline({"ask", "calculator"}, {q = "b"}, {continue_on_error = true})
        local three = tools.parallel({{name = "ask", args = {q = "c"}}})
        local four = agent.tool_chain({"ask"}, {q = "d"})
        return {one, two, three, four, tools.metrics("ask").calls, #tools.history()}
    """,
    "at once": """
        local answers = llm.batch({"a", "b", "c"}, {max_concurrent = 3})
        local texts = {}
        for i, answer in ipairs(answers) do texts[i] = answer.text end
        return {texts, llm.chat("after")}
    """,
    "rules": """
        local rail = guardrails.create("polite", function() return true end)
        structured.save("form", {type = "object", required = {"a"}})
        llm.chat("alpha")
        return {guardrails.list(), structured.validate({}, "form").valid, llm.chat("b", {guardrails = {rail}})}
    """,
}
JS = {
    "chats": """
        const a = await llm.chat("alpha");
        const s = await llm.chatSession("be brief");
        const b = await s.send("beta"), c = await s.send("gamma");
        return [a, b, c, (await s.history()).length];
    """,
    "settings": """
        await llm.setDefaults({ maxTokens: 50 });
        const a = await llm.chat("alpha");
        await llm.resetDefaults();
        await llm.chat("beta");
        return [a, await llm.getDefaults()];
    """,
    "a stream": """
        const heard = [], stream = await llm.stream("count");
        for await (const chunk of stream) heard.push(chunk);
        return [heard, (await stream.result()).text, await llm.chat("after")];
    """,
    "a stream that is left": """
        let first;
        for await (const chunk of await llm.stream("count")) { first = chunk; break; }
        return [first, await llm.chat("after")];
    """,
    "a stream of a pool": """
        const heard = [], pool = await llm.pool([params.model, params.model]);
        for await (const chunk of await pool.stream("count")) {
          heard.push(chunk);
          if (heard.length === 2) break;
        }
        return [heard, await llm.chat("after")];
    """,
    "a stream into a function": """
        const heard = [];
        const s = await llm.chatSession("x");
        const whole = await s.sendStream("count", (chunk) => { heard.push(chunk); });
        return [heard, whole, (await s.history()).length];
    """,
    "an agent with tools": """
        let shouted = 0;
        await tools.define("shout", "Shout.", { type: "object", properties: { text: { type: "string" } } }, (args) => {
          shouted += 1;
          return args.text.toUpperCase();
        });
        const a = await agent.create({ name: "clerk", system: "work", tools: ["calculator", "shout"], memory: "full" });
        const first = await a.run("what is 6 times 7?");
        const second = await a.run("thanks");
        const about = await tools.info("shout");
        return [first.text, first.usage.requests, second.text, (await a.history()).length, shouted, about.name];
    """,
    "tools that the spell calls": """
        await tools.define("ask", "Ask.", { properties: { q: { type: "string" } } }, async (args) =>
          (await llm.chat("first " + args.q)) + (await llm.chat("second " + args.q)));
        const one = await tools.execute("ask", { q: "a" });
        const two = await tools.pipeline(["ask", "calculator"], { q: "b" }, { continueOnError: true });
        const three = await tools.parallel([{ name: "ask", args: { q: "c" } }]);
        const four = await agent.toolChain(["ask"], { q: "d" });
        return [one, two, three, four, (await tools.metrics("ask")).calls, (await tools.history()).length];
    """,
    "at once": """
        const answers = await llm.batch(["a", "b", "c"], { maxConcurrent: 3 });
        return [answers.map((answer) => answer.text), await llm.chat("after")];
    """,
    "rules": """
        const rail = await guardrails.create("polite", () => true);
        await structured.save("form", { type: "object", required: ["a"] });
        await llm.chat("alpha");
        const { valid } = await structured.validate({}, "form");
        return [await guardrails.list(), valid, await llm.chat("b", { guardrails: [rail] })];
    """,
}
CASES = [(engine, name) for engine, spells in (("lua", LUA), ("js", JS)) for name in spells]


class Counts:
    """Counts what models are really asked."""

    def __init__(self) -> None:
        self.asked = 0

    @hookimpl
    def llmspell_before(self, action: Any) -> None:
        self.asked += action.point == "llm"


class Machine:
    """A journal, and runners on it as if each were a process of its own."""

    def __init__(self, url: str, model: str) -> None:
        self.journal, self.model, self.counts = Journal(url), model, Counts()

    def runner(self) -> Runner:
        options = {"llm": {"demo_pause": 0, "retries": 0}}
        plugins = [self.counts]
        return Runner(journal=self.journal, model=self.model, isolation="inline", options=options, plugins=plugins)

    def cast(self, source: str, engine: str) -> Result:
        with self.runner() as runner:
            return runner.cast(Spell.text(source), engine=engine, run_id="run", seed=7, params={"model": self.model})

    def resume(self) -> Result:
        with self.runner() as runner:
            return runner.resume("run")

    def killed(self, whole: Machine, keep: int) -> None:
        """Have the run of another machine here as if its process had been killed after so many entries."""
        run = whole.journal.run("run")
        run.status, run.value, run.error, run.output, run.usage = "running", None, None, "", None
        run.owner = f"{socket.gethostname()}/999999999/1"
        self.journal.add(run, whole.journal.entries("run")[:keep])


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Callable[[], Machine]]:
    (tmp_path / "replies.yaml").write_text(REPLIES)
    made: list[Machine] = []

    def make() -> Machine:
        made.append(Machine(f"sqlite:///{tmp_path}/{len(made)}.db", f"mock:{tmp_path}/replies.yaml"))
        return made[-1]

    yield make
    for each in made:
        each.journal.close()


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_run_cut_off_anywhere_asks_no_model_twice(machines: Any, engine: str, name: str) -> None:
    source, whole = {"lua": LUA, "js": JS}[engine][name], machines()
    expected = whole.cast(source, engine)
    assert expected.ok, expected.error
    entries = whole.journal.entries("run")

    for keep in range(1, len(entries) + 1):
        machine = machines()
        machine.killed(whole, keep)

        result = machine.resume()

        assert result.ok, (keep, result.error)
        assert result.value == expected.value, keep
        paid = sum(entry.kind == "spent" and '"requests":1' in entry.body for entry in entries[:keep])
        assert result.usage.requests == paid + machine.counts.asked, keep
        # What was paid for and had not come back is asked once more: at most as many as were asked at once.
        assert 0 <= paid + machine.counts.asked - whole.counts.asked <= (3 if name == "at once" else 1), keep
        if keep == len(entries):
            assert machine.counts.asked == 0


def cut_off(machines: Any, whole: Machine) -> Iterator[tuple[int, Result]]:
    """Yield what comes of the run of a machine where it was cut off after so many entries, and goes on elsewhere."""
    for keep in range(1, len(whole.journal.entries("run")) + 1):
        machine = machines()
        machine.killed(whole, keep)
        yield keep, machine.resume()


SPENT = {
    "lua": """
        tools.load_folder(params.folder)
        local both = tools.parallel({{name = "asks"}, {name = "asks"}})
        return {both[1].error.kind, both[2].error.kind, llm.chat("after")}
    """,
    "js": """
        await tools.loadFolder(params.folder);
        const both = await tools.parallel([{ name: "asks" }, { name: "asks" }]);
        return [both[0].error.kind, both[1].error.kind, await llm.chat("after")];
    """,
}


@pytest.mark.parametrize("engine", SPENT)
def test_what_has_failed_for_its_own_budget_has_failed_when_the_run_goes_on(
    machines: Any, tmp_path: Path, engine: str
) -> None:
    (tmp_path / "tools").mkdir()
    manifest = "-- ---\n-- name: asks\n-- description: asks\n-- budget: {requests: 1}\n-- ---\n"
    (tmp_path / "tools" / "asks.lua").write_text(f"{manifest}llm.chat('x') return llm.chat('y')")
    whole = machines()
    with whole.runner() as runner:
        expected = runner.cast(
            Spell.text(SPENT[engine]),
            engine=engine,
            run_id="run",
            params={"folder": f"{tmp_path}/tools"},
            policy=Policy.standard().allow(f"read:{tmp_path}/tools"),
        )
    assert expected.unwrap()[:2] == ["budget", "budget"]
    for keep, result in cut_off(machines, whole):
        assert (result.value, result.error) == (expected.value, None), keep


HOOKED = {
    "lua": """
        hooks.before("llm", function() sleep(0.001) end)
        hooks.after("llm", function(action)
          sleep(0.001)
          sleep(0.001)
          return {result = action.result.text .. "!"}
        end)
        return {llm.chat("alpha"), llm.chat("beta")}
    """,
    "js": """
        await hooks.before("llm", () => sleep(0.001));
        await hooks.after("llm", async (action) => {
          await sleep(0.001);
          await sleep(0.001);
          return { result: `${action.result.text}!` };
        });
        return [await llm.chat("alpha"), await llm.chat("beta")];
    """,
}


@pytest.mark.parametrize("engine", HOOKED)
def test_what_a_hook_looked_at_when_the_run_was_killed_is_not_paid_for_again(machines: Any, engine: str) -> None:
    whole = machines()
    expected = whole.cast(HOOKED[engine], engine)
    assert [text[-1] for text in expected.unwrap()] == ["!", "!"]
    entries = whole.journal.entries("run")
    for keep, result in cut_off(machines, whole):
        assert (result.value, result.error) == (expected.value, None), keep
        # Killed between what it costs and the answer, it has only the one.
        assert result.usage.requests - 2 == (entries[keep - 1].kind == "spent"), keep


KEYS = {
    "lua": """
        http.post(params.url .. "/echo", {body = "a"})
        http.patch(params.url .. "/echo", {body = "b"})
        http.get(params.url .. "/echo")
        http.post(params.url .. "/echo", {body = "c", headers = {["Idempotency-Key"] = "own"}})
    """,
    "js": """
        await http.post(params.url + "/echo", { body: "a" });
        await http.patch(params.url + "/echo", { body: "b" });
        await http.get(params.url + "/echo");
        await http.post(params.url + "/echo", { body: "c", headers: { "Idempotency-Key": "own" } });
    """,
}


@pytest.mark.parametrize("engine", KEYS)
@pytest.mark.parametrize("journal", [True, False])
def test_servers_are_told_that_a_request_is_the_same(web: Any, tmp_path: Path, engine: str, journal: bool) -> None:
    url = f"sqlite:///{tmp_path}/runs.db" if journal else None
    policy = Policy.strict().allow(f"net:127.0.0.1:{web.port}")
    with Runner(journal=url, isolation="inline", policy=policy) as runner:
        given = {"url": web.url}
        runner.cast(Spell.text(KEYS[engine]), engine=engine, run_id="run", params=given).unwrap()
    keys = [asked["headers"].get("idempotency-key") for asked in web.asked]
    assert keys == (["run:1", "run:2", None, "own"] if journal else [None, None, None, "own"])


def test_a_provider_is_told_that_a_request_is_the_same(fake: Any, tmp_path: Path, monkeypatch: Any) -> None:
    async def go() -> list[str | None]:
        async with fake.FakeOpenAI(*(fake.text("hi") for _ in range(3))) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")
            given = {"isolation": "inline", "model": "openai:gpt-4o", "policy": Policy.trusted()}
            async with Runner(journal=f"sqlite:///{tmp_path}/runs.db", **given) as runner:
                spell = Spell.text('llm.chat("a"); llm.chat("a"); llm.batch({"a"})')
                (await runner.acast(spell, engine="lua", run_id="run")).unwrap()
            return [request.headers.get("idempotency-key") for request in server.requests]

    first, second, third = map(str, asyncio.run(go()))
    assert [each[:6] for each in (first, second, third)] == ["run:1:", "run:2:", "run:3:"]
    assert first[6:] == second[6:]
