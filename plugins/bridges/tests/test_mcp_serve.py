from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx2
import pytest
from llmspell_bridges.mcp.casters import Caster
from llmspell_bridges.mcp.code import RunCode, SearchApi
from llmspell_bridges.mcp.connected import records_of
from llmspell_bridges.mcp.server import TOKEN, server_of
from llmspell_bridges.mcp.spells import spells_in
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from llmspell_core.budget import Budget, Purse
from llmspell_core.errors import UsageError
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.stubs import Field, ListOf, Literal, Named, Union

SPELLS = {
    "greet.lua": """\
-- ---
-- description: Greet people.
-- parameters:
--   whom: {type: string, required: true, description: who is greeted}
--   loud: {type: boolean, default: false}
-- ---
print("greeting")
local text = "hello " .. params.whom
return params.loud and text:upper() or text
""",
    "sum.js": "return {sum: params.a + params.b}",
    "forever.lua": "while true do end",
    "ask.lua": "return llm.chat('hi')",
    "fail.lua": "\nerror('no luck')",
    "read.js": "return await fs.read('/etc/hostname')",
    "_left_out.lua": "return 1",
    "notes.txt": "no spell",
}


@pytest.fixture
def folder(tmp_path):
    """Return a folder of spells."""
    made = tmp_path / "spells"
    (made / "my spell").mkdir(parents=True)
    (made / "my spell" / "spell.yaml").write_text("entry: main.js\ndescription: A folder.\n")
    (made / "my spell" / "main.js").write_text("return [1, 2]")
    for name, source in SPELLS.items():
        (made / name).write_text(source)
    return made


@asynccontextmanager
async def in_process(folder=None, *, code=False, policy=None, budget=None, wall=1.0):
    """Connect the official client to a server in this process, whose spells run in processes of their own."""
    policy = policy or Policy.standard()
    with Runner(limits=Limits(wall=wall), isolation="process", policy=policy, model="demo") as runner:
        caster = Caster(runner, policy, Purse(budget))
        offers = spells_in(str(folder), caster) if folder else []
        offers += [SearchApi(policy), RunCode(caster)] if code else []
        async with Client(server_of(offers)) as client:
            yield client


def text(result):
    return "\n".join(part.text for part in result.content)


# Spells as tools


def test_every_spell_of_a_folder_is_a_tool_with_its_parameters(run, folder):
    async def go():
        async with in_process(folder) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    tools = run(go())
    assert sorted(tools) == ["ask", "fail", "forever", "greet", "my_spell", "read", "sum"]
    assert tools["greet"].description == "Greet people."
    assert tools["greet"].input_schema == {
        "type": "object",
        "properties": {
            "whom": {"type": "string", "description": "who is greeted"},
            "loud": {"type": "boolean", "default": False},
        },
        "required": ["whom"],
        "additionalProperties": False,
    }
    assert tools["sum"].input_schema == {"type": "object"}


def test_a_call_answers_with_text_and_with_structure(run, folder):
    async def go():
        async with in_process(folder) as client:
            return [
                await client.call_tool("greet", {"whom": "Ann", "loud": True}),
                await client.call_tool("sum", {"a": 2, "b": 3}),
                await client.call_tool("my_spell"),
            ]

    greet, total, listed = run(go())
    assert ([part.text for part in greet.content], greet.structured_content) == (
        ["greeting\n", "HELLO ANN"],
        {"value": "HELLO ANN"},
    )
    assert (json.loads(text(total)), total.structured_content) == ({"sum": 5}, {"sum": 5})
    assert listed.structured_content == {"value": [1, 2]}


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("greet", {}, "parameter 'whom' is missing"),
        ("greet", {"whom": 7}, "parameter 'whom': must be text, not integer 7"),
        ("greet", {"who": "x"}, "did you mean 'whom'"),
        ("fail", {}, "fail.lua:2: runtime: no luck"),
        ("read", {}, "--allow-read=/etc/hostname"),
    ],
)
def test_what_goes_wrong_is_an_error_of_the_tool_with_its_text(run, folder, tool, arguments, told):
    async def go():
        async with in_process(folder) as client:
            return await client.call_tool(tool, arguments)

    result = run(go())
    assert result.is_error
    assert told in text(result)
    assert result.structured_content["error"]["kind"] in ("parameters", "runtime", "denied")


def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(run, folder):
    async def go():
        async with in_process(folder) as client:
            with pytest.raises(MCPError, match="did you mean 'greet'"):
                await client.call_tool("great")

    run(go())


def test_an_endless_spell_ends_at_its_limit_and_the_server_goes_on(run, folder):
    async def go():
        async with in_process(folder) as client:
            endless = asyncio.create_task(client.call_tool("forever"))
            beside = await client.call_tool("sum", {"a": 1, "b": 1})
            return beside, await endless, await client.call_tool("sum", {"a": 2, "b": 2})

    beside, endless, after = run(go())
    assert (beside.structured_content, after.structured_content) == ({"sum": 2}, {"sum": 4})
    assert endless.is_error
    assert endless.structured_content["error"]["kind"] == "limit"


def test_the_budget_is_that_of_all_calls_together(run, folder):
    async def go():
        async with in_process(folder, code=True, budget=Budget(requests=2), wall=30) as client:
            asked = [await client.call_tool("ask") for _ in range(2)]
            asked.append(await client.call_tool("run_code", {"language": "lua", "source": SPELLS["ask.lua"]}))
            return asked

    asked = run(go())
    assert [result.is_error for result in asked] == [False, False, True]
    assert asked[2].structured_content["error"]["kind"] == "budget"


def test_a_spell_that_is_wrong_is_told_of_and_the_others_are_served(folder, capsys):
    (folder / "wrong.lua").write_text("-- ---\n-- nmae: x\n-- ---\n")
    (folder / "twin.js").write_text("// ---\n// name: greet\n// ---\n")
    with Runner() as runner:
        offers = spells_in(str(folder), Caster(runner, Policy.strict(), Purse()))
    told = capsys.readouterr().err
    assert len(offers) == 7
    assert "unknown field 'nmae'; did you mean 'name'" in told
    assert "another spell is called 'greet'" in told
    (folder / "empty").mkdir()
    with pytest.raises(UsageError, match="there is no spell"):
        spells_in(str(folder / "empty"), Caster(runner, Policy.strict(), Purse()))


def test_sets_of_a_manifest_are_granted_to_the_spells_that_have_them(run, folder):
    (folder / "env.lua").write_text(
        "-- ---\n-- permissions: ['env:LANG_OF_TEST']\n-- ---\nreturn env.get('LANG_OF_TEST')"
    )
    (folder / "more.lua").write_text("return env.get('LANG_OF_TEST')")

    async def go():
        with Runner(isolation="process") as runner:
            caster = Caster(runner, Policy.standard(), Purse(), ("asked",))
            async with Client(server_of(spells_in(str(folder), caster))) as client:
                return await client.call_tool("env"), await client.call_tool("more")

    granted, refused = run(go())
    assert (granted.is_error, refused.is_error) == (False, True)


# Code mode


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("lua", "print('hi') return {twice = params.n * 2, said = llm.chat('hello')}"),
        ("js", "console.log('hi'); return {twice: params.n * 2, said: await llm.chat('hello')}"),
        ("javascript", "console.log('hi'); return {twice: params.n * 2, said: await llm.chat('hello')}"),
    ],
)
def test_code_of_a_client_runs_and_its_value_and_output_are_told_apart(run, language, source):
    async def go():
        async with in_process(code=True, wall=30) as client:
            return await client.call_tool("run_code", {"language": language, "source": source, "params": {"n": 21}})

    result = run(go())
    found = result.structured_content
    assert not result.is_error
    assert (found["ok"], found["value"]["twice"], found["output"], found["error"]) == (True, 42, "hi\n", None)
    assert found["value"]["said"]
    assert [part.text.partition(":")[0] for part in result.content] == ["value", "output"]


@pytest.mark.parametrize(
    ("language", "source", "kind"),
    [
        ("lua", "print('before') error('no')", "runtime"),
        ("js", "console.log('before'); throw new Error('no')", "runtime"),
        ("lua", "print('before') return fs.read('/etc/passwd')", "denied"),
        ("js", "console.log('before'); return await http.get('http://169.254.169.254/')", "denied"),
        ("lua", "while true do end", "limit"),
        ("js", "for (;;);", "limit"),
        ("lua", "return =", "syntax"),
        ("js", "return (", "syntax"),
        ("lua", "-- ---\n-- permissions: ['*']\n-- ---\nprint('before') return env.get('HOME')", "denied"),
    ],
)
def test_code_that_fails_is_an_error_with_what_it_printed(run, language, source, kind):
    async def go():
        async with in_process(code=True) as client:
            return await client.call_tool("run_code", {"language": language, "source": source})

    result = run(go())
    found = result.structured_content
    assert result.is_error
    assert found["ok"] is False
    assert found["error"]["kind"] in (kind, "incomplete" if kind == "syntax" else kind)
    assert found["output"] == ("before\n" if "before" in source else "")


def test_code_that_fails_is_told_with_the_line_that_did(run):
    async def go():
        async with in_process(code=True) as client:
            return await client.call_tool("run_code", {"language": "lua", "source": "local a = {}\nreturn a.b.c"})

    head, *lines = run(go()).content[0].text.splitlines()
    assert head.startswith("error: code.lua:2: runtime: ")
    assert lines[:2] == ["    1 | local a = {}", "  > 2 | return a.b.c"]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"language": "lua"}, {"language": "cobol", "source": "x"}, {"language": "lua", "source": "x", "params": [1]}],
)
def test_arguments_that_do_not_fit_are_errors_of_the_tool(run, arguments):
    async def go():
        async with in_process(code=True) as client:
            return await client.call_tool("run_code", arguments)

    result = run(go())
    assert (result.is_error, result.structured_content["error"]["kind"]) == (True, "argument")


@pytest.mark.parametrize(
    ("language", "signature"),
    [("js", "chat(prompt: string"), ("lua", "function llm.chat(prompt")],
)
def test_the_api_is_found_as_declarations_of_the_language(run, language, signature):
    async def go():
        async with in_process(code=True) as client:
            found = text(await client.call_tool("search_api", {"query": "chat", "language": language}))
            return found, text(await client.call_tool("search_api", {"query": ""}))

    found, overview = run(go())
    assert signature in found
    assert "ChatSession" in found
    assert "fs.read" not in found
    assert "llm: " in overview


@pytest.mark.parametrize("language", ["js", "lua"])
def test_the_library_and_the_languages_own_are_found_beside_the_bridges(run, language):
    async def go(*queries):
        async with in_process(code=True) as client:
            return [
                text(await client.call_tool("search_api", {"query": query, "language": language})) for query in queries
            ]

    overview, retry, channel, promise, sleep, nothing = run(
        go("", "retry with backoff", "channel", "promise race", "sleep", "xyzzy")
    )
    rows = dict(row.split(": ", 1) for row in overview.splitlines())
    assert {"channel", "core", "data", "errors", "promise", "llm"} <= set(rows)
    written = {"js": "useProvider", "lua": "use_provider"}
    assert written[language] in rows["llm"]
    assert rows["llm"].count("stream") == 1
    assert {"js": "retry(", "lua": "function errors.retry("}[language] in retry
    assert {"js": "declare const channel", "lua": "function channel.new("}[language] in channel
    assert {"js": "race", "lua": "function promise.race("}[language] in promise
    assert {"js": "declare function sleep", "lua": "function sleep("}[language] in sleep
    assert nothing == "nothing is found; try other words, or none"


def test_what_is_never_granted_is_not_told_of(run):
    async def search(policy):
        async with in_process(code=True, policy=policy) as client:
            return text(await client.call_tool("search_api", {"query": "read file"}))

    hidden = run(search(Policy.standard()))
    shown = run(search(Policy.standard().allow("read:/tmp")))
    assert "Return the text of a file" not in hidden
    assert ("declare const fs" in hidden, "declare const fs" in shown) == (False, True)


def test_tools_of_servers_that_are_granted_are_found_too(run, tmp_path, monkeypatch):
    server = __file__.replace("test_mcp_serve", "mcp_server")
    home = tmp_path / "home"
    home.mkdir()
    servers = {"tests": {"command": sys.executable, "args": [server]}, "broken": {"command": "no-such-program"}}
    (home / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    policy = Policy.standard().allow("mcp:tests", "mcp:broken")

    async def go():
        async with in_process(code=True, policy=policy, wall=30) as client:
            found = text(await client.call_tool("search_api", {"query": "add numbers"}))
            source = "return (await (await mcp.connect('tests')).call('add', {a: 2, b: 40})).structured.sum"
            return found, await client.call_tool("run_code", {"language": "js", "source": source})

    found, called = run(go())
    assert "interface TestsAddArgs" in found
    assert "a: number;" in found
    assert "not told of: the MCP server 'broken'" in found
    assert called.structured_content["value"] == 42


def test_schemas_become_records():
    schema = {
        "type": "object",
        "properties": {
            "to": {"type": "array", "items": {"type": "object", "properties": {"mail": {"type": "string"}}}},
            "how": {"enum": ["fast", "slow"]},
            "odd": {"type": ["integer", "null"]},
            "deep": {"$ref": "#"},
        },
        "required": ["to"],
    }
    *_, inner, record = sorted(records_of("m", {"name": "send-it", "schema": schema}), key=lambda r: -len(r.name))
    assert (record.name, inner.name) == ("MSendItArgs", "MSendItArgsToItem")
    assert record.fields == (
        Field("to", ListOf(Named("MSendItArgsToItem")), True),
        Field("how", Union((Literal("fast"), Literal("slow"))), False),
        Field("odd", Union((Named("int"), Named("nil"))), False),
        Field("deep", Named("any"), False),
    )


# The command


def command(*words):
    return StdioServerParameters(command=sys.executable, args=["-m", "llmspell_core", "mcp", "serve", *map(str, words)])


def test_the_command_serves_over_standard_input_and_output(run, folder):
    words = [folder, "--code", "--model", "demo", "--timeout", "2", "--max-requests", "1"]

    async def go():
        async with Client(command(*words)) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            return names, [
                await client.call_tool("greet", {"whom": "Ann"}),
                await client.call_tool("forever"),
                await client.call_tool("ask"),
                await client.call_tool("ask"),
                await client.call_tool("run_code", {"language": "js", "source": "console.log('x'); return 1"}),
            ]

    names, (greet, endless, first, second, code) = run(go())
    assert {"greet", "run_code", "search_api"} <= set(names)
    assert greet.structured_content == {"value": "hello Ann"}
    assert endless.structured_content["error"]["kind"] == "limit"
    assert (first.is_error, second.structured_content["error"]["kind"]) == (False, "budget")
    assert (code.structured_content["value"], code.structured_content["output"]) == (1, "x\n")


def test_calls_that_the_client_cancels_are_ended_and_make_room(run, folder):
    async def go():
        async with Client(command(folder, "--timeout", "600", "--cpu", "600")) as client:
            endless = [asyncio.create_task(client.call_tool("forever")) for _ in range(8)]
            # The ninth waits for a place.
            ninth = asyncio.create_task(client.call_tool("sum", {"a": 1, "b": 1}))
            await client.list_tools()
            for task in endless:
                task.cancel()
            await asyncio.gather(*endless, return_exceptions=True)
            return await ninth

    assert run(go()).structured_content == {"sum": 2}


@asynccontextmanager
async def served_over_http(*words, **environment):
    import os

    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "llmspell_core", "mcp", "serve", *map(str, words), "--http", "127.0.0.1:0"],
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        line = (await process.stderr.readline()).decode()
        assert "serving on " in line, line + (await process.stderr.read()).decode()
        yield line.split()[-1]
    finally:
        process.terminate()
        await process.wait()


def test_the_command_serves_over_http(run, folder):
    async def go():
        async with served_over_http(folder) as url, Client(url) as client:
            return await client.call_tool("sum", {"a": 20, "b": 22})

    assert run(go()).structured_content == {"sum": 42}


def test_over_http_a_word_may_be_asked_for(run, folder):
    async def go():
        async with served_over_http(folder, **{TOKEN: "open-sesame"}) as url:
            async with httpx2.AsyncClient() as web:
                refused = [
                    (await web.post(url, json={}, headers=headers)).status_code
                    for headers in ({}, {"Authorization": "Bearer open-sesam"}, {"Authorization": "open-sesame"})
                ]
            async with (
                httpx2.AsyncClient(headers={"Authorization": "Bearer open-sesame"}) as web,
                Client(streamable_http_client(url, http_client=web)) as client,
            ):
                return refused, await client.call_tool("sum", {"a": 1, "b": 2})

    refused, result = run(go())
    assert (refused, result.structured_content) == ([401] * 3, {"sum": 3})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "name a folder of spells, or --code"),
        (["--code", "--http", "0.0.0.0:0"], TOKEN),
        (["--code", "--http", "nowhere"], "HOST:PORT"),
        (["--code", "--http", "127.0.0.1:99999"], "HOST:PORT"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_cure(words, told):
    done = subprocess.run(
        [sys.executable, "-m", "llmspell_core", "mcp", "serve", *words], capture_output=True, text=True, input=""
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""
