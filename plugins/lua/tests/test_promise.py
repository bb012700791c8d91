"""The module ``promise``."""

from __future__ import annotations

import pytest


def test_spawned_tasks_wait_at_once(cast):
    source = """
    local all = list{}
    for i = 1, 10 do all[i] = promise.spawn(function(n) sleep(0.2) return n end, i) end
    return promise.all(all):await()
    """
    run = cast(source)
    assert (run.value, run.now) == (list(range(1, 11)), 0.2)


def test_callbacks_run_in_the_order_of_ecmascript(cast):
    source = """
    local p = promise.resolve(1)
    p:and_then(function() io.write('a ') return promise.resolve(2) end):and_then(function() io.write('d ') end)
    p:and_then(function() io.write('b ') end):and_then(function() io.write('c ') end)
      :and_then(function() io.write('x ') end):and_then(function() io.write('e ') end)
    io.write('first ')
    """
    assert cast(source).output == "first a b c x d e "


def test_the_spell_ends_when_its_last_task_has_ended(cast):
    run = cast("promise.spawn(function() sleep(5) print('late') end) return 'early'")
    assert (run.value, run.output, run.now) == ("early", "late\n", 5)


def test_a_failure_that_nobody_awaits_fails_the_run(error):
    failed = error("promise.spawn(function() error({kind = 'mine', message = 'm'}) end) sleep(1) return 1")
    assert (failed.kind, failed.line) == ("mine", 1)
    assert error("promise.reject('x') sleep(1)").message == "x"


def test_a_failure_that_somebody_handles_does_not(value):
    source = """
    local seen = list{}
    promise.spawn(function() error('a', 0) end):on_error(function(e) seen[1] = e end)
    promise.reject('b'):catch(function(e) seen[2] = e end):finally(function() seen[3] = 'f' end)
    local ok, e = pcall(promise.await, promise.reject('c'))
    seen[4] = e
    sleep(1)
    return seen
    """
    assert value(source) == ["a", "b", "f", "c"]


def test_an_await_that_takes_too_long_raises_and_stops_the_task(cast):
    source = """
    local p = promise.spawn(function() sleep(60) print('never') end)
    local ok, e = pcall(p.await, p, 1)
    return {ok, e.kind, e.line}
    """
    run = cast(source)
    assert (run.value, run.output, run.now) == ([False, "timeout", 3], "", 1)
    assert [tell.method for tell in run.tells] == ["cancel"]


def test_a_promise_in_time_cancels_its_timer(cast):
    source = """
    local function soon() return promise.spawn(function() sleep(1) return 'ok' end) end
    return {soon():await(60), promise.timeout(soon(), 60):await()}
    """
    run = cast(source)
    assert (run.value, run.now, len(run.tells)) == (["ok", "ok"], 2, 2)


def test_a_timeout_rejects(cast):
    run = cast("local ok, e = pcall(promise.await, promise.timeout(promise.spawn(sleep, 60), 2)) return {ok, e.kind}")
    assert (run.value, run.now) == ([False, "timeout"], 2)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("promise.all({1, promise.resolve(2), promise.spawn(function() return nil end)})", [1, 2, None]),
        ("promise.all({})", []),
        ("promise.race({promise.spawn(sleep, 3), promise.spawn(function() sleep(1) return 'fast' end)})", "fast"),
        ("promise.any({promise.reject('a'), promise.resolve('b')})", "b"),
        (
            "promise.all_settled({promise.reject('a'), 2})",
            [{"status": "rejected", "reason": "a"}, {"status": "fulfilled", "value": 2}],
        ),
        ("promise.map({1, 2, 3}, function(x, i) sleep(1) return x * 10 + i end, {max_concurrent = 2})", [11, 22, 33]),
        ("promise.map({}, print)", []),
        ("promise.async(function(a, b) sleep(1) return a + b end)(1, 2)", 3),
        ("promise.new(function(resolve) resolve(promise.new(function(again) again(7) end)) end)", 7),
        ("promise.new(function(resolve, reject) reject('no') end):on_error(function(e) return e .. '!' end)", "no!"),
        ("promise.new(function() error('thrown', 0) end):on_error(function(e) return e end)", "thrown"),
        ("promise.resolve(1):andThen(function(x) return x + 1 end):next(function(x) return x * 2 end)", 4),
        ("promise.resolve(1):on_finally(function() return promise.resolve(9) end)", 1),
        ("promise.resolve(1):and_then(function(x) return llm.chat(x) end)", "chat"),
        ("promise.resolve(promise.resolve(3))", 3),
        ("5", 5),
    ],
)
def test_promises_become_values(value, expression, expected):
    assert value(f"return promise.await({expression})", {"chat": "chat"}) == expected


def test_map_runs_no_more_than_it_may(cast):
    run = cast("return promise.map({1, 2, 3, 4, 5}, function() sleep(1) end, {max_concurrent = 2}):await()")
    assert run.now == 3


def test_all_fail_and_any_tells_every_reason(value):
    source = """
    local _, e = pcall(promise.await, promise.any({promise.reject('a'), promise.reject('b')}))
    return {e.kind, e.data}
    """
    assert value(source) == ["aggregate", ["a", "b"]]


def test_all_rejects_with_the_first_failure(value):
    source = """
    local p = promise.all({promise.spawn(sleep, 5), promise.spawn(function() sleep(1) error('x', 0) end)})
    return select(2, pcall(p.await, p))
    """
    assert value(source) == "x"


def test_a_promise_that_waits_for_itself_is_rejected(value):
    source = """
    local resolve
    local p = promise.new(function(r) resolve = r end)
    resolve(p)
    return select(2, pcall(p.await, p)).message
    """
    assert "itself" in value(source)


def test_many_tasks_may_await_one_promise(value):
    source = """
    local p = promise.spawn(function() sleep(1) return 'x' end)
    local q, r = promise.spawn(function() return p:await() end), promise.spawn(function() return p:await() end)
    return {p:await(), q:await(), r:await()}
    """
    assert value(source) == ["x", "x", "x"]


@pytest.mark.parametrize(
    "call",
    ["promise.new(1)", "promise.spawn({})", "promise.map({}, 1)", "promise.all(1)", "promise.resolve(1):finally(2)"],
)
def test_a_wrong_argument_says_what_is_expected(error, call):
    failed = error(f"\n{call}")
    assert "takes a" in failed.message
    assert failed.line == 2


def test_a_waiting_run_that_is_stuck_is_a_deadlock_whatever_waits(error):
    assert error("promise.all({promise.new(function() end)}):await()").kind == "deadlock"
    assert error("local p p = promise.spawn(function() return p:await() end) p:await()").kind == "deadlock"


def test_the_items_of_a_promise_that_was_not_awaited_are_told_of(error, value, engine):
    source = "local p = promise.map({1}, function(x) return x end) "
    others = [] if engine.info.name == "luajit" else ["return #p", "for _ in ipairs(p) do end"]
    for use in ("return p[1]", *others):
        assert "a promise has no items; await it first" in error(source + use).message
    assert "not a promise; await it first" in error(source + "return data.map(p, print)").message
    assert value(source + "return {p.x == nil, p:await()[1]}") == [True, 1]
