from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from llmspell_bridges.agent.bridge import AgentBridge
from llmspell_bridges.fs.bridge import FsBridge
from llmspell_bridges.mcp.bridge import McpBridge
from llmspell_bridges.mcp.failures import BadServers
from llmspell_bridges.mcp.servers import Address, Program, configured
from llmspell_bridges.tools.bridge import ToolsBridge

from llmspell_core.bridge import Context
from llmspell_core.errors import Denied, LimitExceeded, ProviderError
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

SERVER = str(Path(__file__).with_name("mcp_server.py"))
KEY = "tok-0123456789abcdef"
PROGRAM = {"command": sys.executable, "args": [SERVER], "env": {"KEY": KEY}, "description": "for tests"}
POLICY = Policy.standard().allow("mcp:tests", "mcp:web")


def cast(source, engine, servers=None, policy=POLICY, **settings):
    options = {"mcp": {"servers": servers or {"tests": PROGRAM}, **settings}}
    with Runner(bridges={"mcp": McpBridge}, policy=policy, options=options) as runner:
        return runner.cast(source, engine=engine)


@pytest.fixture(scope="module")
def web_server():
    """Serve over HTTP on loopback."""
    with subprocess.Popen([sys.executable, SERVER, "--http"], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/mcp"
        finally:
            process.kill()


LUA = """
local s = mcp.connect("tests")
local names = {}
for i, tool in ipairs(s.tools()) do names[i] = tool.name end
local message = s.prompt("greet", {who = "Ann"})[1]
local ok, e = pcall(s.call, "fail")
local result = {
  about = s.about(), names = names, add = s.call("add", {a = 2, b = 3}),
  picture = s.call("picture").content[1].mime_type,
  resource = s.resources()[1].uri, read = s.read("memo://notes")[1].text, prompt = s.prompts()[1].arguments[1].name,
  message = message.role .. ": " .. message.content.text, kind = e.kind, told = e.message, servers = mcp.servers(),
}
s.close()
return result
"""
JS = """
const s = await mcp.connect("tests")
const message = (await s.prompt("greet", {who: "Ann"}))[0]
let e; try { await s.call("fail") } catch (error) { e = error }
const result = {
  about: await s.about(), names: (await s.tools()).map(tool => tool.name), add: await s.call("add", {a: 2, b: 3}),
  picture: (await s.call("picture")).content[0].mime_type,
  resource: (await s.resources())[0].uri, read: (await s.read("memo://notes"))[0].text,
  prompt: (await s.prompts())[0].arguments[0].name, message: message.role + ": " + message.content.text,
  kind: e.kind, told: e.message, servers: await mcp.servers(),
}
await s.close()
return result
"""


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
@pytest.mark.parametrize("over", ["stdio", "http"])
def test_a_spell_uses_all_that_a_server_offers(engine, source, over, web_server):
    servers = {"tests": PROGRAM if over == "stdio" else {"url": web_server}}
    value = cast(source, engine, servers).unwrap()
    assert value["about"] == {
        "name": "tests",
        "version": "1.2",
        "instructions": "Only for tests.",
        "offers": ["tools", "resources", "prompts"],
    }
    assert value["names"][:3] == ["add", "echo.env", "picture"]
    assert len(value["names"]) == 10
    assert value["add"]["structured"] == {"sum": 5}
    assert (value["add"]["text"], value["picture"]) == ("5", "image/png")
    assert (value["resource"], value["read"]) == ("memo://notes", "buy milk")
    assert (value["prompt"], value["message"]) == ("who", "user: Greet Ann.")
    assert value["kind"] == "mcp"
    assert "no luck today" in value["told"]
    assert [row["name"] for row in value["servers"]] == ["tests"]


def test_a_server_sees_of_the_environment_only_what_was_configured_and_its_key_reaches_no_spell(monkeypatch):
    monkeypatch.setenv("OTHER_KEY", "never-0123456789")
    servers = {"tests": {**PROGRAM, "inherit": ["PATH"]}}
    seen = cast("return mcp.connect('tests').call('echo.env').text", "lua", servers).unwrap()
    assert "never-0123456789" not in seen
    assert KEY not in seen
    assert '"KEY": "***"' in seen
    assert os.environ["PATH"] in seen


def test_the_file_that_servers_are_configured_in_is_read_and_opened_by_no_spell(monkeypatch, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "mcp.json").write_text('{"mcpServers": {"tickets": {"url": "https://mcp.example.com/mcp"}}}')
    with Runner(bridges={"mcp": McpBridge, "fs": FsBridge}, policy=Policy.trusted()) as runner:
        assert runner.cast("return mcp.servers()[1].name", engine="lua").unwrap() == "tickets"
        refused = runner.cast(f"return fs.read('{home}/mcp.json')", engine="lua")
    assert refused.error.kind == "denied"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"servers": []}, "a map of names"),
        ({"servers": {"a": {}}}, "either a 'command' or a 'url'"),
        ({"servers": {"a": {"command": "x", "url": "y"}}}, "either a 'command' or a 'url'"),
        ({"servers": {"a": {"command": "x", "arg": []}}}, "no field 'arg'; did you mean 'args'"),
        ({"servers": {"a": {"command": "x", "args": "y"}}}, "'args' is a list of texts"),
        ({"servers": {"a": {"command": "x", "env": {"a": 1}}}}, "'env' is a map of texts"),
        ({"servers": {"a": {"command": "x\0"}}}, "without NUL"),
        ({"file": "/nowhere/mcp.json"}, "no such file"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_told(settings, problem):
    with pytest.raises(BadServers, match=problem):
        configured(settings)


def test_keys_are_known_in_every_form_that_they_go_out_in():
    address = Address("a", "https://me:hush-hush@x.example/mcp?key=in-the-query", {"Authorization": f"Bearer {KEY}"})
    assert {KEY, f"Bearer {KEY}", "hush-hush", "in-the-query"} <= set(address.secrets())
    assert list(Program("p", "x", (), {"PATH": "/bin", "KEY": KEY}).secrets()) == [KEY]


# What may be connected to


@pytest.mark.parametrize(
    ("granted", "server", "missing"),
    [
        ((), "tests", "mcp:tests"),
        ((), "https://mcp.example.com/mcp", "mcp:https://mcp.example.com/mcp"),
        (("mcp",), "https://mcp.example.com/mcp", "net:mcp.example.com:443"),
        (("mcp",), sys.executable, f"run:{sys.executable}"),
        (("mcp:*", "run:git"), sys.executable, f"run:{sys.executable}"),
        (("mcp", "net:*"), "http://127.0.0.1:9/mcp", "net:127.0.0.1:9"),
    ],
)
def test_what_was_not_granted_is_not_connected_to(granted, server, missing):
    result = cast(f"mcp.connect('{server}')", "lua", policy=Policy.strict().allow(*granted))
    assert (result.error.kind, result.error.data["capability"]) == ("denied", missing)


def test_a_program_and_a_url_that_were_granted_are_connected_to(web_server, monkeypatch):
    monkeypatch.setenv("OTHER_KEY", "never-0123456789")
    policy = Policy.strict().allow("mcp", f"run:{sys.executable}", "net:127.0.0.1")
    source = f"""
    local program = mcp.connect('{sys.executable}', {{args = {{'{SERVER}'}}}})
    local web = mcp.connect('{web_server}')
    return {{program.call('echo.env').text, web.call('add', {{a = 1, b = 1}}).text}}
    """
    seen, total = cast(source, "lua", policy=policy).unwrap()
    assert total == "2"
    assert "never-0123456789" not in seen


def test_a_spell_cannot_change_what_was_configured():
    result = cast("mcp.connect('tests', {args = {'-c', 'print(1)'}})", "lua")
    assert result.error.kind == "argument"
    assert "configured by the caller" in str(result.error)


def test_a_misspelt_server_is_told_with_the_nearest():
    result = cast("mcp.connect('testz')", "lua", policy=Policy.trusted())
    assert result.error.kind == "no_server"
    assert "did you mean 'tests'" in str(result.error)


# What servers do wrong


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("s.call('die')", "closed"),
        ("s.call('stall', {}, {timeout = 0.3})", "timeout"),
        ("s.tools() s.call('lie')", "bad_answer"),
        ("s.call('garble')", "bad_answer"),
        ("s.call('nothing')", "server"),
        ("s.read('memo://' .. string.rep('x', 10)) s.close() s.tools()", "closed"),
    ],
)
def test_a_server_that_fails_is_told_by_what_it_did(call, reason):
    result = cast(f"local s = mcp.connect('tests') {call}", "lua")
    assert (result.error.kind, result.error.data["reason"]) == ("provider", reason), result.error
    assert result.error.data["server"] == "tests"


@pytest.mark.parametrize("over", ["stdio", "http"])
def test_failures_are_errors_that_a_spell_in_js_catches(over, web_server):
    servers = {"tests": PROGRAM if over == "stdio" else {"url": web_server}}
    source = """
    const s = await mcp.connect("tests"), found = []
    await s.tools()
    for (const name of ["lie", "stall", "fail"])
        try { await s.call(name, {}, {timeout: 1}) } catch (e) { found.push([e.kind, e.data.reason ?? e.data.tool]) }
    return found
    """
    found = cast(source, "js", servers).unwrap()
    assert found == [["provider", "bad_answer"], ["provider", "timeout"], ["mcp", "fail"]]


@pytest.mark.parametrize(("engine", "call"), [("lua", "mcp.connect('tests')"), ("js", "await mcp.connect('tests')")])
@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ({"command": sys.executable, "args": ["-c", ""]}, "closed"),
        ({"command": "no-such-program-at-all"}, "connect"),
        ({"command": sys.executable, "cwd": "/nowhere/at/all"}, "connect"),
        ({"command": sys.executable, "args": ["-c", "print('{\"jsonrpc\": 7}'); input()"]}, "bad_answer"),
        ({"url": "http://127.0.0.1:9/mcp"}, "connect"),
    ],
)
def test_a_server_that_never_begins_is_told_by_what_it_did(server, reason, engine, call):
    result = cast(call, engine, {"tests": server})
    assert (result.error.kind, result.error.data["reason"]) == ("provider", reason), result.error


def test_a_server_that_stalls_at_the_greeting_is_given_up():
    stalling = {"command": sys.executable, "args": ["-c", "import time; time.sleep(600)"]}
    result = cast("mcp.connect('tests', {timeout = 0.3})", "lua", {"tests": stalling})
    assert (result.error.kind, result.error.data["reason"]) == ("provider", "timeout")


@pytest.mark.parametrize("over", ["stdio", "http"])
def test_an_answer_that_is_too_large_is_a_limit(over, web_server):
    servers = {"tests": PROGRAM if over == "stdio" else {"url": web_server}}
    result = cast("mcp.connect('tests').call('big')", "lua", servers, max_bytes=100_000)
    assert isinstance(result.error, (LimitExceeded, ProviderError)), result.error
    assert "100000" in str(result.error)


def test_after_one_call_has_failed_the_others_go_on():
    source = """
    local s = mcp.connect("tests")
    local ok, e = pcall(s.call, "stall", {}, {timeout = 0.3})
    return {e.data.reason, s.call("add", {a = 1, b = 2}).text}
    """
    assert cast(source, "lua").unwrap() == ["timeout", "3"]


def is_alive(pid):
    try:
        return (
            "\tZ" not in Path(f"/proc/{pid}/stat").read_text() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
        )
    except FileNotFoundError:
        return False


def ends(pid):
    """Tell whether a process that was killed ends: the kernel takes its time where much is going on."""
    for _ in range(1000):
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
@pytest.mark.parametrize("ending", ["", "s.close()", "error('stop')", "s.call('die')"])
def test_a_server_is_ended_with_all_that_it_started(ending):
    result = cast(f"local s = mcp.connect('tests') print(s.call('spawn').text) {ending}", "lua")
    assert ends(int(result.output))


def test_a_cancelled_connect_leaves_no_server_behind(run, tmp_path):
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    servers = {"tests": {"command": sys.executable, "args": ["-c", code]}}
    guard = Guard(Policy.trusted())

    async def go():
        bridge = McpBridge(Context("r", Spell(""), None, {"servers": servers}, guard=guard, bridge="mcp"))
        task = asyncio.create_task(bridge.connect("tests"))
        while not (mark.exists() and mark.read_text()):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await bridge.close()

    run(go())
    assert ends(int(mark.read_text()))


def test_a_host_that_leads_to_this_machine_is_not_connected_to(web_server):
    async def resolve(host, port):
        return ["127.0.0.1"]

    url = web_server.replace("127.0.0.1", "mcp.example.com")
    options = {"mcp": {"servers": {}}, "http": {"resolve": resolve}}
    policy = Policy.strict().allow("mcp", "net:mcp.example.com")
    with Runner(bridges={"mcp": McpBridge}, policy=policy, options=options) as runner:
        result = runner.cast(f"mcp.connect('{url}')", engine="lua")
    assert isinstance(result.error, Denied) or result.error.kind == "denied", result.error


def test_without_the_library_the_cure_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.client.client", None)
    result = cast("mcp.connect('tests')", "lua")
    assert result.error.data["reason"] == "not_installed"
    assert "pip install 'llmspell-bridges[mcp]'" in str(result.error)


# Tools of the run

REGISTERED = [
    (
        "lua",
        """
        mcp.connect("tests", {register = true})
        collectgarbage() collectgarbage()
        local ok, e = pcall(tools.execute, "tests_add", {a = "x", b = 1})
        local failed = tools.execute_safe("tests_fail", {})
        local sum = tools.execute("tests_add", {a = 2, b = 3}).sum
        return {sum, tools.info("tests_echo_env").category, e.kind, failed.error.kind}
        """,
    ),
    (
        "js",
        """
        const s = await mcp.connect("tests")
        await s.register()
        let e; try { await tools.execute("tests_add", {a: "x", b: 1}) } catch (error) { e = error }
        const failed = await tools.executeSafe("tests_fail", {})
        const sum = (await tools.execute("tests_add", {a: 2, b: 3})).sum
        return [sum, (await tools.info("tests_echo_env")).category, e.kind, failed.error.kind]
        """,
    ),
]


@pytest.mark.parametrize(("engine", "source"), REGISTERED)
def test_tools_of_a_server_are_tools_of_the_run(engine, source):
    bridges, options = {"mcp": McpBridge, "tools": ToolsBridge}, {"mcp": {"servers": {"tests": PROGRAM}}}
    with Runner(bridges=bridges, policy=POLICY, options=options) as runner:
        assert runner.cast(source, engine=engine).unwrap() == [5, "mcp", "argument", "mcp"]


def test_registered_tools_take_no_others_place_and_go_with_the_connection():
    source = """
    tools.define("tests_add", "Mine.", {}, function() return "mine" end)
    local s = mcp.connect("tests")
    local names = s.register()
    local before = {tools.execute("tests_add"), tools.execute(names[1], {a = 1, b = 1}).sum, names[1], #s.register()}
    s.disconnect()
    return {before, pcall(tools.info, names[1])}
    """
    bridges, options = {"mcp": McpBridge, "tools": ToolsBridge}, {"mcp": {"servers": {"tests": PROGRAM}}}
    with Runner(bridges=bridges, policy=POLICY, options=options) as runner:
        before, found, *_ = runner.cast(source, engine="lua").unwrap()
    assert (before, found) == (["mine", 2, "tests_add_2", 10], False)


# Tools of agents

GIVEN = {
    "lua": {
        "server": "do local s = mcp.connect('tests') a = agent.create{tools = {s, 'calculator'}} end "
        "collectgarbage() collectgarbage()",
        "tools": "a = agent.create{tools = mcp.connect('tests'):tools()}",
        "one": "a = agent.create{} a:add_tools{mcp.connect('tests'):tools()[1]}",
        "name": "mcp.connect('tests', {register = true}) a = agent.create{tools = {'tests_add'}}",
    },
    "js": {
        "server": "a = await agent.create({tools: [await mcp.connect('tests'), 'calculator']})",
        "tools": "const s = await mcp.connect('tests'); a = await agent.create({tools: await s.tools()})",
        "one": "const s = await mcp.connect('tests'); a = await agent.create({}); "
        "await a.addTools([(await s.tools())[0]])",
        "name": "await mcp.connect('tests', {register: true}); a = await agent.create({tools: ['tests_add']})",
    },
}
ASKED = {
    "lua": "local a {} return a:run('Ask tests_add with a=2 and b=3').messages[3].content",
    "js": "let a; {}; return (await a.run('Ask tests_add with a=2 and b=3')).messages[2].content",
}


def cast_agent(source, engine):
    bridges = {"mcp": McpBridge, "tools": ToolsBridge, "agent": AgentBridge}
    options = {"mcp": {"servers": {"tests": PROGRAM}}}
    with Runner(bridges=bridges, policy=POLICY, options=options, model="demo") as runner:
        return runner.cast(source, engine=engine)


@pytest.mark.parametrize("engine", ["lua", "js"])
@pytest.mark.parametrize("way", GIVEN["lua"])
def test_an_agent_uses_the_tools_of_a_server(engine, way):
    source = ASKED[engine].replace("{}", GIVEN[engine][way])
    assert cast_agent(source, engine).unwrap() == '{"sum": 5}'


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("agent.create{tools = {{name = 'add', server = 'testz'}}}", "connected to no server 'testz'; did you mean"),
        ("agent.create{tools = {{name = 'ad', server = 'tests'}}}", "no tool is named 'ad'; did you mean 'add'"),
        ("agent.create{tools = {s, s}}", "two are named 'tests_add'"),
        ("agent.create{handoffs = {s}}:run('x')", "not a McpServer; give one of its tools()"),
        ("agent.tool_chain({s}, 1)", "not a McpServer; give one of its tools()"),
        ("s:disconnect() agent.create{tools = {{name = 'add', server = 'tests'}}}", "connected to no server 'tests'"),
        ("local a = agent.create{tools = {s}} s:close() error(a:run('tests_add').messages[3].content)", "has ended"),
    ],
)
def test_what_is_wrong_with_the_tools_of_a_server_is_told(source, problem):
    error = cast_agent(f"local s = mcp.connect('tests') {source}", "lua").error
    assert problem in str(error)


def test_tools_of_a_server_are_left_out_of_an_agent_that_is_kept():
    source = """
    local s = mcp.connect('tests')
    local a = agent.create{tools = {s, "calculator"}}
    return {a:status().tools, a:save("x").left_out[1]}
    """
    tools, left_out = cast_agent(source, "lua").unwrap()
    assert tools == ["tests", "calculator"]
    assert left_out == "tools[1] 'tests': of a server, which is connected to in each run"
