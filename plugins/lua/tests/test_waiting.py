"""Where a bridge call waits, and where it says that it cannot."""

from __future__ import annotations

import pytest

from llmspell_core.values import ErrorValue, HandleRef


@pytest.mark.parametrize(
    "source",
    [
        "return llm.chat(1)",
        "local ok, v = pcall(llm.chat, 1) return v",
        "local ok, v = pcall(function() return llm.chat(1) end) return v",
        "local ok, v = xpcall(function(x) return llm.chat(x) end, print, 1) return v",
        "local co = coroutine.wrap(function() return llm.chat(1) end) return co()",
        "local co = coroutine.create(function() return llm.chat(1) end) return select(2, coroutine.resume(co))",
        "local w = coroutine.wrap local function g() return llm.chat(1) end return w(function() return w(g)() end)()",
        "local co = coroutine.wrap(function() coroutine.yield(llm.chat(1)) end) return co()",
        "for v in function(_, last) if not last then return llm.chat(1) end end do return v end",
        "return setmetatable({}, {__index = function(_, k) return llm.chat(1) end}).x",
        "return setmetatable({}, {__add = function() return llm.chat(1) end}) + 1",
        "return setmetatable({}, {__call = function() return llm.chat(1) end})()",
        "return (llm:chat(1))",
    ],
)
def test_a_call_waits_in_place(cast, source):
    run = cast(source, {"chat": lambda x: x + 41})
    assert run.value == 42
    assert run.calls == [("llm", "chat", 1)]


@pytest.mark.parametrize(
    "inside",
    [
        "table.sort({2, 1}, function(a, b) llm.chat() return a < b end)",
        "string.gsub('a', 'a', function() llm.chat() end)",
        "string.gsub('a', 'a', coroutine.wrap(function() llm.chat() end))",
        "table.sort({2, 1}, function(a, b) promise.await(promise.resolve(1)) return a < b end)",
        "load(function() llm.chat() end)",
    ],
)
def test_where_lua_cannot_wait_a_call_says_what_to_do_instead(value, inside):
    if inside.startswith("load"):
        source = f"local _, e = {inside} return {{e.kind, e.message}}"
    else:
        source = f"local _, e = pcall(function() {inside} end) return {{e.kind, e.message}}"
    kind, message = value(source)
    assert kind == "call"
    assert "collect first, then call" in message


def test_a_refused_call_is_not_asked_and_its_number_is_used_again(cast):
    source = """
    local ids = {}
    pcall(string.gsub, 'a', 'a', coroutine.wrap(function() llm.chat('refused') end))
    return llm.chat('asked')
    """
    run = cast(source, {"chat": "ok"})
    assert (run.value, run.calls) == ("ok", [("llm", "chat", "asked")])


def test_a_coroutine_that_waits_cannot_be_resumed_by_another_task(value):
    source = """
    local co = coroutine.create(function() sleep(1) return 'late' end)
    local p = promise.spawn(function() return select(2, coroutine.resume(co)) end)
    sleep(0)
    local q = promise.spawn(function() return {coroutine.status(co), coroutine.resume(co)} end)
    local seen = q:await()
    return {p:await(), seen}
    """
    answer, seen = value(source)
    assert answer == "late"
    assert seen == ["normal", False, "cannot resume non-suspended coroutine"]


@pytest.mark.parametrize(
    "source",
    [
        "local ok, e = pcall(coroutine.yield, 1) return {ok, tostring(e)}",
        "local ok, e = pcall(function() local x = coroutine.yield(1) end) return {ok, tostring(e)}",
        "return promise.spawn(function() local ok, e = pcall(coroutine.yield) return {ok, tostring(e)} end):await()",
    ],
)
def test_a_yield_with_nobody_to_yield_to_is_an_error_where_it_stands(value, source):
    ok, message = value(source)
    assert ok is False
    assert message.endswith("attempt to yield from outside a coroutine")


def test_a_coroutine_of_the_spell_yields_and_calls_by_turns(value):
    source = """
    local co = coroutine.wrap(function(a)
      local b = coroutine.yield(llm.chat(a))
      local c = coroutine.yield(llm.chat(b))
      return llm.chat(c)
    end)
    return list{co(1), co(2), co(3)}
    """
    assert value(source, {"chat": lambda x: x * 10}) == [10, 20, 30]


def test_errors_come_through_coroutines(value):
    source = """
    local co = coroutine.create(function() error({code = 7}) end)
    local ok, e = coroutine.resume(co)
    local ok2, e2 = pcall(coroutine.wrap(function() error('inner') end))
    return {ok, e.code, ok2, e2, coroutine.status(co)}
    """
    assert value(source) == [False, 7, False, "main.lua:4: inner", "dead"]


def test_a_yield_outside_a_coroutine_fails_and_names_the_line(error):
    failed = error("\ncoroutine.yield(1)")
    assert (failed.message, failed.line) == ("attempt to yield from outside a coroutine", 2)


def test_the_main_code_looks_like_the_main_coroutine(value):
    source = """
    local _, main = coroutine.running()
    local inner = coroutine.wrap(function() return {select(2, coroutine.running()), coroutine.isyieldable()} end)()
    return {main, coroutine.isyieldable(), inner}
    """
    assert value(source) == [True, False, [False, True]]


def test_a_closed_coroutine_is_dead(value):
    source = """
    local co = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(co)
    local closed = coroutine.close(co)
    return {closed, coroutine.status(co), (coroutine.resume(co))}
    """
    assert value(source) == [True, "dead", False]


def test_many_functions_born_in_coroutines_cross_and_are_called(value):
    source = """
    local n = 0
    for i = 1, 50 do
      local t = coroutine.wrap(function() return probe.call(function(x) return x + i end, i) end)
      n = n + t()
      collectgarbage()
    end
    return n
    """
    assert value(source) == 2 * sum(range(1, 51))


def test_an_invoked_function_may_call_bridges_and_raise(value):
    source = """
    local ok, e = pcall(probe.call, function(x) error({kind = 'mine', message = llm.chat(x)}) end, 'a')
    return {ok, e.kind, e.message}
    """
    assert value(source, {"chat": lambda x: x + "!"}) == [False, "mine", "a!"]


def test_the_same_function_has_the_same_number_until_it_is_forgotten(cast):
    run = cast("local f = function() end probe.echo(f) probe.echo(f) probe.forget(f) probe.echo(f)")
    first, second, forgotten, again = (call[2].id for call in run.calls)
    assert first == second == forgotten
    assert again != first


def test_a_function_handed_back_is_itself(value):
    assert value("local f = function() end return probe.echo(f) == f")


def test_several_results_of_an_invoked_function_are_a_list(value):
    assert value("return probe.call(function() return 1, nil, 'x' end)") == [1, None, "x"]


def test_handles_take_both_ways_of_calling_and_iterate(cast):
    items = iter([[1], ["b"], [None], None])
    source = """
    local h = probe.handle(7)
    local got = list{h:size('a'), h.size('b')}
    for item in h do got[#got + 1] = item end
    got[#got + 1] = probe.handle(7) == h
    probe.echo(h)
    return {got, tostring(h)}
    """
    run = cast(source, {"size": lambda x: x, "next": lambda: next(items)})
    assert run.value == [["a", "b", 1, "b", None, True], "Stream: 7"]
    assert run.calls[1] == (7, "size", "a")


def test_a_dropped_handle_is_released_once(cast):
    source = """
    do local h = probe.handle(9) h:touch() end
    for i = 1, 3 do collectgarbage() probe.echo(i) end
    """
    assert cast(source).released == [9]


@pytest.mark.parametrize(
    "left",
    [
        "for item in probe.handle(7) do break end",
        "for item in probe.handle(7) do goto done end ::done::",
        "local function first() for item in probe.handle(7) do return item end end first()",
        "pcall(function() for item in probe.handle(7) do error('enough') end end)",
        "coroutine.wrap(function() for item in probe.handle(7) do break end end)()",
        "probe.call(function() for item in probe.handle(7) do break end end)",
        "for item in probe.handle(7) do for item in probe.handle(8) do break end break end",
        "for item in probe.handle(8) do end for item in probe.handle(7) do break end",
    ],
)
def test_a_loop_that_is_left_lets_go_of_its_handle_at_once(cast, engine, left):
    if engine.info.name == "luajit":
        pytest.skip("LuaJIT has no values that a loop closes; there they are let go of when they are collected")
    items = iter([None] if "in probe.handle(8) do end" in left else [])
    run = cast(f"{left} probe.stop()", {"next": lambda: next(items, [1]), "stop": ErrorValue("runtime", "stop")})
    assert 7 in run.released
    assert run.released.count(8) == left.count("8")


def test_what_a_loop_closes_is_no_value_of_the_spell(cast):
    source = """
    local function made() return 1, probe.handle(7) end
    probe.echo(probe.handle(7))
    probe.call(function(...) return ... end, probe.handle(7))
    return probe.call(made)[1], probe.handle(7)
    """
    run = cast(source)
    assert [call[2:] for call in run.calls if call[1] == "echo"] == [(HandleRef(7),)]
    assert run.value == [1, HandleRef(7)]


def test_a_local_that_closes_its_handle_lets_go_of_it_where_it_ends(cast, engine):
    if engine.info.name == "luajit":
        pytest.skip("LuaJIT has no such locals")
    run = cast("do local h <close> = probe.handle(7) h.touch() end probe.stop()", {"stop": ErrorValue("runtime", "x")})
    assert run.released == [7]


def test_several_results_keep_what_they_are_beside_a_handle(value):
    assert value("return false, nil, 1, probe.handle(7)") == [False, None, 1, HandleRef(7)]
    assert value("local h = probe.handle(7) return h, nil, nil, 1") == [HandleRef(7), None, None, 1]


def test_only_what_can_be_walked_is_called(value):
    source = "local ok, e = pcall(probe.get()) return {ok, e.kind, e.message}"
    ok, kind, message = value(source, {"get": HandleRef(9, "Counter")})
    assert (ok, kind) == (False, "call")
    assert message == "a Counter is no function, and nothing to be walked; call its methods"
