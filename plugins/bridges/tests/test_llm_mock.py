from __future__ import annotations

import json

import pytest
from llmspell_bridges.llm.mock import MockModel
from llmspell_bridges.llm.mock_file import BadMockFile, read_replies
from llmspell_bridges.llm.models import Message, Settings, Tool, ToolCall, estimate_tokens

from llmspell_core.errors import Denied, ProviderError


@pytest.fixture
def file(tmp_path):
    def write(content, name="replies.yaml"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def ask(run):
    return lambda model, prompt="hi", tools=(): run(model.request([Message("user", prompt)], Settings(), tools))


def test_replies_come_in_order(file, ask):
    model = MockModel(file("- one\n- text: two\n- chunks: [th, ree]\n"))
    assert [ask(model).text for _ in range(3)] == ["one", "two", "three"]


def test_json_will_do(file, ask):
    path = file(json.dumps({"replies": [{"text": "hello"}], "usage": {"input_tokens": 4, "cost": 0.5}}), "replies.json")
    reply = ask(MockModel(path))
    assert (reply.text, reply.input_tokens, reply.output_tokens, reply.cost) == ("hello", 4, 1, 0.5)


def test_the_first_reply_that_matches_the_last_message_is_used(file, ask):
    model = MockModel(file("- plain\n- {match: '^rain', text: wet}\n- {match: rain, text: again}\n"))
    assert [ask(model, prompt).text for prompt in ("rain", "rain", "rain")] == ["wet", "again", "plain"]


def test_a_used_up_file_says_so_with_its_name_and_count(file, ask):
    path = file("- one\n- two\n")
    model = MockModel(path)
    ask(model)
    ask(model)
    with pytest.raises(ProviderError, match="all of its 2 replies are used") as caught:
        ask(model)
    assert caught.value.data == {"provider": "mock", "model": f"mock:{path}", "reason": "exhausted"}
    assert path in str(caught.value)


def test_replies_that_do_not_match_are_counted_apart(file, ask):
    with pytest.raises(ProviderError, match="1 of its 1 replies are left, and none matches 'sun'"):
        ask(MockModel(file("- {match: rain, text: wet}\n")), "sun")


@pytest.mark.parametrize(("text", "tokens"), [(" " * 500_000, 0), ("a" + " " * 500_000, 1), (" " * 799 + ".", 100)])
def test_blanks_take_no_longer_than_they_are_long(ask, file, text, tokens):
    assert estimate_tokens(text) == tokens
    assert ask(MockModel(file(json.dumps([{"text": text}]))), text).input_tokens == tokens


def test_chunks_are_streamed_as_they_stand(file, run):
    async def collect(model):
        stream = await model.stream([Message("user", "hi")], Settings())
        pieces = []
        while (piece := await stream.next()) is not None:
            pieces.append(piece)
        return pieces

    model = MockModel(file("- chunks: ['a b', ' c']\n- text: ' two  words '\n"))
    assert run(collect(model)) == ["a b", " c"]
    assert "".join(run(collect(model))) == " two  words "


def test_a_tool_call_is_given_as_it_stands(file, ask):
    reply = ask(MockModel(file("- tool_calls: [{name: add, arguments: {a: 1}}, {id: x, name: stop}]\n")))
    assert reply.tool_calls == (ToolCall("call_1", "add", {"a": 1}), ToolCall("x", "stop", {}))
    assert reply.finish_reason == "tool_calls"


def test_an_error_is_raised_with_its_reason(file, ask):
    path = file(
        "- error: {reason: rate_limit, message: slow down, status: 429, retry_after: 2}\n- error: {kind: server}\n"
    )
    model = MockModel(path)
    with pytest.raises(ProviderError, match="slow down") as caught:
        ask(model)
    assert caught.value.data == {
        "provider": "mock",
        "model": f"mock:{path}",
        "reason": "rate_limit",
        "status": 429,
        "retry_after": 2,
    }
    with pytest.raises(ProviderError) as again:
        ask(model)
    assert again.value.data["reason"] == "server"


def test_an_echo_is_the_request(file, ask):
    echoed = json.loads(ask(MockModel(file("- echo: true\n")), "hi", [Tool("t", "d", {})]).text)
    assert echoed["messages"] == [{"role": "user", "content": "hi"}]
    assert echoed["tools"] == ["t"]


def test_a_delayed_reply_can_be_cancelled_by_a_timeout(file, llm, run):
    path = file("- {text: late, delay: 1000}\n")
    with pytest.raises(ProviderError) as caught:
        run(llm(f"mock:{path}").chat("hi", timeout=0.01))
    assert caught.value.data["reason"] == "timeout"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("replies: 3", "expected a list of replies"),
        ("", "expected a list of replies"),
        ("- [", "is no YAML"),
        ("- 3", "reply 1: expected a text or a map, got int 3"),
        ("- a\n- {txt: b}", "reply 2: field 'txt' is unknown; did you mean 'text'"),
        ("- {text: 3}", "reply 1: field 'text': expected text"),
        ("- {match: a}", "reply 1: needs one of text"),
        ("- {text: a, match: '('}", "reply 1: field 'match': "),
        ("- {text: a, delay: true}", "reply 1: field 'delay': expected seconds"),
        ("- {chunks: [1]}", "reply 1: field 'chunks': expected a list of texts"),
        ("- {tool_calls: [{arguments: {}}]}", "reply 1: field 'tool_calls': call 1 has no name"),
        ("- {error: {reason: bad}}", "no reason is named 'bad'"),
        ("- {text: a, usage: {tokens: 1}}", "reply 1 usage: field 'tokens' is unknown"),
        ("{replies: [a], usages: 1}", "field 'usages' is unknown"),
    ],
)
def test_a_bad_file_is_named_with_the_place_and_the_problem(file, content, problem):
    path = file(content)
    with pytest.raises(BadMockFile) as caught:
        read_replies(path)
    assert path in str(caught.value)
    assert problem in str(caught.value)


def test_a_missing_file_and_broken_json_are_named(file, tmp_path):
    with pytest.raises(BadMockFile, match="cannot be read"):
        read_replies(str(tmp_path / "none.yaml"))
    with pytest.raises(BadMockFile, match="is no JSON"):
        read_replies(file("{", "replies.json"))


def test_each_run_uses_the_replies_anew(file, llm, run):
    path = file("- one\n")
    assert [run(llm(f"mock:{path}").chat("hi")) for _ in range(2)] == ["one", "one"]


def test_a_spell_reads_no_mock_file_but_the_callers(file, llm, run):
    path = file("- one\n")
    with pytest.raises(Denied, match="--model mock:"):
        run(llm("demo").chat("hi", model=f"mock:{path}"))
