"""Limits that strike inside the VM, and what a spell cannot do about them."""

from __future__ import annotations

import pytest

from llmspell_core.engine import Feature
from llmspell_core.errors import LimitExceeded
from llmspell_core.limits import Limits
from llmspell_core.protocol import Fail, Finish, Inbox, Resolve, Start

COUNTED = Limits(instructions=200_000)
ENDLESS = [
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "local function f() while true do end end while true do xpcall(f, function() while true do end end) end",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "while true do pcall(coroutine.wrap(function() while true do end end)) end",
    "local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end",
    "while true do local co = coroutine.wrap(function() end) co() end",
    "promise.spawn(function() while true do end end) sleep(1)",
    "promise.spawn(function() while true do end end):on_error(print) sleep(1)",
    "local function again() return promise.resolve(1):and_then(again) end again()",
    "promise.new(function() while true do end end)",
    "pcall(promise.await, promise.spawn(function() while true do end end))",
    "error(setmetatable({}, {__tostring = function() while true do end end}))",
    "print(setmetatable({}, {__tostring = function() while true do end end}))",
    "table.sort({3, 2, 1}, function() while true do end end)",
    "string.gsub('aaa', 'a', function() while true do end end)",
    "for _ in function() return 1 end do end",
    "local f = load('while true do end') while true do pcall(f) end",
    "require('loop')",
    "pcall(probe.call, function() while true do end end)",
    "return setmetatable({}, {__index = function() while true do end end}).x",
]


@pytest.mark.parametrize("source", ENDLESS)
def test_no_spell_outlives_or_catches_the_instruction_limit(error, source):
    failed = error(source, limits=COUNTED, modules={"loop.lua": "while true do end"})
    assert failed.kind == "limit"
    assert (
        (failed.data["limit"], failed.data["allowed"])
        == ("instructions", 200_000)
        < ("instructions", failed.data["used"])
    )


@pytest.mark.parametrize("name", ["cpu", "wall"])
def test_time_limits_strike(error, name):
    failed = error("while true do pcall(function() while true do end end) end", limits=Limits(**{name: 0.02}))
    assert (failed.kind, failed.data["limit"], failed.data["allowed"]) == ("limit", name, 0.02)
    assert (failed.file, failed.line) == ("main.lua", 1)
    assert failed.data["used"] > 0.02


def test_the_instruction_limit_counts_over_all_steps(error):
    source = "for i = 1, 1000 do for j = 1, 1000 do end sleep(1) end"
    assert error(source, limits=COUNTED).kind == "limit"


def test_a_spell_within_its_limits_runs_as_ever(value):
    source = """
    local ok, e = pcall(error, 'x')
    local co = coroutine.wrap(function(a) local b = coroutine.yield(a) return probe.echo(b) end)
    return {ok, e, co(1), co(2), select('#', pcall(function() return nil, nil end)),
      xpcall(error, function(m) return m .. '!' end, 'y')}
    """
    expected = [False, "x", 1, 2, 3, False, "y!"]
    assert value(source) == expected
    assert value(source, limits=Limits(instructions=10**9, cpu=60)) == expected


def test_to_be_closed_variables_do_not_keep_a_struck_spell_alive(error, engine):
    hang = "setmetatable({}, {__close = function() while true do end end})"
    source = "while true do end" if engine.info.name == "luajit" else f"local x <close> = {hang} while true do end"
    assert error(source, limits=COUNTED).kind == "limit"


MEMORY = Limits(memory=8 * 2**20)
GREEDY = [
    "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
    "return ('x'):rep(2^24)",
    "local s = 'x' while true do s = s .. s end",
    "promise.spawn(function() local t = {} while true do t[#t + 1] = {} end end):await()",
    "local t = {} for i = 1, 60000 do t[i] = {a = i, b = 'item ' .. i} end return probe.echo(t)",
]


def _bounded(engine):
    return Feature.MEMORY_LIMIT in engine.info.features


@pytest.mark.parametrize("source", GREEDY)
def test_memory_beyond_the_limit_fails_the_run(engine, open_session, source):
    limits = MEMORY if _bounded(engine) else Limits(memory=MEMORY.memory, instructions=100_000)
    session = open_session(source if _bounded(engine) else "while true do end", limits=limits)
    [*_, request] = session.step(Inbox(0.0, (Start({}, 1, ("probe",)),))).requests
    assert isinstance(request, Fail)
    limit = "memory" if _bounded(engine) else "instructions"
    assert (request.error.kind, request.error.data["limit"]) == ("limit", limit)


TAKE_ALL = "local function take() local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end end "
CATCHING = [
    "pcall(take)",
    "xpcall(take, function() return 1 end)",
    "coroutine.resume(coroutine.create(take))",
    "pcall(coroutine.wrap(take))",
    "load(take)",
    "local ok, co = true, coroutine.wrap(function() pcall(take) coroutine.yield() end) co()",
    "promise.spawn(take):on_error(function() return 1 end)",
    "pcall(promise.await, promise.spawn(take))",
    "pcall(function() return setmetatable({}, {__index = take}).x end)",
    "pcall(tostring, setmetatable({}, {__tostring = take}))",
    "pcall(table.sort, {3, 2, 1}, take)",
    "pcall(string.gsub, 'a', 'a', take)",
    "pcall(error, setmetatable({}, {__tostring = take})) pcall(take)",
]


@pytest.mark.parametrize("attempt", CATCHING)
def test_a_spell_cannot_catch_that_it_ran_out_of_memory(engine, error, attempt):
    if not _bounded(engine):
        pytest.skip("its allocator is its own: nothing bounds it from inside")
    failed = error(f"{TAKE_ALL} {attempt} sleep(0) return 'went on'", limits=MEMORY)
    assert (failed.kind, failed.data["limit"], failed.data["allowed"]) == ("limit", "memory", MEMORY.memory)


def test_more_tasks_than_allowed_end_the_run(error, value):
    source = "for i = 1, {} do pcall(promise.spawn, probe.echo, i) end return 1"
    assert value(source.format(5), limits=Limits(tasks=5)) == 1
    assert error(source.format(6), limits=Limits(tasks=5)).data == {"limit": "tasks", "allowed": 5, "used": 6}


def test_a_guarded_engine_watches_only_short_times(engine):
    from llmspell_lua.sandbox import _clock

    assert _clock(Limits(cpu=300), guarded=True) == (None, None)
    assert _clock(Limits(cpu=300), guarded=False) == (300, None)
    assert _clock(Limits(cpu=300, wall=5), guarded=True) == (300, 5)
    assert _clock(Limits(cpu=300, instructions=5), guarded=True) == (300, None)
    assert _clock(Limits(cpu=None), guarded=False) == (None, None)


def test_an_inbox_that_does_not_fit_ends_the_run_and_not_the_process(engine, open_session):
    session = open_session("return #probe.get()", limits=MEMORY)
    session.step(Inbox(0.0, (Start({}, 1, ("probe",)),)))
    [request] = session.step(Inbox(0.0, (Resolve(1, "x" * 2**24),))).requests
    if _bounded(engine):
        assert (request.error.kind, request.error.data) == ("limit", {"limit": "memory", "allowed": MEMORY.memory})
    else:
        assert request == Finish(2**24)


@pytest.mark.parametrize("text", ["x" * 2000, "é" * 600])
def test_messages_beyond_the_limit_end_the_run_both_ways(open_session, text):
    limits = Limits(message=1000)
    told = open_session(f"return ('{text[0]}'):rep({len(text)})", limits=limits)
    [failed] = told.step(Inbox(0.0, (Start({}, 1, ()),))).requests
    assert failed.error.data == {"limit": "message", "allowed": 1000}
    asked = open_session("return probe.get()", limits=limits)
    asked.step(Inbox(0.0, (Start({}, 1, ("probe",)),)))
    [failed] = asked.step(Inbox(0.0, (Resolve(1, text),))).requests
    assert failed.error.data == {"limit": "message", "allowed": 1000}


def test_a_memory_limit_below_an_empty_session_says_so(engine, open_session):
    if _bounded(engine):
        with pytest.raises(LimitExceeded, match="less than an empty session takes"):
            open_session("return 1", limits=Limits(memory=50_000))
    else:
        assert open_session("return 1", limits=Limits(memory=50_000)) is not None


def test_an_idle_session_is_small():
    from llmspell_lua.sandbox import blank_vm, open_vm
    from lupa import lua54

    # The first of a process also holds what it compiled for those that follow.
    for _ in range(2):
        vm = open_vm(blank_vm(lua54), "main.lua", {"main.lua": "sleep(1000)"}, Limits(), bounded=True, guarded=False)
    assert vm.step('[0,[["start",{},1,["llm","state","log"]]]]') == '[["call",1,"host","sleep",[1000]]]'
    assert vm.runtime.get_memory_used(total=True) < 135 * 1024


def test_memory_that_ends_between_two_requests_is_told(cast, engine):
    """The list of requests grows by doubling, and any of its steps may be the one too many."""
    for size in range(200, 1400, 60) if _bounded(engine) else ():
        source = f"local text = string.rep('x', {size}) while true do print(text) end"
        assert cast(source, limits=Limits(memory=2 * 2**20, cpu=5)).error.kind == "limit"


@pytest.mark.parametrize("allowed", [0, 1, 2, 3, 7, 50, 1000, 2000])
def test_a_limit_that_strikes_the_driver_is_told_all_the_same(cast, allowed):
    """The hook fires wherever the count is full, between two statements of the driver too."""
    for padding in range(30):
        failed = cast(f"{'local a = 1 ' * padding} return 1", limits=Limits(instructions=allowed)).error
        assert failed is None or (failed.data["limit"], failed.data["allowed"]) == ("instructions", allowed), failed


DIVE = "local function dive()\n  return 1 + dive()\nend\n"
DIVES = [
    "dive()",
    "pcall(dive)",
    "xpcall(dive, function() return 1 end)",
    "coroutine.resume(coroutine.create(dive))",
    "pcall(coroutine.wrap(dive))",
    "pcall(promise.await, promise.spawn(dive))",
    "promise.spawn(dive):on_error(print) sleep(1)",
    "pcall(tostring, setmetatable({}, {__tostring = dive}))",
    "error(setmetatable({}, {__tostring = dive}))",
    "load(dive)",
    "pcall(probe.call, dive)",
    "while true do pcall(dive) end",
]


@pytest.mark.parametrize("stack", [2**18, 2**30], ids=["watched", "the VM's own"])
@pytest.mark.parametrize("attempt", DIVES)
def test_a_spell_cannot_catch_that_its_calls_nest_too_deeply(error, attempt, stack, engine):
    failed = error(f"{DIVE}{attempt} sleep(0) return 'went on'", limits=Limits(stack=stack))
    allowed = min(stack, engine.stack)
    assert (failed.kind, failed.data) == ("limit", {"limit": "stack", "allowed": allowed})
    if "__tostring" not in attempt and engine.info.name != "luajit":
        assert (failed.file, failed.line) == ("main.lua", 2)


def test_calls_may_nest_as_deep_as_the_stack_allows(value, error):
    source = "local function f(n) return n == 0 and 0 or 1 + f(n - 1) end return f({})"
    assert value(source.format(1500), limits=Limits(stack=2**18)) == 1500
    assert error(source.format(5000), limits=Limits(stack=2**18)).data["limit"] == "stack"


def test_many_coroutines_do_not_hide_one_that_is_deep(error):
    source = """
    local function dive() coroutine.yield() return 1 + dive() end
    local deep, idle = coroutine.wrap(dive), function() for i = 1, 400 do end coroutine.yield() return 1 end
    while true do deep() local other = coroutine.wrap(idle) other() other() end
    """
    assert error(source, limits=Limits(stack=2**18, cpu=20)).data["limit"] == "stack"


FORGED = [
    "error('not enough memory', 0)",
    "error('not enough memory')",
    "assert(false, 'not enough memory')",
    "assert(nil, 'stack overflow')",
    "error('main.lua:1: stack overflow', 0)",
    "error('stack overflow')",
    "pcall(error, 'stack overflow') error('x')",
    "pcall(error, 'not enough memory') error('x')",
    "xpcall(error, function() return 'not enough memory' end, 1) error('x')",
    "xpcall(error, function() return 'stack overflow' end, 1) error('x')",
    "promise.reject('not enough memory'):await()",
    "promise.reject('stack overflow')",
    "promise.new(function(_, reject) reject('not enough memory') end):await()",
    "promise.new(function() error('stack overflow', 0) end):await()",
    "coroutine.wrap(function() error('not enough memory', 0) end)()",
    "load(function() error('not enough memory', 0) end) error('x')",
    "error({kind = 'limit', message = 'm', data = {limit = 'cpu', allowed = 1}})",
    "string.gsub('x', 'x', function() error('not enough memory', 0) end)",
]


@pytest.mark.parametrize("source", FORGED)
def test_no_spell_can_raise_what_the_vm_says_of_a_limit(cast, open_session, source):
    [*_, end] = open_session(source, limits=MEMORY).step(Inbox(0.0, (Start({}, 1, ("probe",)),))).requests
    assert isinstance(end, Fail)
    assert not end.from_session, end


def test_the_depth_of_c_calls_is_no_limit_and_can_be_caught(engine, value):
    source = "local n = 0 local function f() n = n + 1 return string.gsub('x', 'x', f) end pcall(f) return n > 100"
    if engine.info.name != "luajit":  # which crashes
        assert value(source) is True


def test_what_is_raised_is_caught_as_it_was(value):
    source = """
    local function caught(...) return select(2, pcall(...)) end
    return {caught(error, 'a'), caught(error, 'a', 0), caught(function() error('b') end), caught(error, 5),
      caught(function() local function f() error('c', 2) end f() end), caught(assert, false, 'd'),
      caught(assert, false), caught(error, {message = 'e'}).message, (assert(1, 2))}
    """
    assert value(source) == [
        "a", "a", "main.lua:3: b", 5, "main.lua:4: c", "d", "assertion failed!", "e", 1,
    ]  # fmt: skip


def test_a_step_has_no_more_than_what_is_left_of_the_wall(open_session, monkeypatch):
    import time

    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    session = open_session("sleep(1) while true do end", limits=Limits(wall=1000.0))
    session.step(Inbox(0.0, (Start({}, 1, ()),)))
    now = 1099.95
    [end] = session.step(Inbox(1.0, (Resolve(1, None),))).requests
    assert (end.from_session, end.error.data["limit"], end.error.data["allowed"]) == (True, "wall", 1000.0)
    assert 999.9 < end.error.data["used"] < 1010


def test_the_line_of_a_limit_is_where_it_struck(error):
    failed = error("local function loop()\n  while true do end\nend\npcall(loop)", limits=COUNTED)
    assert failed.line == 2


def test_a_limit_that_strikes_within_a_call_makes_no_earlier_one_again(cast):
    """A worker that asked twice by one number would be taken for one that lies."""
    for padding in range(150):
        source = f"{'local a = 1 ' * padding} local n = 0 while true do n = n + 1 probe.echo(n) end"
        run = cast(source, limits=Limits(instructions=4_000))
        numbers = [n for _, _, n in run.calls]
        assert len(numbers) > 5
        assert numbers == sorted(set(numbers)), padding
        assert run.error.data["limit"] == "instructions"
