"""What providers see on the wire: OpenAI's API and Anthropic's, from both languages, when all is well and when not."""

from __future__ import annotations

import asyncio
import json

import pytest
from llmspell_bridges.llm.bridge import LlmBridge
from llmspell_bridges.llm.models import Message, Settings, Tool

from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import ProviderError
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

KEY = "sk-test-0123456789abcdefghij"
OPENAI, ANTHROPIC = "openai:gpt-4o-mini", "anthropic:claude-sonnet-4-6"
BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["name", "age"],
}
STRUCTURED = {
    "lua": "return llm.structured('A person', params.schema)",
    "js": "return await llm.structured('A person', params.schema)",
}
SEEN = {
    "lua": "local function seen() witness.hung_up() end\n",
    # LuaJIT tells nobody that a loop was left: what it iterated over is let go of when it is collected.
    "luajit": "local function seen() collectgarbage() collectgarbage() witness.hung_up() end\n",
    "js": "const seen = () => witness.hungUp()\n",
}
STOPPED = {
    "lua": {
        "break": "for piece in llm.stream('hi') do break end seen()",
        "return": "local function first() for piece in llm.stream('hi') do return piece end end first() seen()",
        "callback": "llm.stream('hi', function() return false end) seen()",
        "close": "local s = llm.stream('hi') s:next() s:close() seen()",
        "error": "pcall(function() for piece in llm.stream('hi') do error('enough') end end) seen()",
        "pool": "for piece in llm.pool({params.model, params.model}):stream('hi') do break end seen()",
        "session": "llm.chat_session():send_stream('hi', function() return false end) seen()",
    },
    "js": {
        "break": "for await (const piece of await llm.stream('hi')) break; await seen()",
        "return": "const first = async () => { for await (const piece of await llm.stream('hi')) return piece }\n"
        "await first(); await seen()",
        "callback": "await llm.stream('hi', () => false); await seen()",
        "close": "const s = await llm.stream('hi'); await s.next(); await s.close(); await seen()",
        "error": "try { for await (const piece of await llm.stream('hi')) throw Error('no') } catch {}\nawait seen()",
        "pool": "const pool = await llm.pool([params.model, params.model])\n"
        "for await (const piece of await pool.stream('hi')) break; await seen()",
        "session": "await (await llm.chatSession()).sendStream('hi', () => false); await seen()",
    },
}


@pytest.fixture
def connect(monkeypatch):
    """Let models be those of a server."""

    def point(server):
        for provider in ("OPENAI", "ANTHROPIC"):
            monkeypatch.setenv(f"{provider}_BASE_URL", server.url)
            monkeypatch.setenv(f"{provider}_API_KEY", KEY)

    return point


@pytest.fixture
def cast(connect):
    """Cast a spell against a server, and return its result and the server."""

    def run(server, engine, source, *, model=OPENAI, retries=0, bridges=None, **params):
        async def go():
            async with server:
                connect(server)
                settings = {"llm": {"retries": retries}}
                given = {**params, "model": model}
                more = {"options": settings, "policy": Policy.trusted(), "bridges": bridges}
                async with Runner(isolation="inline", model=model, **more) as runner:
                    result = await runner.acast(source, engine=engine, params=given)
                await server.all_closed()
                assert server.problems == []
                return result

        return asyncio.run(asyncio.wait_for(go(), 60))

    return run


@BOTH
def test_openai_is_told_of_a_schema_beside_the_conversation(fake, cast, engine):
    server = fake.FakeOpenAI(fake.text('{"name": "Ada", "age": 36}'))
    assert cast(server, engine, STRUCTURED[engine], schema=PERSON).unwrap() == {"name": "Ada", "age": 36}
    body = server.requests[0].body
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["name", "age"]
    assert [message["role"] for message in body["messages"]] == ["user"]


@BOTH
def test_what_a_provider_rejects_is_told_in_the_conversation(fake, cast, engine):
    server = fake.FakeOpenAI(
        fake.failure(400, "Invalid schema for response_format"), fake.text('{"name": "A", "age": 20}')
    )
    assert cast(server, engine, STRUCTURED[engine], schema=PERSON).unwrap()["age"] == 20
    body = server.requests[1].body
    assert "response_format" not in body
    assert "JSON Schema" in body["messages"][0]["content"]


@BOTH
def test_a_list_is_asked_for_in_the_conversation(fake, cast, engine):
    server = fake.FakeOpenAI(fake.text("[1, 2]"))
    schema = {"type": "array", "items": {"type": "integer"}}
    assert cast(server, engine, STRUCTURED[engine], schema=schema).unwrap() == [1, 2]


@BOTH
def test_vectors_come_in_batches_and_in_order_and_are_paid_for(fake, cast, engine):
    source = {"lua": "return llm.embed(params.texts)", "js": "return await llm.embed(params.texts)"}
    server = fake.FakeOpenAI(*[fake.vectors] * 3)
    texts = [f"text {i}" for i in range(300)]
    result = cast(server, engine, source[engine], model="openai:text-embedding-3-small", texts=texts)
    assert [vector[0] for vector in result.unwrap()] == [float(i % 128) for i in range(300)]
    assert [len(request.body["input"]) for request in server.requests] == [128, 128, 44]
    assert (result.usage.requests, result.usage.input_tokens) == (3, 900)
    assert 0 < result.usage.cost < 0.001


def test_vectors_are_asked_for_again_and_each_time_is_counted(fake, cast):
    server = fake.FakeOpenAI(fake.failure(429, "slow down", retry_after_ms="1"), fake.vectors)
    result = cast(server, "lua", "return #llm.embed('x')", model="openai:text-embedding-3-small", retries=1)
    assert (result.unwrap(), result.usage.requests, len(server.requests)) == (1, 2, 2)


def test_anthropic_makes_no_vectors(fake, cast):
    error = cast(fake.FakeAnthropic(), "lua", "return llm.embed('x')", model=ANTHROPIC).error
    assert "makes no vectors" in str(error)


@pytest.mark.parametrize("engine", ["lua", "lua55", "luajit", "js"])
@pytest.mark.parametrize("way", STOPPED["lua"])
def test_who_stops_listening_stops_the_provider(fake, cast, engine, way):
    """The spell goes on until the server has seen it, so that not the end of the spell is what closes the stream."""
    server = fake.FakeOpenAI(fake.chunks("one ", "two ", stalls=True))

    class WitnessBridge(Bridge):
        """Knows what the server sees."""

        name = "witness"

        @expose
        async def hung_up(self) -> None:
            """Return when the server has seen that its client is gone."""
            await server.hung_up.wait()

    source = SEEN.get(engine, SEEN["lua"]) + STOPPED.get(engine, STOPPED["lua"])[way]
    result = cast(server, engine, source, bridges={"llm": LlmBridge, "witness": WitnessBridge})
    assert result.error is None
    assert server.hung_up.is_set()


@BOTH
def test_a_spell_that_is_cancelled_hangs_up(fake, connect, engine):
    """The event at the server ends the test; nothing is timed."""
    source = {"lua": "return llm.chat('hi')", "js": "return await llm.chat('hi')"}

    async def go():
        async with fake.FakeOpenAI(fake.stalled()) as server:
            connect(server)
            async with Runner(isolation="inline", model=OPENAI) as runner:
                run = asyncio.ensure_future(runner.acast(source[engine], engine=engine))
                await server.received.wait()
                run.cancel()
                await asyncio.wait_for(server.hung_up.wait(), 10)
                with pytest.raises(asyncio.CancelledError):
                    await run

    asyncio.run(asyncio.wait_for(go(), 60))


@BOTH
def test_chats_at_once_are_in_flight_at_once(fake, cast, engine):
    source = {
        "lua": "local t = {} for i = 1, 20 do t[i] = promise.spawn(llm.chat, 'hi') end return #promise.all(t):await()",
        "js": "return (await Promise.all(Array.from({ length: 20 }, () => llm.chat('hi')))).length",
    }
    server = fake.FakeOpenAI(*[fake.text("x")] * 20, together=20)
    assert cast(server, engine, source[engine]).unwrap() == 20
    assert server.peak == 20


@pytest.mark.parametrize("server", ["text", "chunks"])
def test_a_connection_that_is_cut_is_no_answer(fake, cast, server):
    answer = fake.chunks("one ", "two ", cut=True)
    if server == "text":
        answer = fake.text("x" * 500)
        answer.cut = True
    source = {"text": "return llm.chat('hi')", "chunks": "return llm.stream('hi'):result().text"}
    error = cast(fake.FakeOpenAI(answer), "lua", source[server]).error
    assert error.data["reason"] in ("network", "bad_answer", "server")


def test_a_slow_stream_comes_piece_by_piece(fake, cast):
    server = fake.FakeOpenAI(fake.chunks(*"abc", pause=0.01))
    source = "local all = {} for piece in llm.stream('hi', {timeout = 30}) do all[#all + 1] = piece end return all"
    assert cast(server, "lua", source).unwrap() == ["a", "b", "c"]


@BOTH
def test_anthropic_answers_whole_and_as_a_stream(fake, cast, engine):
    source = {
        "lua": "local s = '' for piece in llm.stream('hi') do s = s .. piece end\n"
        "return {llm.chat('hi', {system = 'kind', temperature = 1, stop = 'END'}), s}",
        "js": "let s = ''; for await (const piece of await llm.stream('hi')) s += piece\n"
        "return [await llm.chat('hi', { system: 'kind', temperature: 1, stop: 'END' }), s]",
    }
    server = fake.FakeAnthropic(fake.FakeAnthropic.chunks("Hel", "lo"), fake.FakeAnthropic.text("Hello!"))
    result = cast(server, engine, source[engine], model=ANTHROPIC)
    assert result.unwrap() == ["Hello!", "Hello"]
    assert (result.usage.input_tokens, result.usage.output_tokens) == (24, 10)
    assert result.usage.cost > 0
    body = server.requests[1].body
    assert "kind" in json.dumps(body["system"])
    assert body["stop_sequences"] == ["END"]


@BOTH
def test_anthropic_gives_data_by_a_schema(fake, cast, engine):
    server = fake.FakeAnthropic(fake.FakeAnthropic.text('{"name": "Ada", "age": 36}'))
    assert cast(server, engine, STRUCTURED[engine], model=ANTHROPIC, schema=PERSON).unwrap()["age"] == 36


def test_who_stops_listening_stops_anthropic(fake, cast):
    server = fake.FakeAnthropic(fake.FakeAnthropic.chunks("one ", stalls=True))
    assert cast(server, "lua", "for piece in llm.stream('hi') do break end", model=ANTHROPIC).error is None
    assert server.hung_up.is_set()


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "auth"), (429, "rate_limit"), (529, "server"), (400, "bad_request")]
)
def test_anthropics_errors_have_a_reason(fake, cast, status, reason):
    server = fake.FakeAnthropic(fake.FakeAnthropic.failure(status, "no", retry_after="3"))
    error = cast(server, "lua", "return llm.chat('hi')", model=ANTHROPIC).error
    assert (error.data["reason"], error.data["status"]) == (reason, status)


def test_anthropic_calls_tools_and_reads_their_answers(fake, llm, connect):
    async def go():
        answers = fake.FakeAnthropic.tool_use("add", {"a": 2}), fake.FakeAnthropic.text("3")
        async with fake.FakeAnthropic(*answers) as server:
            connect(server)
            bridge = llm(ANTHROPIC)
            model = await bridge.models.open(ANTHROPIC)
            tool = Tool("add", "Adds", {"type": "object", "properties": {"a": {"type": "integer"}}})
            asked = [Message("user", "add")]
            reply = await model.request(asked, Settings(), [tool])
            told = [
                *asked,
                Message("assistant", tool_calls=reply.tool_calls),
                Message("tool", "3", (), reply.tool_calls[0]),
            ]
            last = await model.request(told, Settings(), [tool])
            await bridge._calls.close()
            assert server.problems == []
            return reply.tool_calls[0].arguments, last.text

    assert asyncio.run(asyncio.wait_for(go(), 60)) == ({"a": 2}, "3")


def test_the_fakes_refuse_what_the_providers_would(fake, connect, llm, run):
    async def go():
        async with fake.FakeOpenAI(fake.text("x")) as server:
            connect(server)
            bridge = llm(OPENAI)
            with pytest.raises(ProviderError, match="temperature is out of range"):
                await bridge.chat("hi", temperature=9)
            await bridge._calls.close()
            return server.problems

    assert run(go()) == ["temperature is out of range"]


@BOTH
def test_a_known_provider_may_be_elsewhere_and_told_more(fake, monkeypatch, engine):
    """Its API and the name of its key stay; what goes with each request is no spell's to read."""
    source = {"lua": "return llm.chat('hi')", "js": "return await llm.chat('hi')"}
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    async def go():
        async with fake.FakeAnthropic(fake.FakeAnthropic.text("it is hush-hush-hush")) as server:
            setting = {"base_url": server.url, "headers": {"X-Team": "Bearer hush-hush-hush"}}
            options = {"llm": {"providers": {"anthropic": setting}, "timeout": 30}}
            async with Runner(isolation="inline", model=ANTHROPIC, options=options) as runner:
                result = await runner.acast(source[engine], engine=engine)
            return result, server.requests

    result, requests = asyncio.run(asyncio.wait_for(go(), 60))
    assert result.unwrap() == "it is ***"
    assert requests[0].headers["x-team"] == "Bearer hush-hush-hush"


@BOTH
def test_a_call_that_says_no_timeout_has_that_of_the_settings(fake, connect, engine):
    source = {"lua": "return llm.chat('hi')", "js": "return await llm.chat('hi')"}

    async def go():
        async with fake.FakeOpenAI(fake.stalled()) as server:
            connect(server)
            options = {"llm": {"timeout": 0.2, "retries": 0}}
            async with Runner(isolation="inline", model=OPENAI, options=options) as runner:
                return await runner.acast(source[engine], engine=engine)

    error = asyncio.run(asyncio.wait_for(go(), 60)).error
    assert (error.kind, error.data["reason"]) == ("provider", "timeout")
