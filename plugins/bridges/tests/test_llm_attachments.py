"""Images and files as parts of messages: who may read them, what the provider gets, who refuses them."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from llmspell_bridges.llm.models import Attachment, Message
from llmspell_bridges.llm.records import ChatMessage, Part, as_messages

from llmspell_core.budget import Budget
from llmspell_core.errors import BadArgument, BudgetSpent, Denied, LimitExceeded, ProviderError
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
ASK = {
    "lua": """
return llm.complete{{role = 'user', content = {
  {type = 'text', text = 'What is this?'}, {type = 'image', path = params.png},
  {type = 'image', data = bytes('GIF89a..')}, {type = 'text', text = 'And this?'},
  {type = 'file', url = 'https://example.com/a.pdf?x=1'},
}}}.text
""",
    "js": """
return (await llm.complete([{ role: 'user', content: [
  { type: 'text', text: 'What is this?' }, { type: 'image', path: params.png },
  { type: 'image', data: new TextEncoder().encode('GIF89a..') }, { type: 'text', text: 'And this?' },
  { type: 'file', url: 'https://example.com/a.pdf?x=1' },
] }])).text
""",
}


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "shot.png"
    path.write_bytes(PNG)
    return str(path)


@pytest.fixture
def echo(tmp_path):
    path = tmp_path / "echo.json"
    path.write_text(json.dumps([{"echo": True}] * 3))
    return f"mock:{path}"


def cast(engine, png, model, policy, **more):
    with Runner(isolation="inline", model=model, policy=policy, **more) as runner:
        return runner.cast(ASK[engine], engine=engine, params={"png": png})


@BOTH
def test_parts_reach_the_model_in_their_places(engine, png, echo, tmp_path):
    granted = Policy.standard().allow(f"read:{tmp_path}", "net:example.com")
    (message,) = json.loads(cast(engine, png, echo, granted).unwrap())["messages"]
    assert message["content"] == "What is this?\nAnd this?"
    assert [(each["type"], each["media_type"], each["at"], each["size"]) for each in message["attached"]] == [
        ("image", "image/png", 13, len(PNG)),
        ("image", "image/gif", 13, 8),
        ("file", "application/pdf", 23, 0),
    ]
    assert message["attached"][2]["url"] == "https://example.com/a.pdf?x=1"


@BOTH
@pytest.mark.parametrize(("grant", "missing"), [("net:example.com", "read:"), ("read:", "net:example.com")])
def test_what_the_run_may_not_reach_the_model_does_not_get(engine, png, echo, grant, missing):
    result = cast(engine, png, echo, Policy.standard().allow(grant))
    assert result.error.kind == "denied"
    assert missing in str(result.error)
    assert result.usage.requests == 0


@BOTH
def test_a_model_that_takes_none_says_so(engine, png):
    result = cast(engine, png, "demo", Policy.trusted())
    assert result.error.data["reason"] == "bad_request"
    assert "takes no images" in str(result.error)
    assert result.usage.requests == 0


def image(**given):
    return [ChatMessage("user", [Part("text", text="see"), Part("image", **given)])]


def test_the_bytes_of_one_request_are_bounded(context, echo, png, run):
    from llmspell_bridges.llm.bridge import LlmBridge

    bridge = LlmBridge(context(echo, max_attached_bytes=len(PNG)))
    assert "see" in run(bridge.complete(image(path=png)))["text"]
    for too_much in (image(data=PNG + b"."), image(path=png) * 2):
        with pytest.raises(LimitExceeded, match="send fewer"):
            run(bridge.complete(too_much))


def test_an_image_counts_against_the_tokens(context, echo, run):
    from llmspell_bridges.llm.bridge import LlmBridge

    bridge = LlmBridge(context(echo, Budget(tokens=5000)))
    with pytest.raises(BudgetSpent):
        run(bridge.complete(image(data=PNG)))


@pytest.mark.parametrize(
    "given", [{}, {"data": b"x", "url": "https://x"}, {"text": "x"}, {"data": b"x", "text": "x"}], ids=str
)
def test_a_part_has_one_thing_that_it_is(given):
    with pytest.raises(BadArgument, match="has one of data, path, url"):
        Part("image", **given)


def test_a_type_that_cannot_be_told_is_asked_for(llm, echo, run):
    for given in ({"data": b"what"}, {"data": b"%PDF-1.4"}):
        with pytest.raises(BadArgument, match="say it, as image/png"):
            run(llm(echo).complete(image(**given)))
    assert run(llm(echo).complete(image(data=b"what", media_type="image/tiff")))


def test_only_a_user_attaches():
    with pytest.raises(BadArgument, match="attach to a user's message"):
        as_messages([ChatMessage("assistant", [Part("image", data=PNG)])], None)


def test_parts_stay_in_order_when_the_text_was_changed():
    first, second = Attachment("image", 0), Attachment("image", 9)
    message = Message("user", "ab", attachments=(first, second))
    assert message.parts() == [first, "ab", second]


def test_a_session_remembers_parts_as_they_were_said(llm, echo, run):
    async def use(bridge):
        session = bridge.chat_session()
        await session.send([Part("text", text="see"), Part("image", data=PNG)])
        return session.history(), await session.send("and now?")

    history, said = run(use(llm(echo)))
    assert history[0].content[1].data == PNG
    assert json.loads(said)["messages"][0]["attached"][0]["size"] == len(PNG)


def ask_openai(fake, llm, monkeypatch, content):
    async def use():
        async with fake.FakeOpenAI(fake.text("a cat")) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdefghij")
            bridge = llm("openai:gpt-4o-mini")
            try:
                await bridge.complete([ChatMessage("user", content)])
            finally:
                await bridge._calls.close()
            assert server.problems == []
            return server.requests[0].body["messages"][0]["content"]

    return asyncio.run(asyncio.wait_for(use(), 60))


def test_openai_gets_images_as_data_and_urls_as_they_are(fake, llm, monkeypatch):
    url = "https://example.com/cat?id=1"
    content = [
        Part("image", data=PNG),
        Part("text", text="Compare."),
        Part("image", url=url, media_type="image/png"),
        Part("file", data=b"%PDF-1.4", media_type="application/pdf"),
    ]
    sent = ask_openai(fake, llm, monkeypatch, content)
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert sent[:3] == [
        {"type": "image_url", "image_url": {"url": data}},
        {"type": "text", "text": "Compare."},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    assert sent[3]["file"]["file_data"].startswith("data:application/pdf;base64,")


def test_what_the_provider_does_not_fetch_is_not_fetched_here_either(fake, llm, monkeypatch):
    with pytest.raises(ProviderError, match="fetches no file by its address"):
        ask_openai(fake, llm, monkeypatch, [Part("file", url="http://127.0.0.1:1/a.pdf")])


def test_a_file_that_is_not_granted_is_not_read(context, echo, png, run):
    from dataclasses import replace

    from llmspell_bridges.llm.bridge import LlmBridge

    from llmspell_core.guard import Guard

    strict = replace(context(echo), guard=Guard(Policy.standard().allow("llm:*")))
    with pytest.raises(Denied, match="read:"):
        run(LlmBridge(strict).complete(image(path=png)))
