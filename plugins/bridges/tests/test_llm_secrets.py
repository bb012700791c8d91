"""A key, as a canary: whatever a provider, a library or a log makes of it, nobody sees it."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import subprocess
import sys
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

KEY = "sk-canary+9/Zq=Ab.Cd_Ef-0123456789"
MODEL = "openai:gpt-4o-mini"
ECHOES = {
    "plain": KEY,
    "in a header": f"Bearer {KEY}",
    "basic auth": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "in a URL": f"https://api.example.com/?key={urllib.parse.quote(KEY, safe='')}",
    "in JSON": json.dumps({"headers": {"authorization": KEY}}),
    "over lines": "\n".join([KEY[:12], KEY[12:]]),
    "far into a long text": "x" * 480 + KEY,
    "hexadecimal digits": KEY.encode().hex(),
}
SPELLS = {
    "lua": """
        local ok, e = pcall(llm.chat, "hi")
        print(e.kind, e.message, tostring(e))
        local results = llm.batch({"a"})
        print(results[1].error.message)
        llm.chat("uncaught")
    """,
    "js": """
        const e = await llm.chat("hi").catch(e => e);
        console.log(e.kind, e.message, JSON.stringify(e.data), String(e.stack));
        const results = await llm.batch(["a"]);
        console.log(JSON.stringify(results));
        await llm.chat("uncaught");
    """,
}


def traces(*texts):
    """Return what of the key is in the texts, in any form that a person could read."""
    forms = [
        KEY[4:16],
        KEY[-14:],
        *ECHOES.values(),
        KEY.encode().hex()[8:40],
        base64.b64encode(KEY.encode()).decode()[8:24],
    ]
    return [form for form in forms for text in texts if form in text]


@pytest.fixture
def cast(fake, monkeypatch):
    """Cast a spell with a server; return the result and everything that was told of it."""

    async def go(engine, source, answers):
        audit, trace = [], []
        async with fake.FakeOpenAI(*answers) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            async with Runner(
                model=MODEL,
                policy=Policy.standard().allow("env"),
                audit=audit.append,
                trace=lambda action: trace.append(f"{action!r} {action.error} {action.error and vars(action.error)}"),
                options={"llm": {"retries": 0}},
            ) as runner:
                result = await runner.acast(source, engine=engine)
            await server.all_closed()
            assert server.problems == []
            assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.requests)
        return result, [repr(audit), *trace]

    return lambda engine, source, answers: asyncio.run(asyncio.wait_for(go(engine, source, answers), 60))


@pytest.mark.parametrize("form", ECHOES)
@pytest.mark.parametrize("engine", SPELLS)
def test_a_provider_that_sends_the_key_back_tells_nobody(cast, fake, engine, form):
    answers = [fake.failure(400, f"you sent {ECHOES[form]} to me")] * 3
    result, told = cast(engine, SPELLS[engine], answers)

    assert result.error.kind == "provider"
    assert result.output.count("you sent") >= 2
    assert result.output.count("***") >= 2
    everything = [result.output, str(result.error), repr(vars(result.error)), repr(result), *told]
    assert traces(*everything) == []


def test_an_answer_that_holds_the_key_does_not_bring_it_into_the_spell(cast, fake):
    source = "local s = llm.stream('a') local all = {} for p in s do all[#all + 1] = p end " + (
        "return {llm.chat('b'), table.concat(all), s:result().text}"
    )
    answers = [fake.chunks("the key ", f"is {KEY}!"), fake.text(f"the key is {KEY}!")]

    result, told = cast("lua", source, answers)

    assert result.value == ["the key is ***!"] * 3
    assert traces(repr(result), *told) == []


def test_the_libraries_logs_lack_the_key(cast, fake, caplog):
    for name in ("openai", "httpx2", "httpcore2", "pydantic_ai", "llmspell"):
        caplog.set_level(logging.DEBUG, name)
    caplog.set_level(logging.DEBUG)
    redirect = fake.Answer(307, b"", {"location": f"/v1/elsewhere?key={urllib.parse.quote(KEY)}"})

    result, told = cast("lua", "llm.chat('hi')", [redirect, fake.failure(400, KEY)])

    assert {record.name.partition(".")[0] for record in caplog.records} >= {"openai", "httpx2", "httpcore2"}
    shown = [logging.Formatter().format(record) for record in caplog.records]
    assert traces(*shown, *(repr(vars(record)) for record in caplog.records), str(result.error), *told) == []


@pytest.fixture
def program(fake, monkeypatch, tmp_path):
    """Run ``llmspell`` with a server that sends the key back; return its process and the files that it wrote."""

    async def go(source, *words):
        spell, audit, trace = tmp_path / "spell.lua", tmp_path / "audit", tmp_path / "trace"
        spell.write_text(source)
        async with fake.FakeOpenAI(*[fake.failure(400, f"you sent {KEY}")] * 3) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            words = (sys.executable, "-m", "llmspell_core", "run", spell, "--model", MODEL, *words)
            words = map(str, (*words, "--audit", audit, "--trace", trace))
            with ThreadPoolExecutor() as pool:
                call = lambda: subprocess.run(list(words), capture_output=True, text=True, check=False)  # noqa: E731
                done = await asyncio.get_running_loop().run_in_executor(pool, call)
        return done, audit.read_text(), trace.read_text()

    return lambda source, *words: asyncio.run(asyncio.wait_for(go(source, *words), 100))


@pytest.mark.slow
@pytest.mark.parametrize("output", ["text", "json", "ndjson"])
def test_the_program_tells_the_key_in_no_format_and_no_file(program, output):
    done, audit, trace = program(
        "local ok, e = pcall(llm.chat, 'a') print(e.message) llm.chat('b')", "--output", output
    )

    assert done.returncode == 8
    assert "you sent ***" in done.stdout + done.stderr
    assert '"capability"' in audit
    assert "you sent ***" in trace
    assert traces(done.stdout, done.stderr, audit, trace) == []
