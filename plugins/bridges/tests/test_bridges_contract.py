"""What every bridge here keeps to."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from llmspell_bridges.llm.bridge import LlmBridge
from llmspell_bridges.llm.records import ChatMessage, Options, SessionRecord

from llmspell_core import plugins
from llmspell_core.apidoc import read_api
from llmspell_core.bridge import exposed_methods
from llmspell_core.errors import BadArgument
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.signatures import Signature
from llmspell_core.values import Handle

OURS = [e.name for e in plugins.entry_points("bridges").values() if e.distribution == "llmspell-bridges"]
BRIDGES = [plugins.bridge_class(name) for name in sorted(OURS)]
API = read_api(BRIDGES)
HANDLES = [cls for cls in Handle.__subclasses__() if cls.__module__.startswith("llmspell_bridges.")]
OWNERS = [*BRIDGES, *HANDLES]


@pytest.mark.parametrize("bridge", BRIDGES)
def test_the_package_offers_its_bridge_under_its_own_name(bridge):
    module = __import__(f"llmspell_bridges.{bridge.name}", fromlist=["llmspell_bridges"])
    assert module.llmspell_bridges() == [bridge]


def test_other_names_of_bridges_are_entry_points_of_the_same_module():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    entries = project["project"]["entry-points"]["llmspell.bridges"]
    names = {name: bridge.name for bridge in BRIDGES for name in (bridge.name, *bridge.aliases, *bridge.roles)}
    assert entries == {name: f"llmspell_bridges.{own}" for name, own in names.items()}
    assert (names["storage"], names["logging"]) == ("fs", "log")


@pytest.mark.parametrize(
    ("engine", "source"),
    [
        ("lua", "storage.write('a', 'x') logging.info('hi') return fs.read('a') .. require('storage').read('a')"),
        (
            "js",
            "await storage.write('a', 'x'); await logging.info('hi')\n"
            "return await fs.read('a') + await storage.read('a')",
        ),
    ],
)
def test_a_bridge_is_one_under_all_its_names(engine, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    records = []
    policy = Policy.strict().allow("read:.", "write:.")
    with Runner(bridges={b.name: b for b in BRIDGES}, policy=policy, audit=records.append) as runner:
        assert runner.cast(source, engine=engine).unwrap() == "xx"
    assert {record.bridge for record in records} == {"fs"}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_method_can_be_called_by_a_spell(owner):
    for name, method in exposed_methods(owner).items():
        Signature(f"{owner.__name__}.{name}", method)


def test_every_method_parameter_and_handle_is_documented():
    # What only functions of a spell are called with is told where they are given.
    to_hooks = {"Proceeding", "Sealed"}
    assert {handle.name for handle in API.handles} == {cls.__name__ for cls in HANDLES} - to_hooks
    for owner in (*API.modules, *API.handles):
        assert owner.doc
        for method in owner.methods:
            assert method.doc, method.name
            undocumented = [p.name for p in (*method.params, *method.options) if not p.doc]
            assert not undocumented, (owner.name, method.name)


@pytest.mark.parametrize(
    "code",
    [
        "from llmspell_bridges.log import llmspell_bridges; llmspell_bridges()",
        "from llmspell_bridges.state import llmspell_bridges; llmspell_bridges()",
        "from llmspell_bridges.agent import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell('')))",
        "from llmspell_bridges.events import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell('')))",
        "from llmspell_bridges.env import llmspell_bridges; llmspell_bridges()",
        "from llmspell_bridges.fs import llmspell_bridges; llmspell_bridges()",
        "from llmspell_bridges.http import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell('')))",
        "from llmspell_bridges.structured import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell('')))",
        "from llmspell_bridges.mcp import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell(''))).servers()",
        "from llmspell_bridges.tools import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell(''))).list()",
        "from llmspell_bridges.workflow import llmspell_bridges; llmspell_bridges()[0](Context('r', Spell(''))).list()",
        "asyncio.run(LlmBridge(Context('r', Spell(''), 'demo', {'demo_pause': 0})).chat('hi'))",
        "asyncio.run(LlmBridge(Context('r', Spell(''), MOCK)).chat('hi'))",
    ],
    ids=[
        "log",
        "state",
        "agent",
        "events",
        "env",
        "fs",
        "http",
        "structured",
        "mcp",
        "tools",
        "workflow",
        "demo",
        "mock",
    ],
)
def test_what_needs_no_provider_imports_none(code, tmp_path):
    mock = tmp_path / "replies.json"
    mock.write_text('["hello"]')
    script = f"""
import asyncio, json, sys
from llmspell_core.bridge import Context
from llmspell_core.spells import Spell
from llmspell_bridges.llm.bridge import LlmBridge
MOCK = {f"mock:{mock}"!r}
{code}
heavy = {{"pydantic", "pydantic_ai", "openai", "httpx", "httpx2", "yaml", "click", "stevedore"}}
heavy |= {{"mcp", "mcp_types", "genson", "jmespath", "json_repair", "jsonschema", "re2", "simpleeval"}}
print(json.dumps(sorted(heavy & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_conversations_are_passed_as_maps():
    bound, options = Signature("llm.complete", LlmBridge.complete).bind(
        [[{"role": "user", "content": "hi"}], {"temperature": 1, "stop": ["x"]}]
    )
    assert bound == [[ChatMessage("user", "hi")]]
    assert options == {"temperature": 1, "stop": ["x"]}
    (record,), _ = Signature("llm.import_session", LlmBridge.import_session).bind(
        [{"messages": [{"role": "assistant", "content": "hi"}], "options": {"seed": 3}}]
    )
    assert record == SessionRecord([ChatMessage("assistant", "hi")], Options(seed=3))


def test_a_stream_takes_options_with_and_without_a_callback(function):
    signature, callback = Signature("llm.stream", LlmBridge.stream), function(print)
    assert signature.bind(["hi", {"seed": 1}]) == (["hi", None], {"seed": 1})
    assert signature.bind(["hi", callback, {"seed": 1}]) == (["hi", callback], {"seed": 1})


@pytest.mark.parametrize("role", ["tool", "robot", None])
def test_a_message_of_no_known_role_is_refused(role):
    with pytest.raises(BadArgument, match=r"llm\.complete: argument 1"):
        Signature("llm.complete", LlmBridge.complete).bind([[{"role": role, "content": "hi"}]])
