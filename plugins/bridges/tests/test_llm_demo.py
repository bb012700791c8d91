from __future__ import annotations

import pytest
from llmspell_bridges.llm.demo import DemoModel
from llmspell_bridges.llm.models import Message, Settings, Tool

ADD = Tool(
    "add",
    "Adds.",
    {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "number"},
            "label": {"type": "string"},
            "mode": {"enum": ["slow", "fast"]},
            "deep": {"type": "object", "properties": {"on": {"type": "boolean"}}},
            "extra": {"type": "string"},
        },
        "required": ["a", "b", "label", "mode", "deep"],
    },
)


@pytest.fixture
def ask(run):
    def ask(prompt="Tell me about lighthouses", tools=(), **settings):
        return run(DemoModel(0).request([Message("user", prompt)], Settings(**settings), tools))

    return ask


def test_it_says_that_it_is_a_demo_and_speaks_of_the_prompt(ask):
    text = ask().text
    assert "I am the demo model of llmspell" in text
    assert "lighthouses" in text


def test_the_same_prompt_and_seed_give_the_same_text(ask):
    assert ask(seed=3) == ask(seed=3)
    assert len({ask(seed=seed).text for seed in range(8)}) > 4


def test_it_ends_at_max_tokens(ask):
    reply = ask(max_tokens=5)
    assert (len(reply.text.split()), reply.output_tokens, reply.finish_reason) == (5, 5, "length")


def test_it_ends_before_a_stop_text(ask):
    reply = ask(stop=("demo model", "llmspell"))
    assert (reply.text, reply.finish_reason) == ("I am the ", "stop")


def test_it_counts_tokens_and_costs_nothing(ask):
    reply = ask()
    assert (reply.input_tokens, reply.output_tokens, reply.cost) == (5, len(reply.text.split()), 0.0)


def test_an_empty_conversation_gets_an_answer(run):
    assert "silence" in run(DemoModel(0).request([], Settings())).text


def test_it_notices_how_long_the_conversation_is(run):
    talk = [Message("user", "cats"), Message("assistant", "meow"), Message("user", "dogs")]
    assert "message 2 of our conversation" in run(DemoModel(0).request(talk, Settings())).text


def test_a_stream_is_the_same_text_word_by_word(run, ask):
    async def collect():
        stream = await DemoModel(0).stream([Message("user", "Tell me about lighthouses")], Settings())
        pieces = []
        while (piece := await stream.next()) is not None:
            pieces.append(piece)
        return pieces, stream.reply()

    pieces, reply = run(collect())
    assert reply == ask()
    assert "".join(pieces) == reply.text
    assert all(len(piece.split()) == 1 for piece in pieces)


def test_a_stopped_stream_holds_what_was_given(run):
    async def stop():
        stream = await DemoModel(0).stream([Message("user", "lighthouses")], Settings())
        pieces = [await stream.next(), await stream.next()]
        await stream.close()
        return pieces, await stream.next(), stream.reply()

    pieces, after, reply = run(stop())
    assert after is None
    assert (reply.text, reply.output_tokens, reply.finish_reason) == ("".join(pieces), 2, "cancelled")


def test_a_tool_that_the_prompt_names_is_called_with_what_the_prompt_has(ask):
    reply = ask("Please add 4 and 2.5 as 'a sum', fast", [ADD])
    assert reply.finish_reason == "tool_calls"
    (call,) = reply.tool_calls
    assert (call.name, call.arguments) == (
        "add",
        {"a": 4, "b": 2.5, "label": "a sum", "mode": "fast", "deep": {"on": True}},
    )


def test_a_tool_that_the_prompt_does_not_name_is_left_alone(ask):
    assert ask("address the crowd", [ADD]).tool_calls == ()


def test_a_tools_answer_is_passed_on(run):
    talk = [Message("user", "add 1"), Message("tool", "the sum is 3")]
    assert "the sum is 3" in run(DemoModel(0).request(talk, Settings(), [ADD])).text
