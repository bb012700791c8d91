"""The spell writer's library, as only Lua has it, and what hostile spells hand to it."""

from __future__ import annotations

import pytest
from llmspell_lua.library import ALL_PARTS, parts_for

from llmspell_core.limits import Limits


def test_strings_and_tables_have_what_core_has(value):
    source = """
    return {("  x "):trim(), string.trim(" y "), core.string.trim(" z "), core.trim(" w "), table.reverse({1, 2})}
    """
    assert value(source) == ["x", "y", "z", "w", [2, 1]]


def test_a_name_made_at_run_time_is_named_in_the_error(error):
    assert "'trim' is reached by a name made at run time" in error("return (' x ')['tr' .. 'im'](' x ')").message


def test_what_a_string_has_not_is_nil(value):
    assert value("return {('x').nothing == nil, string.nothing == nil, (('x').trim)(' y ')}") == [True, True, "y"]


@pytest.mark.parametrize("source", ["_G", "_ENV", "load(x)", "loadstring", "require(name)", "local r = require"])
def test_whoever_may_reach_any_global_gets_all_parts(source):
    assert parts_for([source]) == ALL_PARTS


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("return 1", set()),
        ("return json.encode(1)", {"json"}),
        ("promise.spawn(f)", {"promise", "settling", "gathering"}),
        ("return ('x'):reverse()", {"library/tables", "library/shapes"}),
        ("require('channel')", {"library/channel", "library/shapes", "settling"}),
    ],
)
def test_other_spells_get_what_they_name(source, named):
    assert set(parts_for([source])) == named


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("channel", "local c = channel.new(1) c:send(1) return channel.select{c, timeout = 1}.value == 1"),
        ("core", "return core.memoize(function(x) return x end)({1})[1] == 1 and core.debounce(print, 0) ~= nil"),
        ("data", "return data.equals(data.map({{a = 1}}, function(x) return data.get_path(x, 'a') end), {1})"),
        (
            "errors",
            "return errors.timeout(function() return errors.from_json(errors.to_json('x')).message == 'x' end, 1)",
        ),
        ("promise", "return promise.all{promise.resolve(true)}:await()[1]"),
        ("token", "return not promise.token():cancelled()"),
        ("strings", "return ('{{x}}'):template({x = {1}}) == '[1]'"),
        ("tables", "return table.is_empty(table.deep_copy({}))"),
    ],
)
def test_each_part_has_with_it_what_it_needs(value, name, use):
    assert value(use) is True


def test_all_globals_are_reached_by_computed_names_too(value):
    assert value("return _G['cha' .. 'nnel'].new(3):len()") == 0


HOSTILE = {
    "a length that is a lie": "data.map(setmetatable({}, {__len = function() return 3 end}), function(x) return x end)",
    "a length that raises": "data.map(setmetatable({1}, {__len = function() error('mine') end}), print)",
    "fields that raise": "data.get_path(setmetatable({}, {__index = function() error('mine') end}), 'a')",
    "fields that wait": "data.get_path(setmetatable({}, {__index = function() return probe.echo(5) end}), 'a')",
    "a comparison that raises": "data.sort_by({1, 2}, function() return setmetatable({}, {__lt = error}) end)",
    "a promise of its own that raises": "promise.resolve({and_then = function() error('mine') end}):await()",
    "a callable table": "data.map({1, 2}, setmetatable({}, {__call = function(_, x) return x + 1 end}))",
    "a callback that changes the list": "data.map(items, function(x) items[3] = nil return x end)",
    "a channel of channels": "(function() local c = channel.new(1) c:send(c) return c:receive() == c end)()",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_ends_in_a_value_or_an_error(cast, name):
    run = cast(f"local items = {{1, 2, 3}} return {HOSTILE[name]}", limits=Limits(cpu=2))
    assert run.error is None or run.error.kind in ("runtime", "argument", "mine"), run.error


def test_a_length_without_end_is_for_the_limits(error, engine):
    if engine.info.name == "luajit":
        pytest.skip("LuaJIT asks no metatable for the length of a table")
    source = "data.map(setmetatable({1}, {__len = function() return math.huge end}), function(x) return x end)"
    assert error(source, limits=Limits(cpu=0.2)).kind == "limit"


def test_a_million_items_are_worked_on(value):
    source = """
    local items = {}
    for i = 1, 1000000 do items[i] = i % 7 end
    local sums = data.reduce(data.map(items, function(x) return x + 1 end), function(a, b) return a + b end)
    return {sums, #data.chunk(items, 1000), #data.filter(items, function(x) return x == 0 end)}
    """
    assert value(source, limits=Limits(cpu=60)) == [3999998, 1000, 142857]


def test_a_chain_of_tasks_keeps_none_that_has_ended(cast):
    """Each task starts the next; what they hold is let go of, or memory ends."""
    source = """
    local function step(n)
      if n == 0 then return "done" end
      local pad = string.rep("x", 2000)
      return promise.spawn(function() sleep(0) return step(n - 1), pad end)
    end
    return step(3000)
    """
    run = cast("return promise.await((function() " + source + " end)())", limits=Limits(memory=40 * 2**20))
    assert run.error is None or run.error.kind != "limit", run.error


def test_selecting_for_ever_keeps_nothing(cast):
    source = """
    local never, often = channel.new(), channel.new(1)
    for i = 1, 20000 do
      promise.spawn(often.send, often, i)
      channel.select{never, often}
      sleep(0)
    end
    return "done"
    """
    assert cast(source, limits=Limits(memory=3 * 2**20)).value == "done"


def test_a_stopped_task_does_not_go_on_after_it_has_stopped_itself(cast):
    source = """
    local t = promise.token()
    local p = t:run(function() sleep(0) t:cancel() print("still here") end)
    return select(2, pcall(p.await, p)).kind
    """
    run = cast(source)
    assert (run.value, run.output) == ("cancelled", "")


def test_a_deadlock_names_the_lines_of_every_task(error):
    source = """
    local ch = channel.new()
    promise.spawn(function()
      ch:send(1)
    end)
    promise.new(function() end):await()
    """
    failed = error(source)
    assert failed.kind == "deadlock"
    assert failed.message.endswith("it waits at main.lua:6, main.lua:4")


def test_a_timeout_that_cannot_wait_says_so(error):
    assert error("table.sort({2, 1}, function() errors.timeout(print, 1) end)").kind == "call"
