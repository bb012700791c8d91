"""The protocol's official inspector, a client in another language by other people, against ``llmspell mcp serve``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow  # it installs a package of npm; CI runs it

PACKAGE = "@modelcontextprotocol/inspector@^0.15"
SERVE = [sys.executable, "-m", "llmspell_core", "mcp", "serve"]
GREET = """\
-- ---
-- description: Greet people.
-- parameters:
--   whom: {type: string, required: true}
-- ---
print("greeting")
return {text = "hello " .. params.whom}
"""


@pytest.fixture(scope="module")
def inspector(tmp_path_factory):
    """Return the inspector's program, installed."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, and the inspector comes with it")
    folder = tmp_path_factory.mktemp("inspector")
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install {PACKAGE}: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / ".bin" / "mcp-inspector"


@pytest.fixture
def ask(inspector, tmp_path):
    """Return what the inspector says of a method, called on a server or a URL."""
    (tmp_path / "spells").mkdir()
    (tmp_path / "spells" / "greet.lua").write_text(GREET)
    serve = [*SERVE, str(tmp_path / "spells"), "--code", "--model", "demo"]

    def ask(method, *words, at=serve):
        command = [str(inspector), "--cli", *at, "--method", method, *words]
        environment = {**os.environ, "LLMSPELL_HOME": str(tmp_path)}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)

    def answered(method, *words, **more):
        done = ask(method, *words, **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    ask.answered = answered
    return ask


def call(name, **arguments):
    given = [word for key, value in arguments.items() for word in ("--tool-arg", f"{key}={value}")]
    return ["tools/call", "--tool-name", name, *given]


def test_the_inspector_lists_the_tools(ask):
    tools = ask.answered("tools/list")["tools"]
    assert [tool["name"] for tool in tools] == ["greet", "search_api", "run_code"]
    assert tools[0]["inputSchema"]["required"] == ["whom"]


def test_the_inspector_calls_a_spell(ask):
    answer = ask.answered(*call("greet", whom="Ada"))
    assert (answer["structuredContent"], answer["isError"]) == ({"text": "hello Ada"}, False)
    assert answer["content"][0]["text"] == "greeting\n"


def test_the_inspector_is_told_what_is_wrong(ask):
    assert ask.answered(*call("greet", who="Ada"))["isError"] is True
    refused = ask(*call("great"))
    assert refused.returncode != 0
    assert "did you mean 'greet'" in refused.stderr


@pytest.mark.parametrize("language", ["lua", "js"])
def test_the_inspector_looks_up_what_code_can_call_and_runs_it(ask, language):
    source = {"lua": "return #llm.chat('hi')", "js": "return (await llm.chat('hi')).length"}[language]
    found = ask.answered(*call("search_api", query="chat", language=language))["structuredContent"]["declarations"]
    assert "chat(" in found
    ran = ask.answered(*call("run_code", language=language, source=source))["structuredContent"]
    assert (ran["ok"], ran["value"] > 0, ran["error"]) == (True, True, None)


def test_the_inspector_talks_over_http(ask, tmp_path):
    command = [*SERVE, "--code", "--model", "demo", "--http", "127.0.0.1:0"]
    environment = {**os.environ, "LLMSPELL_HOME": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            url = server.stderr.readline().split()[-1]
            at = [url, "--transport", "http"]
            ran = ask.answered(*call("run_code", language="lua", source="return 6 * 7"), at=at)
        finally:
            server.terminate()
    assert ran["structuredContent"]["value"] == 42
