"""Every method of the bridge state, called from each language, on every store, inline and in a process of its own."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.policy import Policy
from llmspell_core.runner import Isolation, Runner

if not all(importlib.util.find_spec(name) for name in ("llmspell_bridges", "llmspell_lua", "llmspell_js")):
    pytest.skip("the bridges or a language are not installed", allow_module_level=True)

KEYS = {
    "lua": """
local at = {scope = params.scope}
local function within(more) more.scope = params.scope return more end
state.set("a", {list = {1, null}, empty = list({}), map = {}}, within{ttl = 100})
state.set_many({b = 1, c = "x"}, at)
local seen = {state.get("a", at), state.get("none", within{default = 7}), state.has("b", at), state.keys("", at)}
local counted = {state.incr("n", 2, at), state.incr("n", 0.5, at)}
local updated = state.update("b", function(n) return n + 41 end, at)
local compared = {state.compare_and_set("b", 42, 43, at), state.compare_and_set("b", 42, 44, at)}
local left = state.ttl("a", at)
local timed = {left > 90, state.expire("a", nil, at), state.ttl("a", at) == nil, state.expire("none", 5, at)}
local moved = state.transaction(function(tx)
  tx:set("x", tx:get("b") + 1, {ttl = 100})
  tx:set_many({y = 1, z = 2})
  tx:incr("y", 5)
  tx:delete("z")
  return {tx:get_many({"x", "y", "z"}), tx:has("z"), tx:keys("y"), tx:get("none", {default = 3})}
end, at)
local failed = {pcall(state.transaction, function(tx) tx:set("x", 0) error("no") end, at)}
local lock = state.lock("l", within{timeout = 5, ttl = 60})
lock:renew(30)
state.set("under", 1, within{under = lock})
local locked = {lock:fence() > 0, lock:release(), lock:release()}
local ok, e = pcall(state.set, "under", 2, within{under = lock})
local past = state.history("b", at)
return {
  seen, counted, updated, compared, timed, moved, {failed[1], state.get("x", at)}, locked, {ok, e.kind},
  {past[1].value, past[2].value},
  state.get_many({"b", "n", "none"}, at), state.delete("c", at), state.delete("c", at),
}
""",
    "js": """
const at = { scope: params.scope };
await state.set("a", { list: [1, null], empty: [], map: {} }, { ...at, ttl: 100 });
await state.setMany({ b: 1, c: "x" }, at);
const seen = [await state.get("a", at), await state.get("none", { ...at, default: 7 }), await state.has("b", at),
  await state.keys("", at)];
const counted = [await state.incr("n", 2, at), await state.incr("n", 0.5, at)];
const updated = await state.update("b", n => n + 41, at);
const compared = [await state.compareAndSet("b", 42, 43, at), await state.compareAndSet("b", 42, 44, at)];
const timed = [await state.ttl("a", at) > 90, await state.expire("a", null, at), await state.ttl("a", at) === null,
  await state.expire("none", 5, at)];
const moved = await state.transaction(async tx => {
  await tx.set("x", await tx.get("b") + 1, { ttl: 100 });
  await tx.setMany({ y: 1, z: 2 });
  await tx.incr("y", 5);
  await tx.delete("z");
  const found = [await tx.getMany(["x", "y", "z"]), await tx.has("z"), await tx.keys("y")];
  return [...found, await tx.get("none", { default: 3 })];
}, at);
let failed = true;
const fail = async tx => { await tx.set("x", 0); throw new Error("no") };
try { await state.transaction(fail, at) } catch { failed = false }
const lock = await state.lock("l", { ...at, timeout: 5, ttl: 60 });
await lock.renew(30);
await state.set("under", 1, { ...at, under: lock });
const locked = [await lock.fence() > 0, await lock.release(), await lock.release()];
let e;
try { await state.set("under", 2, { ...at, under: lock }) } catch (error) { e = error }
const past = await state.history("b", at);
return [
  seen, counted, updated, compared, timed, moved, [failed, await state.get("x", at)], locked, [false, e.kind],
  [past[0].value, past[1].value], await state.getMany(["b", "n", "none"], at), await state.delete("c", at),
  await state.delete("c", at),
];
""",
}
FOUND = [
    [{"list": [1, None], "empty": [], "map": {}}, 7, True, ["a", "b", "c"]],
    [2, 2.5],
    42,
    [True, False],
    [True, True, True, False],
    [{"x": 44, "y": 6}, False, ["y"], 3],
    [False, 44],
    [True, True, False],
    [False, "lock"],
    [42, 1],
    {"b": 43, "n": 2.5},
    True,
    False,
]
CONTENTS = {
    "lua": """
local v = state.create({user = {name = "Ada"}, tags = {"a"}}, {schema = {type = "object"}})
local w = v:set("user.age", 36):delete("tags[0]")
local merged = w:merge({user = {name = "Bo"}}, "ours"):merge({n = 1}, function(_, _, theirs) return theirs end)
local d = v:diff(w)
local full = merged:attach("logo", bytes("\\xff\\0"), {media_type = "image/png"}):attach("note", "x"):detach("note")
local even = state.create({1, 2, 3, 4}):filter(function(at, item) return item % 2 == 0 end)
local total = even:transform(function(held) return {sum = held[1] + held[2]} end)
local again = v:restore(full:snapshot())
full:save("one", {scope = params.scope})
state.save("two", {plain = true}, {scope = params.scope})
local one, two = state.load("one", nil, {scope = params.scope}), state.load("two", nil, {scope = params.scope})
local ok, e = pcall(v.set, v, "user", 1)
local wrong = pcall(v.merge, v, 5)
return {
  v:get("user"), w:get(), w:keys("user"), w:has("user.age"), w:get("none", 4), merged:get("user.name"), merged:get("n"),
  {d[1].path, d[1].change, d[2].path, d[2].change}, even:get(), total:get("sum"), again:artifacts(),
  #one:artifact("logo").data, one:get("n"), two:get(), state.load("none", {d = 1}):get(), w:undo(2):get(),
  w:history()[1].change, w:validate({required = {"none"}}).valid, v:validate().valid, wrong,
}
""",
    "js": """
const v = await state.create({ user: { name: "Ada" }, tags: ["a"] }, { schema: { type: "object" } });
const w = await (await v.set("user.age", 36)).delete("tags[0]");
const merged = await (await w.merge({ user: { name: "Bo" } }, "ours")).merge({ n: 1 }, (_, __, theirs) => theirs);
const d = await v.diff(w);
const full = await (await (await merged.attach("logo", new Uint8Array([255, 0]), { mediaType: "image/png" }))
  .attach("note", "x")).detach("note");
const even = await (await state.create([1, 2, 3, 4])).filter((at, item) => item % 2 === 0);
const total = await even.transform(held => ({ sum: held[0] + held[1] }));
const again = await v.restore(await full.snapshot());
await full.save("one", { scope: params.scope });
await state.save("two", { plain: true }, { scope: params.scope });
const one = await state.load("one", null, { scope: params.scope });
const two = await state.load("two", null, { scope: params.scope });
let wrong = true;
try { await v.merge(5) } catch { wrong = false }
return [
  await v.get("user"), await w.get(), await w.keys("user"), await w.has("user.age"), await w.get("none", 4),
  await merged.get("user.name"), await merged.get("n"), [d[0].path, d[0].change, d[1].path, d[1].change],
  await even.get(), await total.get("sum"), await again.artifacts(), (await one.artifact("logo")).data.length,
  await one.get("n"), await two.get(), await (await state.load("none", { d: 1 })).get(), await (await w.undo(2)).get(),
  (await w.history())[0].change, (await w.validate({ required: ["none"] })).valid, (await v.validate()).valid, wrong,
];
""",
}
MADE = [
    {"name": "Ada"},
    {"user": {"name": "Ada", "age": 36}, "tags": []},
    ["age", "name"],
    True,
    4,
    "Ada",
    1,
    ["$.tags[0]", "removed", "$.user.age", "added"],
    [2, 4],
    6,
    [{"name": "logo", "media_type": "image/png", "size": 2}],
    2,
    1,
    {"plain": True},
    {"d": 1},
    {"user": {"name": "Ada"}, "tags": ["a"]},
    "delete $.tags[0]",
    False,
    True,
    False,
]
PLACES: tuple[Isolation, ...] = ("inline", "process") if sys.platform == "linux" else ("inline",)


@pytest.fixture(scope="session")
def kept_stores() -> Any:
    name, path = "llmspell_tests_kept_stores", Path(__file__).parent.parent / "plugins/bridges/tests/kept_stores.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["run", "memory", "sqlite", "postgresql", "redis"])
def at(request: pytest.FixtureRequest, kept_stores: Any, tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A scope and the settings of a store."""
    name = request.param
    with kept_stores.settings_of("memory" if name == "run" else name, tmp_path) as settings:
        yield ("run" if name == "run" else "shared"), {"state": settings}


@pytest.mark.parametrize("isolation", PLACES)
@pytest.mark.parametrize("language", ["lua", "js"])
@pytest.mark.parametrize(("sources", "expected"), [(KEYS, FOUND), (CONTENTS, MADE)], ids=["keys", "contents"])
def test_every_method_on_every_store(
    language: str, isolation: Isolation, sources: dict[str, str], expected: list[Any], at: tuple[str, dict[str, Any]]
) -> None:
    scope, options = at
    with Runner(isolation=isolation, policy=Policy.standard().allow("state:*"), options=options) as runner:
        found = runner.cast(sources[language], engine=language, params={"scope": scope}).unwrap()
    assert found == expected


@pytest.mark.parametrize("owner", ["state", "StateLock", "StateTransaction", "StateValue"])
def test_no_method_is_left_out(owner: str) -> None:
    from llmspell_bridges.state.content import StateValue
    from llmspell_bridges.state.handles import StateLock, StateTransaction

    handles = {cls.__name__: cls for cls in (StateValue, StateLock, StateTransaction)}
    for name in exposed_methods(handles.get(owner) or plugins.bridge_class("state")):
        spelled = {"lua": name, "js": re.sub(r"_(\w)", lambda found: found[1].upper(), name)}
        before = r"state\." if owner == "state" else r"[:.]"
        for language in ("lua", "js"):
            called = rf"{before}{spelled[language]}\b"
            assert re.search(called, KEYS[language] + CONTENTS[language]), (language, owner, name)


WRITE = {
    "lua": "state.set('v', params.v, {scope = 'shared'})",
    "js": "await state.set('v', params.v, { scope: 'shared' })",
}
READ = {
    "lua": "return state.get('v', {scope = 'shared'})",
    "js": "return await state.get('v', { scope: 'shared' })",
}
VALUES: list[Any] = [
    2**53 + 1, -(2**63), 1.5, -0.0, float("inf"), True, None, "a\0\U0001f600", b"\xff\0", [], {}, [None, [], {}],
    {"$": ["int", "5"], "a": {"": [b""]}},
]  # fmt: skip


@pytest.mark.parametrize(("writer", "reader"), [("lua", "js"), ("js", "lua")])
def test_what_one_language_keeps_the_other_reads(
    writer: str, reader: str, kept_stores: Any, at: tuple[str, dict[str, Any]]
) -> None:
    scope, options = at
    if scope == "run":
        pytest.skip("values of a run are read by that run alone")
    with Runner(isolation="inline", policy=Policy.trusted(), options=options) as runner:
        for value in [*VALUES, VALUES]:
            runner.cast(WRITE[writer], engine=writer, params={"v": value}).unwrap()
            found = runner.cast(READ[reader], engine=reader).unwrap()
            assert repr(found) == repr(value)
        runner.cast(WRITE[writer], engine=writer, params={"v": [float("nan")]}).unwrap()
        assert repr(runner.cast(READ[reader], engine=reader).unwrap()) == "[nan]"


def test_many_spells_at_once_count_what_they_share(at: tuple[str, dict[str, Any]]) -> None:
    import asyncio

    scope, options = at
    if scope == "run":
        pytest.skip("values of a run are counted by that run alone")
    sources = {
        "lua": "for _ = 1, 5 do state.incr('n', 1, {scope = 'shared'}) end",
        "js": "for (let i = 0; i < 5; i++) await state.update('n', n => (n ?? 0) + 1, { scope: 'shared' })",
    }

    async def story() -> Any:
        async with Runner(isolation="inline", policy=Policy.trusted(), options=options) as runner:
            done = await asyncio.gather(
                *(runner.acast(sources[each], engine=each) for each in ("lua", "js") for _ in range(4))
            )
            for result in done:
                result.unwrap()
            return (await runner.acast("return state.get('n', {scope = 'shared'})", engine="lua")).unwrap()

    assert asyncio.run(story()) == 40
