"""A real server that nobody here wrote: llama.cpp's, in a process of its own, with a model of random weights."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from llmspell_core.runner import Runner

pytestmark = pytest.mark.slow  # it starts a server; CI runs it

SERVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import tiny_model, xllamacpp
tiny_model.write(Path(sys.argv[2]))
asked = xllamacpp.CommonParams()
asked.model.path, asked.n_ctx, asked.n_parallel, asked.port = sys.argv[2], 8192, 4, 0
asked.cpuparams.n_threads, asked.warmup, asked.embedding = 1, False, sys.argv[3] == "embedding"
if asked.embedding:
    asked.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = xllamacpp.Server(asked)
print("at", server.listening_address, flush=True)
sys.stdin.read()
"""
MODEL = "openai-compatible:tiny"
BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
FORM = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 8}, "n": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["name", "n"],
    "additionalProperties": False,
}
CHAT = {
    "lua": """
local s = ''
for piece in llm.stream('hi', {max_tokens = 12, seed = 1}) do s = s .. piece end
local one = llm.complete('hi', {max_tokens = 12, seed = 1})
return {s, one.text, one.usage.output_tokens, one.finish_reason}
""",
    "js": """
let s = ''
for await (const piece of await llm.stream('hi', { maxTokens: 12, seed: 1 })) s += piece
const one = await llm.complete('hi', { maxTokens: 12, seed: 1 })
return [s, one.text, one.usage.output_tokens, one.finish_reason]
""",
}
FORMED = {
    "lua": "return llm.structured('x', params.form, {max_tokens = 200, seed = 1})",
    "js": "return await llm.structured('x', params.form, { maxTokens: 200, seed: 1 })",
}
ADD = {
    "type": "object",
    "properties": {name: {"type": "integer", "minimum": 0, "maximum": 9} for name in "ab"},
    "required": ["a", "b"],
    "additionalProperties": False,
}
AGENT = {
    "lua": """
local add = {name = "add", description = "adds", schema = params.add, fn = function(args) return args.a + args.b end}
local a = agent.create{tools = {add}, max_tokens = 200, seed = 1, max_turns = 3}
local answer, events = a:run("What is 2 + 3?"), {}
local streamed = a:stream("What is 2 + 3?", function(e)
  if e.type ~= events[#events] then events[#events + 1] = e.type end
end)
return {answer, streamed, events}
""",
    "js": """
const add = { name: "add", description: "adds", schema: params.add, fn: args => args.a + args.b }
const a = await agent.create({ tools: [add], maxTokens: 200, seed: 1, maxTurns: 3 })
const answer = await a.run("What is 2 + 3?"), events = []
const streamed = await a.stream("What is 2 + 3?", e => { if (e.type !== events.at(-1)) events.push(e.type) })
return [answer, streamed, events]
""",
}
FORMED_AGENT = {
    "lua": """
local go = {name = "go", fn = function() return "gone" end, schema = {additionalProperties = false}}
local tools = params.tools and {go} or {}
local a = agent.create{output_schema = params.form, max_tokens = 200, seed = 1, tools = tools, limits = {requests = 4}}
return a:run("hi").output
""",
    "js": """
const tools = params.tools ? [{ name: "go", fn: () => "gone", schema: { additionalProperties: false } }] : []
const a = await agent.create({ outputSchema: params.form, maxTokens: 200, seed: 1, tools, limits: { requests: 4 } })
return (await a.run("hi")).output
""",
}
TWENTY = {
    "lua": """
local t = {}
for i = 1, 20 do t[i] = promise.spawn(llm.chat, 'hi', {max_tokens = 4}) end
return #promise.all(t):await()
""",
    "js": "return (await Promise.all(Array.from({ length: 20 }, () => llm.chat('hi', { maxTokens: 4 })))).length",
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Start a server and return its address."""
    pytest.importorskip("xllamacpp")
    running = []

    def start(kind):
        path = tmp_path_factory.mktemp("llama") / "tiny.gguf"
        command = [sys.executable, "-c", SERVER, str(Path(__file__).parent), str(path), kind]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        process = subprocess.Popen(command, **pipes)
        running.append(process)
        for line in process.stdout:
            if line.startswith("at "):
                return f"{line.split()[1]}/v1"
        raise AssertionError("the server did not start")

    yield start
    for process in running:
        process.communicate("")


@pytest.fixture(scope="module")
def chatting(started):
    return started("chat")


def cast(monkeypatch, url, engine, source, **params):
    monkeypatch.setenv("LLMSPELL_OPENAI_BASE_URL", url)
    with Runner(isolation="inline", model=MODEL) as runner:
        return runner.cast(source[engine], engine=engine, params=params)


@BOTH
def test_a_chat_and_a_stream_say_the_same(monkeypatch, chatting, engine):
    streamed, whole, tokens, finish = cast(monkeypatch, chatting, engine, CHAT).unwrap()
    assert whole == streamed
    assert whole.isprintable()
    assert (tokens, finish) == (12, "length")


@BOTH
def test_data_is_made_by_the_schema(monkeypatch, chatting, engine):
    made = cast(monkeypatch, chatting, engine, FORMED, form=FORM).unwrap()
    assert set(made) == {"name", "n"}
    assert 0 <= made["n"] <= 9
    assert json.dumps(made)


@BOTH
def test_an_agent_calls_a_tool_and_answers_its_result(monkeypatch, chatting, engine):
    answer, streamed, events = cast(monkeypatch, chatting, engine, AGENT, add=ADD).unwrap()
    for each in (answer, streamed):
        assert [message["role"] for message in each["messages"]] == ["user", "assistant", "tool", "assistant"]
        (call,) = each["messages"][1]["tool_calls"]
        assert call["name"] == "add"
        assert each["messages"][2]["content"] == str(call["arguments"]["a"] + call["arguments"]["b"])
        assert each["messages"][3]["content"] == each["text"] != ""
        assert (each["turns"], each["usage"]["requests"]) == (2, 2)
    assert events == ["tool_call", "tool_result", "text"]


@BOTH
@pytest.mark.parametrize("tools", [False, True])
def test_an_agent_answers_with_data(monkeypatch, chatting, engine, tools):
    made = cast(monkeypatch, chatting, engine, FORMED_AGENT, form=FORM, tools=tools).unwrap()
    assert set(made) == {"name", "n"}


@BOTH
def test_twenty_chats_at_once_all_come_back(monkeypatch, chatting, engine):
    result = cast(monkeypatch, chatting, engine, TWENTY)
    assert (result.unwrap(), result.usage.requests) == (20, 20)


def test_texts_become_vectors(monkeypatch, started):
    source = {"lua": "local v = llm.embed({'hi', 'there', 'hi'}) return {#v, #v[1], v[1][1] == v[3][1]}"}
    assert cast(monkeypatch, started("embedding"), "lua", source).unwrap() == [3, 64, True]
