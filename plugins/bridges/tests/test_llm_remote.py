"""The adapter to real models, against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio

import pytest
from llmspell_bridges.llm.models import Message, Settings, Tool, ToolCall

from llmspell_core.errors import ProviderError

KEY = "sk-test-0123456789abcdefghij"
MODEL = "openai:gpt-4o-mini"


@pytest.fixture
def served(fake, llm, monkeypatch):
    """Run a test's coroutine with a server and a bridge that calls it; then both are closed and clean."""

    async def serve(answers, use, **options):
        async with fake.FakeOpenAI(*answers) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            bridge = llm(MODEL, **options)
            try:
                return await use(bridge, server)
            finally:
                await bridge._calls.close()
                await server.all_closed()
                assert server.problems == []

    return lambda answers, use, **options: asyncio.run(asyncio.wait_for(serve(answers, use, **options), 60))


def failing(served, *answers, **options):
    async def use(bridge, server):
        with pytest.raises(ProviderError) as caught:
            await bridge.complete("hi", **options)
        return caught.value

    return served(answers, use)


def test_a_completion_sends_every_option_and_returns_text_usage_and_cost(served, fake):
    async def use(bridge, server):
        result = await bridge.complete(
            "hi", system="be short", temperature=0.5, max_tokens=9, stop=["END"], seed=4, timeout=30
        )
        return result, server.requests[0], bridge.usage()

    result, request, usage = served([fake.text("Hello!")], use)

    assert request.body == {
        "model": "gpt-4o-mini",
        "messages": [{"role": "system", "content": "be short"}, {"role": "user", "content": "hi"}],
        "stream": False,
        "temperature": 0.5,
        "max_completion_tokens": 9,
        "stop": ["END"],
        "seed": 4,
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    cost = result["usage"]["cost"]
    assert result == {
        "text": "Hello!",
        "model": MODEL,
        "usage": {"requests": 1, "input_tokens": 11, "output_tokens": 7, "cost": cost},
        "estimated": False,
        "finish_reason": "stop",
        "cached": False,
    }
    assert 0 < cost < 0.01
    assert usage == {**result["usage"], "left": {}}


def test_a_conversation_keeps_its_roles(served, fake):
    async def use(bridge, server):
        session = bridge.chat_session("be kind")
        await session.send("one")
        await session.send("two")
        return server.requests[1].body["messages"]

    said = served([fake.text("first"), fake.text("second")], use)

    assert [(message["role"], message["content"]) for message in said] == [
        ("system", "be kind"),
        ("user", "one"),
        ("assistant", "first"),
        ("user", "two"),
    ]


def test_tokens_the_provider_did_not_count_are_estimated(served, fake):
    async def use(bridge, server):
        return await bridge.complete("some words to count")

    result = served([fake.text("and an answer", usage=None)], use)

    assert result["estimated"] is True
    assert result["usage"]["input_tokens"] == 4
    assert result["usage"]["output_tokens"] == 3


def test_a_stream_gives_the_pieces_and_then_the_whole(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi")
        pieces = []
        while (piece := await stream.next()) is not None:
            pieces += piece
        return pieces, await stream.result(), server.requests[0].body["stream"]

    pieces, result, streamed = served([fake.chunks("Hel", "lo", "!")], use)

    assert pieces == ["Hel", "lo", "!"]
    assert streamed is True
    assert (result["text"], result["finish_reason"], result["estimated"]) == ("Hello!", "stop", False)
    assert (result["usage"]["input_tokens"], result["usage"]["output_tokens"]) == (11, 7)


def test_a_callback_that_returns_false_closes_the_providers_stream(served, fake, function):
    async def use(bridge, server):
        seen = []
        result = await bridge.stream("hi", function(lambda piece: seen.append(piece) or len(seen) < 2))
        await server.hung_up.wait()
        return seen, result, bridge.usage()

    seen, result, usage = served([fake.chunks("one ", "two ", "three", stalls=True)], use)

    assert seen == ["one ", "two "]
    assert result["finish_reason"] == "cancelled"
    assert result["text"].startswith("one two ")
    assert result["estimated"] is True
    assert usage["output_tokens"] >= 2


def test_a_closed_stream_is_seen_closed_by_the_provider(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi")
        first = await stream.next()
        await stream.close()
        await stream.close()
        await server.hung_up.wait()
        return first, await stream.next(), await stream.result()

    first, after, result = served([fake.chunks("one ", stalls=True)], use)

    assert first == ["one "]
    assert after is None
    assert result["finish_reason"] == "cancelled"


def test_closing_a_stream_ends_a_wait_for_its_next_piece(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi")
        await stream.next()
        waiting = asyncio.ensure_future(stream.next())
        await asyncio.sleep(0)
        await stream.close()
        await server.hung_up.wait()
        return await waiting, bridge.usage(), (await stream.result())["usage"]

    after, counted, once = served([fake.chunks("one ", stalls=True)], use)

    assert after is None
    assert counted == {**once, "left": {}}


def test_a_run_that_ends_closes_the_streams_it_left_open(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi")
        await stream.next()
        await bridge._calls.close()
        await server.hung_up.wait()
        return bridge.usage()

    assert served([fake.chunks("one ", stalls=True)], use)["requests"] == 1


def test_a_cancelled_call_cancels_the_providers_request(served, fake):
    async def use(bridge, server):
        call = asyncio.ensure_future(bridge.complete("hi"))
        await server.received.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.hung_up.wait()
        return bridge.usage()["requests"]

    assert served([fake.stalled()], use) == 1


def test_a_cancelled_wait_for_a_piece_closes_the_stream(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi")
        await stream.next()
        waiting = asyncio.ensure_future(stream.next())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await server.hung_up.wait()
        return await stream.result()

    assert served([fake.chunks("one ", stalls=True)], use)["finish_reason"] == "cancelled"


def test_a_timeout_closes_the_connection_and_says_so(served, fake):
    async def use(bridge, server):
        with pytest.raises(ProviderError) as caught:
            await bridge.complete("hi", timeout=0.05)
        await server.hung_up.wait()
        return caught.value

    error = served([fake.stalled()], use)

    assert error.data == {"provider": "openai", "model": MODEL, "reason": "timeout"}
    assert "0.05 seconds" in str(error)


def test_a_stalled_stream_times_out_at_its_next_piece(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi", timeout=0.5)
        assert await stream.next() == ["one "]
        with pytest.raises(ProviderError, match="no answer within") as caught:
            await stream.next()
        await server.hung_up.wait()
        with pytest.raises(ProviderError):
            await stream.result()
        return caught.value

    assert served([fake.chunks("one ", stalls=True)], use).data["reason"] == "timeout"


def test_a_stream_that_never_begins_times_out_and_is_closed(served, fake):
    async def use(bridge, server):
        with pytest.raises(ProviderError, match="no answer within"):
            await bridge.stream("hi", timeout=0.05)
        await server.hung_up.wait()
        return bridge.usage()["requests"]

    assert served([fake.stalled()], use) == 1


def test_a_refused_key_names_the_variable_and_never_the_key(served, fake):
    error = failing(served, fake.failure(401, f"Incorrect API key provided: {KEY}"))

    assert error.data == {"provider": "openai", "model": MODEL, "reason": "auth", "status": 401}
    assert "OPENAI_API_KEY" in str(error)
    assert "llmspell keys set openai" in str(error)
    assert KEY not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_rate_limit_says_how_long_to_wait(served, fake):
    error = failing(served, fake.failure(429, "slow down", retry_after="7"))

    assert error.data == {"provider": "openai", "model": MODEL, "reason": "rate_limit", "status": 429, "retry_after": 7}
    assert "slow down" in str(error)


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (500, "boom", "server"),
        (503, "busy", "server"),
        (404, "no such model", "not_found"),
        (400, "bad field", "bad_request"),
        (402, "pay first", "quota"),
    ],
)
def test_an_error_status_has_a_reason(served, fake, status, message, reason):
    error = failing(served, fake.failure(status, message))

    assert error.data == {"provider": "openai", "model": MODEL, "reason": reason, "status": status}
    assert message in str(error)


@pytest.mark.parametrize(
    "body", [b'{"id": "1", "choi', b"[]", b'{"object": "chat.completion", "choices": []}', b"null"]
)
def test_an_answer_that_is_none_is_a_bad_answer(served, fake, body):
    assert failing(served, fake.raw(body)).data["reason"] == "bad_answer"


def test_a_provider_that_cannot_be_reached_is_a_network_error(llm, monkeypatch, run, unused_url):
    monkeypatch.setenv("OPENAI_BASE_URL", unused_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    async def use():
        bridge = llm(MODEL)
        try:
            with pytest.raises(ProviderError) as caught:
                await bridge.complete("hi")
        finally:
            await bridge._calls.close()
        return caught.value

    assert run(use()).data == {"provider": "openai", "model": MODEL, "reason": "network"}


def test_a_stream_that_breaks_off_raises_and_stays_failed(served, fake):
    async def use(bridge, server):
        stream = await bridge.stream("hi")
        assert await stream.next() == ["one "]
        with pytest.raises(ProviderError) as caught:
            await stream.next()
        with pytest.raises(ProviderError):
            await stream.result()
        return caught.value, await stream.next()

    broken = fake.chunks("one ", stalls=True)
    broken.events.append('{"broken')
    error, after = served([broken], use)

    assert error.data["reason"] == "bad_answer"
    assert after is None


def test_a_refusal_without_text_is_an_error(served, fake):
    assert failing(served, fake.text("", finish="content_filter")).data["reason"] == "refusal"


def test_an_overload_is_tried_again_as_often_as_was_set(served, fake):
    async def use(bridge, server):
        return await bridge.chat("hi"), len(server.requests), bridge.usage()["requests"]

    answers = [fake.failure(500, "once", retry_after_ms="1"), fake.text("at last")]

    assert served(answers, use, retries=1) == ("at last", 2, 2)


def test_a_tool_call_and_its_answer_travel_both_ways(served, fake):
    tool = Tool("add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}}})

    async def use(bridge, server):
        model = await bridge.models.open(MODEL)
        asked = [Message("user", "add 2")]
        reply = await model.request(asked, Settings(), [tool])
        told = [
            *asked,
            Message("assistant", tool_calls=reply.tool_calls),
            Message("tool", "3", (), reply.tool_calls[0]),
        ]
        return reply, await model.request(told, Settings(), [tool]), server.requests

    reply, last, requests = served([fake.tool_call("add", {"a": 2}), fake.text("It is 3.")], use)

    assert reply.tool_calls == (ToolCall("call_9", "add", {"a": 2}),)
    assert reply.finish_reason == "tool_calls"
    assert requests[0].body["tools"][0]["function"]["name"] == "add"
    assert requests[1].body["messages"][-1] == {"role": "tool", "tool_call_id": "call_9", "content": "3"}
    assert last.text == "It is 3."


def test_models_are_listed_by_the_provider(served):
    async def use(bridge, server):
        return await bridge.list_models()

    assert served([], use) == [
        {"id": "openai:big", "provider": "openai"},
        {"id": "openai:small", "provider": "openai"},
    ]


def test_requests_at_once_share_one_client(served, fake):
    async def use(bridge, server):
        results = await bridge.batch(["a", "b", "c"], max_concurrent=3)
        return [result["text"] for result in results], len({id(model) for model in bridge.models._open.values()})

    texts, models = served([fake.text("x"), fake.text("x"), fake.text("x")], use)

    assert texts == ["x", "x", "x"]
    assert models == 1


def test_a_server_of_the_callers_is_a_provider_with_its_own_key(fake, llm, monkeypatch, run):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("CORP_KEY", "corp-secret")

    async def use():
        async with fake.FakeOpenAI(fake.text("from corp")) as server:
            corp = {"base_url": server.url, "api_key_env": "CORP_KEY"}
            bridge = llm(None, providers={"corp": corp})
            bridge.use_provider("corp", model="local/tiny", base_url=server.url)
            result = await bridge.complete("hi", max_tokens=5)
            await bridge._calls.close()
            return result, server.requests[0]

    result, request = run(use())

    assert (result["text"], result["model"], result["usage"]["cost"]) == ("from corp", "corp:local/tiny", None)
    assert request.headers["authorization"] == "Bearer corp-secret"
    assert request.body["max_tokens"] == 5


def test_a_compatible_server_never_gets_the_openai_key(fake, llm, monkeypatch, run):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    async def use():
        async with fake.FakeOpenAI(fake.text("hello")) as server:
            monkeypatch.setenv("LLMSPELL_OPENAI_BASE_URL", server.url)
            bridge = llm("openai-compatible:tiny")
            await bridge.chat("hi")
            await bridge._calls.close()
            return server.requests[0].headers["authorization"]

    assert KEY not in run(use())
