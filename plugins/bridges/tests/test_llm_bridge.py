from __future__ import annotations

import asyncio

import pytest
from llmspell_bridges.llm.records import ChatMessage, Options, SessionRecord

from llmspell_core.errors import BadArgument, BudgetSpent, CallError, Denied, ProviderError


@pytest.fixture
def mocked(llm, tmp_path):
    """Make a bridge whose model answers from a mock file."""

    def make(content):
        path = tmp_path / "replies.yaml"
        path.write_text(content)
        return llm(f"mock:{path}")

    return make


def test_a_completion_is_counted_in_the_runs_usage(llm, run):
    bridge = llm()
    result = run(bridge.complete("lighthouses"))
    assert result["model"] == "demo"
    assert bridge.usage() == {**result["usage"], "left": {}}
    assert bridge.context.usage.requests == 1


def test_a_conversation_is_a_prompt_too(mocked, run):
    prompt = [ChatMessage("user", "a"), ChatMessage("assistant", "b"), ChatMessage("user", "c")]
    result = run(mocked("- echo: true").complete(prompt, system="s"))
    assert '"content": "s"}, {"role": "user", "content": "a"}' in result["text"]


def test_without_a_model_the_error_says_how_to_choose_one(llm, run):
    bridge = llm(None)
    with pytest.raises(CallError) as caught:
        run(bridge.chat("hi"))
    for cure in ("--model", "LLMSPELL_MODEL", "llm.use_provider"):
        assert cure in str(caught.value)


def test_an_unknown_provider_is_named_with_the_nearest(llm, run):
    with pytest.raises(CallError, match="no provider is named 'opnai'; did you mean 'openai'"):
        run(llm().chat("hi", model="opnai:gpt"))


@pytest.mark.parametrize("option", ["max_tokens", "temperature", "timeout"])
def test_an_option_out_of_range_is_refused(llm, run, option):
    with pytest.raises(BadArgument, match=option):
        run(llm().chat("hi", **{option: -1}))


def test_a_failed_request_is_counted(mocked, run):
    bridge = mocked("- error: {reason: server}")
    with pytest.raises(ProviderError):
        run(bridge.chat("hi"))
    assert bridge.usage() == {
        "requests": 1,
        "input_tokens": 0,
        "output_tokens": 0,
        "cost": 0.0,
        "left": {},
    }


def test_a_stream_is_iterated_and_then_gives_the_whole(mocked, run):
    async def use(bridge):
        stream = await bridge.stream("hi")
        pieces = [await stream.next(), await stream.next(), await stream.next()]
        return pieces, await stream.result()

    bridge = mocked("- chunks: [a, b]")
    pieces, result = run(use(bridge))
    assert pieces == [["a"], ["b"], None]
    assert (result["text"], result["finish_reason"]) == ("ab", "stop")
    assert bridge.usage()["requests"] == 1


def test_the_result_of_a_stream_waits_for_the_rest(mocked, run):
    async def use(bridge):
        stream = await bridge.stream("hi")
        await stream.next()
        return (await stream.result())["text"]

    assert run(use(mocked("- chunks: [a, b, c]"))) == "abc"


def test_a_callback_gets_every_piece(mocked, run, function):
    seen = []
    result = run(mocked("- chunks: [a, b]").stream("hi", function(seen.append)))
    assert seen == ["a", "b"]
    assert result["text"] == "ab"


def test_only_false_stops_a_stream(mocked, run, function):
    assert run(mocked("- chunks: [a, b]").stream("hi", function(lambda _: None)))["text"] == "ab"
    assert run(mocked("- chunks: [a, b]").stream("hi", function(lambda _: 0)))["text"] == "ab"
    assert run(mocked("- chunks: [a, b]").stream("hi", function(lambda _: False)))["text"] == "a"


def test_a_callback_that_fails_closes_the_stream(mocked, run, function):
    def fail(_):
        raise CallError("from the script")

    async def use(bridge):
        with pytest.raises(CallError, match="from the script"):
            await bridge.stream("hi", function(fail))
        return bridge._calls._streams

    assert run(use(mocked("- chunks: [a, b]"))) == set()


def test_a_session_remembers_and_forgets(llm, run):
    async def use(bridge):
        session = bridge.chat_session("be brief", max_tokens=3)
        answer = await session.send("cats")
        kept = session.history()
        session.clear()
        return answer, kept, session.history()

    answer, kept, cleared = run(use(llm()))
    assert kept == [ChatMessage("user", "cats"), ChatMessage("assistant", answer)]
    assert len(answer.split()) == 3
    assert cleared == []


def test_a_failed_turn_is_not_remembered(mocked, run):
    async def use(bridge):
        session = bridge.chat_session()
        with pytest.raises(ProviderError):
            await session.send("one")
        return await session.send("two"), session.history()

    answer, history = run(use(mocked("- error: {reason: server}\n- fine")))
    assert answer == "fine"
    assert history == [ChatMessage("user", "two"), ChatMessage("assistant", "fine")]


def test_a_streamed_turn_is_remembered_as_far_as_it_came(mocked, run, function):
    async def use(bridge):
        session = bridge.chat_session()
        return await session.send_stream("hi", function(lambda piece: piece != "b")), session.history()

    text, history = run(use(mocked("- chunks: [a, b, c]")))
    assert text == "ab"
    assert history[-1] == ChatMessage("assistant", "ab")


def test_a_session_that_answers_is_not_asked_again(mocked, run, function):
    async def use(bridge):
        session = bridge.chat_session()
        with pytest.raises(CallError, match="still answering"):
            await session.send_stream("hi", function(lambda _: session.send("again")))
        return await session.send("after")

    assert run(use(mocked("- chunks: [a, b]\n- fine"))) == "fine"


def test_a_fork_goes_its_own_way(llm, run):
    async def use(bridge):
        session = bridge.chat_session()
        await session.send("cats")
        fork = session.fork()
        await fork.send("dogs")
        return len(session.history()), len(fork.history())

    assert run(use(llm())) == (2, 4)


def test_an_exported_session_goes_on_where_it_was(mocked, run):
    async def use(bridge):
        session = bridge.chat_session("be brief", temperature=0.5)
        await session.send("one")
        record = session.export()
        return record, await bridge.import_session(record).send("two")

    record, text = run(use(mocked("- first\n- echo: true")))
    assert record == SessionRecord(
        [ChatMessage("user", "one"), ChatMessage("assistant", "first")], Options(system="be brief", temperature=0.5)
    )
    assert '"first"' in text
    assert '"be brief"' in text
    assert '"temperature": 0.5' in text


def test_a_batch_keeps_the_order_and_marks_failures_in_place(mocked, run):
    content = "- {match: a, text: A}\n- {match: b, error: {reason: server, message: broken}}\n- {match: c, text: C}"
    results = run(mocked(content).batch(["c", "b", "a"], max_concurrent=2))
    assert [result["ok"] for result in results] == [True, False, True]
    assert (results[0]["text"], results[2]["text"]) == ("C", "A")
    error = results[1]["error"]
    assert (error["kind"], error["data"]["reason"]) == ("provider", "server")
    assert "broken" in error["message"]


def test_a_batch_runs_no_more_at_once_than_it_may(llm, run):
    running, most = 0, 0

    async def complete(messages, options):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return {"text": messages[-1].content}

    async def use(bridge):
        bridge._calls.complete = complete
        return await bridge.batch([str(i) for i in range(10)], max_concurrent=3)

    results = run(use(llm()))
    assert most == 3
    assert [result["text"] for result in results] == [str(i) for i in range(10)]


def test_a_batch_tells_how_far_it_is(llm, run, function):
    seen = []
    run(llm().batch(["a", "b", "c"], on_progress=function(lambda done, total: seen.append((done, total)))))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_spent_budget_ends_the_whole_batch(llm, run):
    async def complete(messages, options):
        raise BudgetSpent("requests", 1, 1, 1)

    async def use(bridge):
        bridge._calls.complete = complete
        await bridge.batch(["a", "b"])

    with pytest.raises(BudgetSpent):
        run(use(llm()))


def test_an_empty_batch_is_an_empty_list_and_a_width_of_none_is_refused(llm, run):
    assert run(llm().batch([])) == []
    with pytest.raises(BadArgument, match="max_concurrent"):
        run(llm().batch(["a"], max_concurrent=0))


def test_defaults_are_what_calls_have_when_they_give_none(mocked, run):
    bridge = mocked("- echo: true\n- echo: true")
    bridge.set_defaults(temperature=0.25, system="short")
    bridge.set_defaults(max_tokens=9)
    assert bridge.get_defaults() == Options(bridge.context.model, 0.25, 9, "short")
    assert '"temperature": 0.25, "max_tokens": 9' in run(bridge.chat("hi"))
    assert '"temperature": 0.75' in run(bridge.chat("hi", temperature=0.75))
    bridge.reset_defaults()
    assert bridge.get_defaults() == Options(bridge.context.model)


def test_a_chat_takes_a_whole_conversation(mocked, run):
    talk = [ChatMessage(role="user", content="a"), ChatMessage(role="assistant", content="b")]
    said = run(mocked("- echo: true").chat(talk))
    assert '"content": "a"' in said
    assert '"content": "b"' in said


def test_a_provider_is_chosen_for_the_calls_to_come(llm, run):
    bridge = llm(None)
    assert bridge.use_provider("demo") == {"provider": "demo", "model": "demo"}
    assert "demo model" in run(bridge.chat("hi"))
    assert bridge.use_provider("openai", model="gpt-4o-mini") == {"provider": "openai", "model": "openai:gpt-4o-mini"}
    assert bridge.use_provider("gemini:flash")["model"] == "google:flash"
    with pytest.raises(BadArgument, match="which model of 'openai'"):
        bridge.use_provider("openai")
    with pytest.raises(CallError, match="no provider is named 'clod'"):
        bridge.use_provider("clod", model="x")


def test_a_spell_cannot_name_where_requests_and_keys_go(llm, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    bridge = llm()
    for name in ("openai", "openai-compatible", "anthropic", "demo"):
        with pytest.raises(Denied, match="the caller sets addresses"):
            bridge.use_provider(name, model="x", base_url="https://evil.example/v1")


def test_providers_say_what_they_need(llm, monkeypatch):
    def needs():
        return {record["name"]: record["needs"] for record in llm().list_providers()}

    before = needs()
    assert before["demo"] is None
    assert "OPENAI_API_KEY" in before["openai"]
    assert "LLMSPELL_OPENAI_BASE_URL" in before["openai-compatible"]
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    monkeypatch.setenv("LLMSPELL_OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    after = needs()
    assert (after["openai"], after["openai-compatible"]) == (None, None)


def test_a_provider_that_is_not_installed_says_what_to_install(llm, run, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "anthropic" else object())
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    with pytest.raises(ProviderError, match=r"pip install 'llmspell-bridges\[anthropic\]'") as caught:
        run(llm().chat("hi", model="anthropic:claude"))
    assert caught.value.data["reason"] == "not_installed"


def test_a_missing_key_says_which_variable_and_command(llm, run):
    with pytest.raises(ProviderError, match="set OPENAI_API_KEY, or run: llmspell keys set openai") as caught:
        run(llm().chat("hi", model="openai:gpt-4o-mini"))
    assert caught.value.data == {"provider": "openai", "model": "openai:gpt-4o-mini", "reason": "auth"}


def test_the_embedded_models_are_listed(llm, mocked, run):
    assert run(llm().list_models()) == [{"id": "demo", "provider": "demo"}]
    assert run(llm().list_models(provider="mock")) == []
    bridge = mocked("- a")
    assert run(bridge.list_models(provider="mock")) == [{"id": bridge.context.model, "provider": "mock"}]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("hello", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 12),
        ("你好世界", 3, 6),
        ("a" * 80, 8, 20),
    ],
)
def test_tokens_are_estimated(llm, text, least, most):
    assert least <= llm().count_tokens(text) <= most


def test_a_closed_bridge_can_be_closed_again(llm, run):
    async def use(bridge):
        await bridge._calls.close()
        await bridge._calls.close()

    run(use(llm()))
