"""Tests in a package share its manifest and files; fakes reach the spells that a test casts, in every language."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llmspell_core.spelltests.files import folder_of, is_listed, load

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
name: shop
version: 1.0.0
engine: lua
parameters:
  currency: {type: string, default: EUR}
  amount: {type: number, required: true}
limits: {calls: 50}
permissions: ["read:./data"]
permission_sets: {reading: ["read:./data"]}
config: {length: short}
tests: [checks/*.lua]
"""
SPELLS = {
    "spell.lua": 'return require("words").price(params.amount, params.currency)',
    "lib/words.lua": "return {price = function(n, currency) return n .. ' ' .. currency end}",
    "lib/words.js": "export const price = (n, currency) => `${n} ${currency}`;",
    "ask.lua": 'return llm.chat("lua")',
    "ask.js": 'return await llm.chat("js")',
    "agent.js": 'const a = await agent.create({ system: "x" }); return (await a.run("agent")).text;',
    "read.lua": 'return fs.read("a.txt")',
    "read.js": 'return await fs.read("a.txt")',
    "nap.lua": "sleep(5) sleep(10) return time.now()",
    "nap.js": "await sleep(5); await sleep(10); return Date.now() / 1000;",
}
SHARED_LUA = """
testing.it("has the files", function()
  testing.expect(require("words").price(2, params.currency)):equals("2 EUR")
end)
testing.it("has the defaults and no more", function() testing.expect(params):equals({currency = "EUR"}) end)
testing.it("has the settings", function() testing.expect(spell.config("length")):equals("short") end)
testing.it("casts the spell itself", function()
  testing.expect(spell.run("./spell.lua", {amount = 3})):equals("3 EUR")
  testing.expect(function() spell.run("./spell.lua") end):raises("'amount' is missing")
end)
testing.it("reads", function() testing.expect(fs.exists("data/none.txt")):is_false() end)
testing.it("has the limits", function() for _ = 1, 60 do spell.info() end end)
"""
SHARED_JS = """
import { price } from "../lib/words.js";
testing.it("has the files", () => testing.expect(price(2, params.currency)).equals("2 EUR"));
testing.it("casts the spell itself", async () =>
  testing.expect(await spell.run("./spell.lua", { amount: 3 })).equals("3 EUR"));
"""
FAKES_LUA = """
for _, file in ipairs {"./ask.lua", "./ask.js", "./agent.js"} do
  testing.it("the model answers " .. file, function()
    local model = testing.fake_model(function(prompt) return "you said " .. prompt end)
    testing.expect(spell.run(file)):starts_with("you said ")
    testing.expect(model:requests()):has_length(1)
    model:restore()
    testing.expect(spell.run(file)):never():starts_with("you said ")
  end)
end
testing.it("the model answers composed spells and workflows", function()
  testing.fake_model {"one", "two", "three", "four"}
  testing.expect(spell.compose {"./ask.lua", "./ask.js"}):equals("two")
  local steps = {{spell = {source = "return llm.chat('a')", engine = "lua"}},
    {spell = {source = "return await llm.chat('b')", engine = "js"}}}
  testing.expect(workflow.create("f", steps):run()):equals("four")
end)
for _, file in ipairs {"./read.lua", "./read.js"} do
  testing.it("calls are answered for " .. file, function()
    local call = testing.fake_call("fs.read", function(args) return "text of " .. args.path end)
    testing.expect(spell.run(file)):equals("text of a.txt")
    testing.expect(call:calls()):equals(list {{path = "a.txt"}})
    call:restore()
    testing.expect(function() spell.run(file) end):raises {kind = "denied"}
  end)
end
for _, file in ipairs {"./nap.lua", "./nap.js"} do
  testing.it("the clock is that of " .. file, function()
    local clock = testing.fake_clock(1000)
    local nap = promise.spawn(function()
      local woken = spell.run(file)
      sleep(5)
      return {woken, time.now()}
    end)
    clock:until_asleep()
    clock:advance(100)
    testing.expect(nap:await()):equals({1015, 1020})
  end)
end
testing.it("what is faked stays when hooks are cleared", function()
  testing.fake_call("storage.read", "faked")
  hooks.before("tool", function() end)
  testing.expect(#hooks.list()):equals(1)
  testing.expect(hooks.clear()):equals(1)
  testing.expect(fs.read("a.txt")):equals("faked")
end)
testing.it("a fake of the child is its own", function()
  testing.fake_model {"outer"}
  testing.expect(spell.run("./faking.lua")):equals("inner")
  testing.expect(llm.chat("again")):equals("outer")
end)
"""
FAKES_JS = """
testing.it("the model answers a spell in another language", async () => {
  const model = await testing.fakeModel(["faked"]);
  testing.expect(await spell.run("./ask.lua")).equals("faked");
  testing.expect((await model.requests())[0].prompt).equals("lua");
});
testing.it("calls are answered", async () => {
  const call = await testing.fakeCall("fs.*", async ({ path }) => path.length);
  testing.expect(await spell.run("./read.lua")).equals(5);
  testing.expect(await call.calls()).hasLength(1);
});
testing.it("the clock is that of both", async () => {
  const clock = await testing.fakeClock(1000);
  const naps = Promise.all([spell.run("./nap.js"), spell.run("./nap.lua")]);
  await clock.untilAsleep(2);
  await clock.advance(100);
  testing.expect(await naps).equals([1015, 1015]);
});
"""


def run(folder: Path, *args: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "llmspell_core", "test", "-p", "no:cacheprovider", "-v", *args]
    env = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, env=env)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    for name, text in {"spell.yaml": MANIFEST, **SPELLS}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def write(folder: Path, **tests: str) -> None:
    for name, text in tests.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}{'_test' if ending == 'lua' else '.test'}.{ending}").write_text(text)


def test_tests_share_the_manifest_of_the_package_that_they_lie_in(package: Path) -> None:
    (package / "tests").mkdir()
    write(package / "tests", shared_lua=SHARED_LUA, shared_js=SHARED_JS)
    status, told = run(package, "--isolation=inline")
    assert (status, "2 failed, 6 passed" in told) == (3, True), told
    assert "has the limits - limit: " in told
    assert "reads - denied: " in told
    # What the manifest asks for is granted by the name of a set; a limit stays one.
    assert "1 failed, 7 passed" in run(package, "--isolation=inline", "-P", "asked")[1]


def test_files_that_the_manifest_lists_are_tests(package: Path) -> None:
    (package / "checks").mkdir()
    (package / "checks" / "words.lua").write_text('testing.it("runs", function() end)')
    assert is_listed(str(package / "checks" / "words.lua"))
    assert folder_of(str(package / "checks" / "words.lua")) == str(package)
    assert not is_listed(str(package / "lib" / "words.lua"))
    status, told = run(package, "--isolation=inline")
    assert (status, "checks/words.lua::runs PASSED" in told) == (0, True), told


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_fakes_reach_the_spells_that_a_test_casts(package: Path, isolation: str) -> None:
    if isolation == "process" and sys.platform != "linux":
        pytest.skip("spells run in processes on Linux alone")
    (package / "faking.lua").write_text('testing.fake_model {"inner"} return llm.chat("hi")')
    write(package, fakes_lua=FAKES_LUA, fakes_js=FAKES_JS)
    status, told = run(package, f"--isolation={isolation}")
    assert (status, "13 passed" in told) == (0, True), told


def test_a_test_without_a_package_has_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "twice.lua").write_text("return params.n * 2")
    write(
        tmp_path,
        twice_lua='testing.it("x", function() testing.expect(spell.run("./twice.lua", {n = 2})):equals(4) end)',
    )
    assert run(tmp_path, "--isolation=inline")[0] == 0


def test_front_matter_of_a_test_takes_the_place_of_the_manifest(package: Path) -> None:
    (package / "own_test.lua").write_text("-- ---\n-- name: own\n-- ---\n")
    (package / "shared_test.lua").write_text("")
    own, shared = load(str(package / "own_test.lua")), load(str(package / "shared_test.lua"))
    assert (own.manifest.name, own.manifest.parameters, own.folder) == ("own", None, str(package))
    assert (shared.manifest.name, shared.manifest.engine) == ("shop", None)
    assert shared.manifest.parameters == {
        "currency": {"type": "string", "default": "EUR"},
        "amount": {"type": "number"},
    }


def test_a_wrong_manifest_is_told_for_the_tests_beside_it(package: Path) -> None:
    (package / "spell.yaml").write_text("nme: shop\n")
    write(package, x_lua='testing.it("x", function() end)')
    status, told = run(package, "--isolation=inline")
    assert (status, "spell.yaml: unknown field 'nme'" in told) == (3, True), told
