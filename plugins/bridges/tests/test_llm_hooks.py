"""Every request to a model passes the hooks, is traced, and can be changed, refused or answered."""

from __future__ import annotations

import pytest

from llmspell_core.errors import Denied
from llmspell_core.hookspecs import hookimpl
from llmspell_core.runner import Runner

CHAT = {"lua": "return llm.chat('hi')", "js": "return await llm.chat('hi')"}
STREAM = {
    "lua": "local s = ''; for chunk in llm.stream('hi') do s = s .. chunk end; return s",
    "js": "let s = ''; for await (const chunk of await llm.stream('hi')) s += chunk; return s",
}
BOTH = pytest.mark.parametrize("engine", ["lua", "js"])


class Plugin:
    def __init__(self, before=None, after=None):
        self._before, self._after = before or (lambda action: None), after or (lambda action: None)

    @hookimpl
    def llmspell_before(self, action):
        if action.point == "llm":
            self._before(action)

    @hookimpl
    def llmspell_after(self, action):
        if action.point == "llm":
            self._after(action)


def cast(engine, source, *plugins, **more):
    settings = {"llm": {"demo_pause": 0}}
    with Runner(isolation="inline", model="demo", options=settings, plugins=plugins, **more) as runner:
        return runner.cast(source[engine], engine=engine)


@BOTH
@pytest.mark.parametrize("source", [CHAT, STREAM], ids=["chat", "stream"])
def test_a_hook_answers_in_place_of_the_model(engine, source):
    result = cast(engine, source, Plugin(lambda action: action.answer("from the cache")))
    assert result.unwrap() == "from the cache"
    assert (result.usage.requests, result.usage.cost) == (0, 0.0)


@BOTH
@pytest.mark.parametrize("source", [CHAT, STREAM], ids=["chat", "stream"])
def test_a_hook_refuses_and_nothing_is_asked(engine, source):
    def before(action):
        raise Denied("not today")

    result = cast(engine, source, Plugin(before))
    assert (result.error.kind, str(result.error)) == ("denied", "not today")
    assert result.usage.requests == 0


@BOTH
@pytest.mark.parametrize("source", [CHAT, STREAM], ids=["chat", "stream"])
def test_a_hook_has_the_model_fail(engine, source):
    error = {"reason": "quota", "message": "used up", "status": 429}
    failed = cast(engine, source, Plugin(lambda action: action.answer({"error": error}))).error
    assert (failed.kind, str(failed), failed.data["reason"]) == ("provider", "demo: used up", "quota")
    wrong = cast(engine, source, Plugin(lambda action: action.answer({"error": {"reason": "bad luck"}}))).error
    assert "reasons are auth" in str(wrong)


@BOTH
def test_a_hook_changes_the_options(engine):
    def before(action):
        action.arguments["options"]["max_tokens"] = 2

    finish = {
        "lua": "return llm.complete('hi').finish_reason",
        "js": "return (await llm.complete('hi')).finish_reason",
    }
    assert cast(engine, finish, Plugin(before)).unwrap() == "length"


@BOTH
def test_a_hook_changes_the_answer(engine):
    def after(action):
        action.result = action.result.text.upper()

    said = cast(engine, CHAT, Plugin(after=after)).unwrap()
    assert said == said.upper()


@BOTH
def test_a_hook_withholds_the_answer_of_a_stream_at_its_end(engine):
    def after(action):
        raise Denied("secret")

    assert cast(engine, STREAM, Plugin(after=after)).error.kind == "denied"


@BOTH
@pytest.mark.parametrize("source", [CHAT, STREAM], ids=["chat", "stream"])
def test_a_request_is_traced_once_with_what_was_asked_and_answered(engine, source):
    told = []
    said = cast(engine, source, trace=told.append).unwrap()
    (request,) = [action for action in told if action.point == "llm"]
    assert (request.name, request.arguments["messages"][0].content, request.result.text) == ("demo", "hi", said)
    assert request.duration >= 0
    assert request.parent in {action.number for action in told if action.point == "bridge_call"}
