"""Every method of the bridge tools, called from each language, inline and in a process of its own."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.policy import Policy
from llmspell_core.runner import Isolation, Runner

if not all(importlib.util.find_spec(name) for name in ("jmespath", "simpleeval", "re2", "llmspell_lua", "llmspell_js")):
    pytest.skip("llmspell-bridges[tools] or a language is not installed", allow_module_level=True)

LANGUAGES = ("lua", "js")
TOOLS = {
    "lua": """
local numbers = {required = {"n"}, properties = {n = {type = "integer"}}}
local made = tools.define("double", "Doubles a number", numbers, function(args) return args.n * 2 end,
  {category = "mine", tags = {"sum"}, output_schema = {type = "integer"}, version = "1.2.0"})
tools.register("ask", "Calls a bridge", {}, function(args) sleep(0) return state.get("k", {default = "none"}) end)
tools.define("slow", "Waits", {}, function() sleep(3600) end)
tools.define("wipe", "Destroys", {}, function() return "gone" end, {destructive = true})
local ok, e = pcall(tools.execute, "double", {n = "x"})
local denied = tools.execute_safe("wipe")
local late = tools.execute_safe("slow", {}, {timeout = 0.01})
local calls = {{name = "double", args = {n = 1}}, {name = "none"}, {name = "double", args = {n = 3}}}
local many = tools.parallel(calls, {max_concurrent = 2})
local same = tools.parallel_execute({{name = "ask"}})
local choices = {"double", {tool = "ask", when = function() return true end}}
local both = tools.compose(choices, {mode = "conditional", name = "either"})
local tried = tools.test_tool("double", {{args = {n = 1}, expect = 2}, {args = {}, error = "argument"}})
local names = tools.load_folder(params.folder)
local listed = {}
for _, tool in ipairs(tools.list({category = "mine"})) do listed[#listed + 1] = tool.name end
return {
  made.version, tools.execute("double", {n = 4}), tools.execute("ask"), {ok, e.kind, e.data.errors[1].path},
  {denied.ok, denied.error.kind, denied.error.data.flag}, late.error.kind,
  {many[1].result, many[2].error.kind, many[3].result}, same[1].result,
  tools.pipeline({"double", "double"}, {n = 1}), tools.execute(both.name, {n = 1}),
  tools.validate_params("double", {}).errors[1].path, {tried.passed, tried.failed},
  tools.benchmark_tool("double", {n = 1}, {runs = 3}).runs, tools.metrics("slow").failures, tools.history(1)[1].tool,
  listed, tools.search("doubles")[1].name, tools.info("double").tags, tools.schema("double").required,
  names, tools.execute("greet", {whom = "you"}), tools.execute_safe("thief").error.kind,
  tools.execute("calculator", {expression = "6 * 7"}), #tools.export_mcp() > 10, tools.remove("double"),
}
""",
    "js": """
const numbers = { required: ["n"], properties: { n: { type: "integer" } } };
const made = await tools.define("double", "Doubles a number", numbers, (args) => args.n * 2,
  { category: "mine", tags: ["sum"], outputSchema: { type: "integer" }, version: "1.2.0" });
await tools.register("ask", "Calls a bridge", {}, async () => {
  await sleep(0);
  return state.get("k", { default: "none" });
});
await tools.define("slow", "Waits", {}, () => sleep(3600));
await tools.define("wipe", "Destroys", {}, () => "gone", { destructive: true });
let e;
try { await tools.execute("double", { n: "x" }) } catch (error) { e = error }
const denied = await tools.executeSafe("wipe");
const late = await tools.executeSafe("slow", {}, { timeout: 0.01 });
const calls = [{ name: "double", args: { n: 1 } }, { name: "none" }, { name: "double", args: { n: 3 } }];
const many = await tools.parallel(calls, { maxConcurrent: 2 });
const same = await tools.parallelExecute([{ name: "ask" }]);
const choices = ["double", { tool: "ask", when: () => true }];
const both = await tools.compose(choices, { mode: "conditional", name: "either" });
const tried = await tools.testTool("double", [{ args: { n: 1 }, expect: 2 }, { args: {}, error: "argument" }]);
const names = await tools.loadFolder(params.folder);
const listed = (await tools.list({ category: "mine" })).map((tool) => tool.name);
return [
  made.version, await tools.execute("double", { n: 4 }), await tools.execute("ask"),
  [false, e.kind, e.data.errors[0].path], [denied.ok, denied.error.kind, denied.error.data.flag], late.error.kind,
  [many[0].result, many[1].error.kind, many[2].result], same[0].result,
  await tools.pipeline(["double", "double"], { n: 1 }), await tools.execute(both.name, { n: 1 }),
  (await tools.validateParams("double", {})).errors[0].path, [tried.passed, tried.failed],
  (await tools.benchmarkTool("double", { n: 1 }, { runs: 3 })).runs, (await tools.metrics("slow")).failures,
  (await tools.history(1))[0].tool, listed, (await tools.search("doubles"))[0].name, (await tools.info("double")).tags,
  (await tools.schema("double")).required, names, await tools.execute("greet", { whom: "you" }),
  (await tools.executeSafe("thief")).error.kind, await tools.execute("calculator", { expression: "6 * 7" }),
  (await tools.exportMcp()).length > 10, await tools.remove("double"),
];
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of tools: a file in each language, and things that are no tools."""
    (tmp_path / "greet.lua").write_text(
        "-- ---\n-- name: greet\n-- description: Greets\n-- parameters:\n--   whom: {type: string, required: true}\n"
        '-- ---\nreturn "hello, " .. params.whom\n'
    )
    thief = tmp_path / "thief"
    thief.mkdir()
    (thief / "spell.yaml").write_text("name: thief\ndescription: Reads\npermissions: ['read:/etc']\n")
    (thief / "spell.js").write_text('return await fs.read("/etc/passwd")\n')
    (tmp_path / "plain.lua").write_text("return 1\n")
    (tmp_path / "notes.txt").write_text("no spell\n")
    return tmp_path


def cast(language: str, folder: Path, isolation: Isolation) -> Any:
    policy = Policy.standard().allow(f"read:{folder}")
    with Runner(isolation=isolation, policy=policy) as runner:
        return runner.cast(TOOLS[language], engine=language, params={"folder": str(folder)}).unwrap()


@pytest.mark.parametrize("isolation", ["inline", "process"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_tools_of_a_spell(language: str, folder: Path, isolation: Isolation) -> None:
    assert cast(language, folder, isolation) == [
        "1.2.0",
        8,
        "none",
        [False, "argument", "$.n"],
        [False, "denied", "--allow-tool=wipe"],
        "timeout",
        [2, "tool_not_found", 6],
        "none",
        4,
        2,
        "$.n",
        [2, 0],
        3,
        1,
        "double",
        ["double"],
        "double",
        ["sum"],
        ["n"],
        ["greet", "thief"],
        "hello, you",
        "denied",
        42,
        True,
        True,
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_method_is_left_out(language: str) -> None:
    for name in exposed_methods(plugins.bridge_class("tools")):
        spelled = name if language == "lua" else re.sub(r"_(\w)", lambda found: found[1].upper(), name)
        assert re.search(rf"tools\.{spelled}\b", TOOLS[language]), name
