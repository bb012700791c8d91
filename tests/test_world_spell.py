# ruff: noqa: E501 - lines of spells
"""Every method of the bridge spell, called from each language; what is done at the end; children and their rights."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.budget import Budget
from llmspell_core.journal import Journal
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.runner import Result, Runner
from llmspell_core.spells import Spell

LANGUAGES = ("lua", "js")
PLACES = ("inline", "process") if sys.platform == "linux" else ("inline",)
EVERY = {
    "lua": """
local told = {}
spell.on_start(function(p) told[1] = p.n end)
local i, c = spell.info(), spell.context()
spell.progress(1, 2, "half")
local text = spell.output({{a = 1, b = "x|y"}, {a = list({2})}}, "table")
local n, d = spell.params("n", 0, "integer"), spell.params("missing", "default")
local ok, e = pcall(spell.params, "word", 0, "number")
local part, other = spell.run("./part.js", {x = 20}), spell.run("part.lua", {x = 30}, {full = true})
local last = spell.compose({"double", function(v) return v + 1 end, {run = "double", allow = {}}}, {input = 4})
local both = spell.compose({"double", {run = "double", params = {input = 1}}}, {input = 4, mode = "parallel"})
local kept = {spell.cache("k") == nil, spell.cache("k", {1, 2}, 60)[2], spell.cache("k")[2]}
local config = {spell.config("speed"), spell.config("color"), spell.config("none", "d"), spell.config().speed}
local files = {spell.include("lib/words.lua").hello, spell.include("prompts/a.txt"), spell.include("data.json").x}
spell.library("numbers", {three = function() return 3 end})
spell.resource("thing", {create = function() return 1 end, cleanup = function() end})
spell.on_cleanup(function() end)
spell.on_error(function() end)
spell.on_complete(function() end)
return {told[1], {i.name, i.version, i.permissions, i.entry}, {c.run, c.name, c.file}, text, {n, d, e.kind}, part,
  {other.value, other.output, other.run}, last, both, kept, config, files, require("numbers").three()}
""",
    "js": """
const told = [];
spell.onStart(p => told.push(p.n));
const i = await spell.info(), c = await spell.context();
await spell.progress(1, 2, "half");
const text = await spell.output([{ a: 1, b: "x|y" }, { a: [2] }], "table");
const n = spell.params("n", 0, "integer"), d = spell.params("missing", "default");
let e;
try { spell.params("word", 0, "number") } catch (error) { e = error }
const part = await spell.run("./part.js", { x: 20 }), other = await spell.run("part.lua", { x: 30 }, { full: true });
const last = await spell.compose(["double", v => v + 1, { run: "double", allow: [] }], { input: 4 });
const both = await spell.compose(["double", { run: "double", params: { input: 1 } }], { input: 4, mode: "parallel" });
const kept = [await spell.cache("k") === null, (await spell.cache("k", [1, 2], 60))[1], (await spell.cache("k"))[1]];
const config = [await spell.config("speed"), await spell.config("color"), await spell.config("none", "d"),
  (await spell.config()).speed];
const files = [(await spell.include("lib/words.js")).hello, await spell.include("prompts/a.txt"),
  (await spell.include("data.json")).x];
spell.library("numbers", { three: () => 3 });
await spell.resource("thing", { create: () => 1, cleanup: () => {} });
spell.onCleanup(() => {});
spell.onError(() => {});
spell.onComplete(() => {});
return [told[0], [i.name, i.version, i.permissions, i.entry], [c.run, c.name, c.file], text, [n, d, e.kind], part,
  [other.value, other.output, other.run], last, both, kept, config, files, require("numbers").three()];
""",
}
FAILING = {
    "lua": """
local ok, e = pcall(spell.compose, {function() sleep(900) end, function() error({kind = "mine", message = "bad"}) end}, {mode = "parallel"})
local ok2, e2 = pcall(spell.compose, {"doubl"}, {mode = "parallel"})
return {e.kind, e.message, e2.kind, e2.message}
""",
    "js": """
const steps = [() => sleep(900), () => { throw new SpellError("bad", { kind: "mine" }) }], e = [];
for (const each of [steps, ["doubl"]])
  try { await spell.compose(each, { mode: "parallel" }) } catch (error) { e.push(error.kind, error.message) }
return e;
""",
}
MANIFEST = """
name: main
version: 0.1.0
permissions: ["state:*"]
dependencies: {double: ^1.0}
config: {speed: 3, color: red}
parameters: {n: {}, word: {default: abc}}
"""
WORDS = {"lua": "return {hello = 'hi'}", "js": "module.exports = { hello: 'hi' };"}
ENDS = {
    "lua": """
spell.on_complete(function(v) print("complete", v) end)
spell.on_error(function(e) sleep(0.001) print("error") error("ignored") end)
spell.on_cleanup(function() print("first") end)
spell.resource("a", {create = function() print("open a") return "a" end, cleanup = function(a) print("close " .. a) end})
spell.resource("b", {create = function() print("open b") return "b" end, cleanup = function(b) sleep(0.001) print("close " .. b) end})
spell.resource("a", {create = function() print("again") end, cleanup = function() end})
promise.spawn(function() sleep(params.how == "task" and 900 or 0.02) print("task") end)
if params.how == "error" then error({kind = "mine", message = "bad"}) end
if params.how == "task" then promise.spawn(function() sleep(0.001) error("in a task") end) sleep(900) print("never") end
if params.how == "deadlock" then promise.new(function() end):await() end
if params.how == "cleanup" then spell.on_cleanup(function() error({kind = "late", message = "too late"}) end) end
if params.how == "register" then spell.on_complete(function() spell.on_cleanup(print) end) end
if params.how == "stuck" then spell.on_complete(function() promise.new(function() end):await() end) end
if params.how == "limit" then while true do end end
return "value"
""",
    "js": """
spell.onComplete(v => print("complete", v));
spell.onError(async e => { await sleep(0.001); print("error"); throw new Error("ignored") });
spell.onCleanup(() => print("first"));
await spell.resource("a", { create: () => { print("open a"); return "a" }, cleanup: a => print("close " + a) });
await spell.resource("b", { create: () => { print("open b"); return "b" }, cleanup: async b => { await sleep(0.001); print("close " + b) } });
await spell.resource("a", { create: () => print("again"), cleanup: () => {} });
(async () => { await sleep(params.how == "task" ? 900 : 0.02); print("task") })();
if (params.how == "error") throw new SpellError("bad", { kind: "mine" });
if (params.how == "task") { (async () => { await sleep(0.001); throw new Error("in a task") })(); await sleep(900); print("never") }
if (params.how == "deadlock") await new Promise(() => {});
if (params.how == "cleanup") spell.onCleanup(() => { throw new SpellError("too late", { kind: "late" }) });
if (params.how == "register") spell.onComplete(() => spell.onCleanup(print));
if (params.how == "stuck") spell.onComplete(() => new Promise(() => {}));
if (params.how == "limit") for (;;);
return "value";
""",
}
CLOSED = ["close b", "close a", "first"]


FAILS = {
    "lua": """
spell.on_error(function(e) print(e.kind, e.message, e.data) end)
if params.how == "text" then error("plain", 0) end
if params.how == "vm" then local nothing = nil print(nothing.field) end
error(params.thrown)
""",
    "js": """
spell.onError(e => print(e.kind, e.message, e.data));
if (params.how === "text") throw "plain";
if (params.how === "vm") { const nothing = null; print(nothing.field) }
throw params.thrown;
""",
}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LLMSPELL_PATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def do(folder: str, files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / folder

    return do


@pytest.fixture
def main(write: Callable[..., Path], language: str) -> Callable[[str], Spell]:
    """A spell of a source in a folder, among other spells."""

    def made(source: str) -> Spell:
        double = "name: double\nversion: 1.2.0\nparameters: {input: {type: number}}"
        write("home/spells/double", {"spell.yaml": double, "spell.lua": "print('doubling') return params.input * 2"})
        files = {
            "spell.yaml": MANIFEST + f"entry: main.{language}\n",
            f"main.{language}": source,
            f"lib/words.{language}": WORDS[language],
            "prompts/a.txt": "hello",
            "data.json": '{"x": 9}',
            "part.js": "print('js'); return params.x + 1;",
            "part.lua": "print('lua') return params.x + 1",
        }
        return Spell.load(write("main", files))

    return made


def test_every_method(main: Any, language: str, place: Any) -> None:
    told: list[Any] = []
    settings = {"spell": {"config": {"main": {"color": "blue"}}, "on_progress": told.append}}
    with Runner(isolation=place, options=settings) as runner:
        result = runner.cast(main(EVERY[language]), params={"n": 7}, run_id="r")
    table = "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| [2] |  |"
    value = result.unwrap()
    assert value[6][2].startswith("r.")
    value[6][2] = "r.1"
    assert value == [
        7,
        ["main", "0.1.0", ["state:*"], f"main.{language}"],
        ["r", "main", f"main.{language}"],
        table,
        [7, "default", "parameters"],
        21,
        [31, "lua\n", "r.1"],
        18,
        [8, 2],
        [True, 2, 2],
        [3, "blue", "d", 3],
        ["hi", "hello", 9],
        3,
    ]
    assert result.output == table + "\n"
    assert told == [{"run": "r", "spell": "main", "done": 1, "total": 2, "note": "half"}]


def test_a_step_that_fails_ends_those_beside_it_with_its_error(main: Any, language: str) -> None:
    with Runner(isolation="inline") as runner:
        mine, bad, kind, message = runner.cast(main(FAILING[language])).unwrap()
    assert (mine, bad, kind) == ("mine", "bad", "no_spell")
    assert "did you mean 'double'; install it" in message


def test_no_method_is_left_out() -> None:
    for name in exposed_methods(plugins.bridge_class("spell")):
        spelled = {"lua": name, "js": re.sub(r"_(\w)", lambda found: found[1].upper(), name)}
        for each in LANGUAGES:
            assert re.search(rf"spell\.{spelled[each]}\b", EVERY[each]), (each, name)


def ended(language: str, place: Any, how: str) -> Result:
    limits = replace(Limits.usual(place), cpu=1.0, wall=60.0)
    with Runner(isolation=place, limits=limits) as runner:
        return runner.cast(ENDS[language], engine=language, params={"how": how})


OPENED = ["open a", "open b"]


@pytest.mark.parametrize(
    ("how", "kind", "message", "lines"),
    [
        ("well", None, "", [*OPENED, "task", "complete value", *CLOSED]),
        ("error", "mine", "bad", [*OPENED, "error", *CLOSED]),
        ("task", "runtime", "in a task", [*OPENED, "error", *CLOSED]),
        ("deadlock", "deadlock", "waits for something", [*OPENED, "task", "error", *CLOSED]),
        ("cleanup", "late", "too late", [*OPENED, "task", "complete value", *CLOSED]),
        ("register", "call", "the spell is at its end", [*OPENED, "task", "complete value", *CLOSED]),
        ("stuck", None, "", [*OPENED, "task", "complete value"]),
    ],
)
def test_what_is_done_at_the_end(
    language: str, place: Any, how: str, kind: str | None, message: str, lines: list[str]
) -> None:
    result = ended(language, place, how)
    printed = result.output.replace("\t", " ").splitlines()
    assert printed == lines
    if how == "stuck":
        assert result.error is None or result.error.kind == "deadlock"
        return
    assert (result.error and result.error.kind) == kind
    assert message in str(result.error or "")


def test_after_a_limit_nothing_of_the_spell_runs(language: str, place: Any) -> None:
    result = ended(language, place, "limit")
    assert result.error is not None
    assert result.error.kind == "limit"
    assert not re.search("close|error|first|complete", result.output)


DENIED = {
    "lua": """
local ok, e = pcall(spell.run, "./part.lua")
local ok2, e2 = pcall(spell.run, "./part.lua", nil, {allow = {}})
local ok3, e3 = pcall(spell.run, "./part.lua", nil, {allow = {"env:SECRET", "state:*"}})
return {ok, ok2, e2 and e2.kind, ok3}
""",
    "js": """
const tried = [];
for (const options of [{}, { allow: [] }, { allow: ["env:SECRET", "state:*"] }])
  tried.push(await spell.run("./part.lua", {}, options).then(() => [true], e => [false, e.kind]));
return [tried[0][0], tried[1][0], tried[1][1], tried[2][0]];
""",
}


def test_a_child_never_has_more_than_the_spell(main: Any, language: str, write: Any, tmp_path: Path) -> None:
    spell = main(DENIED[language])
    write("main", {"part.lua": "return state.get('x')"})
    with Runner(isolation="inline", policy=Policy.strict().allow("state:*")) as runner:
        assert runner.cast(spell, params={"n": 1}).unwrap() == [True, False, "denied", True]
    write("main", {"part.lua": "return env.get('SECRET')"})
    with Runner(isolation="inline", policy=Policy.strict().allow("state:*")) as runner:
        assert runner.cast(spell, params={"n": 1}).unwrap() == [False, False, "denied", False]


RUNS = {
    "lua": "local a = spell.run('./part.lua') local b = spell.compose({'part.lua', 'part.lua'}) return {a, b}",
    "js": "const a = await spell.run('./part.lua'); const b = await spell.compose(['part.lua', 'part.lua']); return [a, b];",
}


def test_children_are_runs_of_their_own_under_the_spells_and_share_its_purse(
    main: Any, language: str, write: Any, tmp_path: Path
) -> None:
    spell = main(RUNS[language])
    write("main", {"part.lua": "llm.chat('hi') return spell.context().run"})
    with (
        Journal(f"sqlite:///{tmp_path}/runs.db") as journal,
        Runner(isolation="inline", model="demo", journal=journal, options={"llm": {"demo_pause": 0}}) as runner,
    ):
        result = runner.cast(spell, params={"n": 1}, run_id="r")
        assert result.unwrap() == ["r.1.1", "r.2.2"]
        assert sorted(run.id for run in journal.runs(parent="r")) == ["r.1.1", "r.2.1", "r.2.2"]
        assert result.usage.requests == 3
        spent = runner.cast(spell, params={"n": 1}, run_id="s", budget=Budget(requests=2))
        assert spent.error is not None
        assert spent.error.kind == "budget"


RESUMED = {
    "lua": "local a = spell.run('./part.lua', {n = 1}) local b = spell.run('./part.lua', {n = 2}) return {a, b}",
    "js": "const a = await spell.run('./part.lua', { n: 1 }); const b = await spell.run('./part.lua', { n: 2 }); return [a, b];",
}


def test_a_run_that_goes_on_casts_no_finished_child_again(main: Any, language: str, write: Any, tmp_path: Path) -> None:
    spell = main(RESUMED[language])
    write("main", {"part.lua": "local n = state.get('n', {default = 0}) + 1 return params.n * 10"})
    url = f"sqlite:///{tmp_path}/runs.db"
    with Runner(isolation="inline", journal=url) as runner:
        assert runner.cast(spell, params={"n": 1}, run_id="r").unwrap() == [10, 20]
        assert runner.journal is not None
        entries = runner.journal.entries("r")
        whole = runner.journal.run("r")
        first = runner.journal.run("r.1.1"), runner.journal.entries("r.1.1")
    for cut in range(len(entries)):
        again = f"sqlite:///{tmp_path}/cut{cut}.db"
        with Journal(again) as journal:
            journal.add(replace_status(whole), entries[:cut])
            journal.add(*first)
        # Nobody is to read the first child's file again.
        with Runner(isolation="inline", journal=again) as runner:
            assert runner.resume("r", take_over=True).unwrap() == [10, 20], cut


def replace_status(run: Any) -> Any:
    from dataclasses import replace as other

    return other(run, status="interrupted", value=None, error=None)


CHANGED = {
    "lua": "return spell.run('double', {input = 2})",
    "js": "return await spell.run('double', { input: 2 });",
}


def test_a_dependency_that_has_changed_is_not_run(main: Any, language: str, home: Path) -> None:
    from llmspell_core.packages.lock import lock

    spell = main(CHANGED[language])
    assert spell.folder is not None
    lock(spell.folder)
    with Runner(isolation="inline") as runner:
        assert runner.cast(spell, params={"n": 1}).unwrap() == 4
        (home / "spells" / "double" / "spell.lua").write_text("return 'planted'")
        refused = runner.cast(spell, params={"n": 1})
    assert refused.error is not None
    assert refused.error.kind == "changed"
    assert "has changed since it was locked" in str(refused.error)


OUTSIDE = {
    "lua": """
local kinds = {}
for i, path in ipairs({"../secret.lua", "/etc/passwd", "link.txt", ".env", "LIB/words.lua", "lib/../../secret.lua", "a\\0b", ""}) do
  local ok, e = pcall(spell[params.word], path)
  kinds[i] = ok and "read" or e.kind
end
return kinds
""",
    "js": """
const kinds = [];
for (const path of ["../secret.lua", "/etc/passwd", "link.txt", ".env", "LIB/words.lua", "lib/../../secret.lua", "a\\0b", ""])
  kinds.push(await spell[params.word](path).then(() => "read", e => e.kind));
return kinds;
""",
}


@pytest.mark.parametrize("method", ["include", "run"])
def test_nothing_outside_the_folder_is_read(main: Any, language: str, tmp_path: Path, method: str, write: Any) -> None:
    spell = main(OUTSIDE[language])
    write(".", {"secret.lua": "return 1"})
    write("main", {".env": "KEY=1"})
    (tmp_path / "main" / "link.txt").symlink_to("/etc/passwd")
    with Runner(isolation="inline") as runner:
        kinds = runner.cast(spell, params={"n": 1, "word": method}).unwrap()
    assert kinds == ["usage"] * 8


STEPS = {
    "lua": """
local function flow(path, params) return workflow.create("w", {{spell = path, params = params}}):run() end
local kinds = {}
for i, path in ipairs({"../secret.lua", params.word}) do
  kinds[i] = {select(2, pcall(spell.run, path)).kind, select(2, pcall(flow, path)).data.kind}
end
return {{spell.run("./part.js", {x = 2}), flow("./part.js", {x = 2})}, {spell.run("double", {input = 2}), flow("double", {input = 2})}, kinds}
""",
    "js": """
const flow = async (path, params) => (await workflow.create("w", [{ spell: path, params }])).run();
const kinds = [];
for (const path of ["../secret.lua", params.word])
  kinds.push([await spell.run(path).catch(e => e.kind), await flow(path).catch(e => e.data.kind)]);
return [[await spell.run("./part.js", { x: 2 }), await flow("./part.js", { x: 2 })],
  [await spell.run("double", { input: 2 }), await flow("double", { input: 2 })], kinds];
""",
}


def test_a_step_casts_what_the_spell_may_run(main: Any, language: str, write: Any) -> None:
    spell = main(STEPS[language])
    outside = str(write(".", {"secret.lua": "return 1"}) / "secret.lua")
    granted = Policy.standard().allow(f"read:{outside}")
    with Runner(isolation="inline", policy=granted) as runner:
        value = runner.cast(spell, params={"n": 1, "word": outside}).unwrap()
    assert value == [[3, 3], [4, 4], [["usage", "usage"]] * 2]


def test_a_spell_without_a_folder_casts_what_it_came_with() -> None:
    source = "return {spell.run('./lib/one.lua'), workflow.create('w', {{spell = 'lib/one.lua'}}):run()}"
    spell = Spell(source, "main.lua", modules={"lib/one.lua": "return (require('lib/two'))", "lib/two.lua": "return 2"})
    with Runner(isolation="inline") as runner:
        assert runner.cast(spell, engine="lua").unwrap() == [2, 2]
        refused = runner.cast("return spell.run('./three.lua')", engine="lua").error
    assert (refused is not None and refused.kind, "is no file of this spell" in str(refused)) == ("call", True)


def test_a_spell_that_is_a_single_file_has_no_folder(language: str) -> None:
    source = {
        "lua": "return select(2, pcall(spell.include, 'x.txt')).kind",
        "js": "return await spell.include('x.txt').catch(e => e.kind);",
    }
    with Runner(isolation="inline") as runner:
        assert runner.cast(source[language], engine=language).unwrap() == "call"


WRONG = {
    "lua": """
local kinds = {}
for i, try in ipairs({
  function() spell.params("n", 0, "integr") end, function() spell.on_cleanup(1) end, function() spell.resource(1) end,
  function() spell.library("a b", {}) end, function() spell.library("state", {}) end,
}) do kinds[i] = select(2, pcall(try)).kind end
return kinds
""",
    "js": """
const kinds = [];
for (const attempt of [() => spell.params("n", 0, "integr"), () => spell.onCleanup(1), () => spell.resource(1),
  () => spell.library("a b", {}), () => spell.library("state", {})])
  try { await attempt() } catch (e) { kinds.push(e.kind) }
return kinds;
""",
}


def test_what_a_spell_gives_wrongly_is_an_argument(language: str) -> None:
    with Runner(isolation="inline") as runner:
        assert runner.cast(WRONG[language], engine=language).unwrap() == ["argument"] * 5


def test_a_spell_that_runs_itself_is_ended(main: Any, language: str) -> None:
    source = {
        "lua": "return spell.run('./main.lua', {n = 1})",
        "js": "return await spell.run('./main.js', { n: 1 });",
    }
    with Runner(isolation="inline") as runner:
        result = runner.cast(main(source[language]), params={"n": 1})
    assert result.error is not None
    assert result.error.kind == "limit"
    assert "8" in str(result.error)


def test_a_child_that_takes_too_long_is_stopped(main: Any, language: str, write: Any) -> None:
    source = {
        "lua": "return select(2, pcall(spell.run, './part.lua', {}, {timeout = 0.05})).message",
        "js": "return await spell.run('./part.lua', {}, { timeout: 0.05 }).catch(e => e.message);",
    }
    spell = main(source[language])
    write("main", {"part.lua": "sleep(1000)"})
    with Runner(isolation="inline") as runner:
        assert "took longer than 0.05 s" in runner.cast(spell, params={"n": 1}).unwrap()


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"how": "text"}, "runtime plain"),
        ({"how": "vm"}, "runtime "),
        ({"thrown": 5}, "runtime 5 5"),
        ({"thrown": {"kind": "mine", "message": "bad", "data": 1}}, "mine bad 1"),
    ],
)
def test_whatever_a_spell_fails_with_is_told_as_an_error(language: str, params: dict[str, Any], told: str) -> None:
    with Runner() as runner:
        output = runner.cast(FAILS[language], engine=language, params=params).output
    assert output.replace("\t", " ").startswith(told)
