"""The spell writer's library, as only JavaScript has it, and what hostile spells hand to it."""

from __future__ import annotations

import pytest
from llmspell_js.library import texts_for

from llmspell_core.limits import Limits


def parts(source: str) -> set[str]:
    return {field.removeprefix("library/") for field in texts_for([source]).split("\0")[::2] if field}


@pytest.mark.parametrize(
    "source",
    [
        "globalThis[x]",
        "eval(x)",
        "new Function(x)",
        "f.constructor(x)",
        "f['constructor']",
        "require(name)",
        "import(x)",
    ],
)
def test_whoever_may_reach_any_global_gets_all_parts(source):
    assert {"channel", "core", "data", "errors", "token"} <= parts(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("return 1", set()),
        ("class A { constructor() {} }", set()),
        ("require('errors')", {"errors", "categories", "retrying", "shapes"}),
        ("t.token()", {"token"}),
    ],
)
def test_other_spells_get_what_they_name(source, expected):
    assert parts(source) == expected


def test_a_name_made_at_run_time_is_named_in_the_error(error):
    failed = error("return (() => 1)['constr' + 'uctor']('return da' + 'ta')()")
    assert "'data' is reached by a name made at run time" in failed.message


def test_computed_names_of_globals_are_found(value):
    assert value("return globalThis['cha' + 'nnel'].new(3).len()") == 0


HOSTILE = {
    "a proxy of a list": "data.map(new Proxy([1, 2], {}), x => x)",
    "a proxy that raises": "data.map(new Proxy([1], { get() { throw new Error('mine') } }), x => x)",
    "a proxy without prototype": "data.clone(new Proxy({}, { getPrototypeOf() { throw new Error('mine') } }))",
    "a getter that raises": "data.merge({ get a() { throw new Error('mine') } })",
    "a key that runs code": "data.groupBy([1], () => ({ toString() { throw new Error('mine') } }))",
    "a path that is an object": "data.getPath({}, { toString: () => 'a' })",
    "an error that cannot be read": "errors.safe(() => { throw new Proxy({}, { get() { throw 1 } }) }, 5)",
    "a thenable that never answers twice": "data.map([1], () => ({ then(f) { f(1); f(2) } }))",
    "a callback that changes the list": "(l => data.map(l, x => { l.length = 1; return x ?? null }))([1, 2, 3])",
    "a callback that lets it grow": "(l => data.map(l, x => { l.push(x); return x }))([1])",
    "a prototype that is asked for": "data.setPath({}, '__proto__.polluted', 1).polluted ?? null",
    "nothing of others changes": '(data.merge({}, JSON.parse(\'{"__proto__": {"x": 1}}\')), ({}).x ?? null)',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_ends_in_a_value_or_an_error(play, name):
    run = play(f"return await ({HOSTILE[name]})", limits=Limits(cpu=2))
    assert run.error is None or run.error.kind in ("runtime", "argument", "conversion"), run.error


def test_a_list_without_end_is_for_the_limits(error):
    source = "return data.map(new Proxy([], { get: (t, k) => k === 'length' ? Infinity : 1 }), x => 1)"
    assert error(source, limits=Limits(cpu=0.2)).kind == "limit"


def test_a_million_items_are_worked_on(value):
    source = """
    const items = Array.from({ length: 1000000 }, (_, i) => i % 7);
    const sum = data.reduce(data.map(items, x => x + 1), (a, b) => a + b);
    return [sum, data.chunk(items, 1000).length, data.filter(items, x => x === 0).length]
    """
    assert value(source, limits=Limits(cpu=60, memory=512 * 2**20)) == [3999997, 1000, 142858]


def test_a_chain_of_tasks_keeps_none_that_has_ended(value):
    source = """
    async function step(n) {
      await sleep(0);
      return n === 0 ? "done" : promise.timeout(step(n - 1), 60)
    }
    return await step(200)
    """
    assert value(source) == "done"


def test_selecting_for_ever_keeps_nothing(play):
    source = """
    const never = channel.new(), often = channel.new(1);
    for (let i = 0; i < 3000; i++) {
      setTimeout(() => often.send(i), 0);
      await channel.select([never, often]);
    }
    return "done"
    """
    assert play(source, limits=Limits(memory=4 * 2**20)).value == "done"


def test_each_task_goes_on_in_its_own_scope_however_they_are_mixed(play):
    """Two tasks that wake each other up; what stops the one leaves the other."""
    source = """
    const a = channel.new(), b = channel.new(), seen = [];
    async function left() { for (let i = 0; ; i++) { await a.send(i); await b.receive(); await probe.echo("left") } }
    async function right() {
      for (let i = 0; i < 3; i++) { seen.push(await a.receive()); await probe.echo("right"); await b.send(i) }
      await sleep(1);
      await probe.echo("end");
    }
    const stopped = promise.timeout(left(), 0.5).catch(error => seen.push(error.kind));
    await right();
    await stopped;
    return seen
    """
    run = play(source)
    assert run.error is None, run.error
    assert run.value == [0, 1, 2, "timeout"]
    assert run.calls[-1].args == ["end"]


def test_cleanup_runs_where_nothing_was_stopped(play):
    source = """
    async function work() { try { await sleep(0.1); return "done" } finally { print("cleanup") } }
    return await promise.timeout(work(), 5)
    """
    run = play(source)
    assert (run.value, run.printed) == ("done", ["cleanup\n"])


def test_a_loop_over_a_channel_is_stopped(play):
    source = """
    const ch = channel.new();
    async function read() { for await (const x of ch) { await sleep(0); print(x) } }
    const reading = promise.timeout(read(), 0.5).catch(error => error.kind);
    await ch.send("a");
    const kind = await reading;
    promise.spawn(() => ch.send("b"));
    await sleep(1);
    return kind
    """
    run = play(source)
    assert (run.error, run.value, run.printed) == (None, "timeout", ["a\n"])


def test_an_error_is_on_its_line_in_a_program_that_stops_tasks(error):
    source = """async function f() {
      await sleep(0);
      throw new Error('x')
    }
    try { await promise.timeout(f(), 5) }
    finally { print('') }"""
    assert error(source).line == 3


@pytest.mark.parametrize(
    "source",
    [
        "async function* g() { yield await sleep(0); yield 2 }; for await (const x of g()) if (x) return x",
        "const f = async x => await x; return await f(2)",
        "label: for (const x of [1]) { try { await sleep(0); continue label } finally { } } return 2",
        "try { throw 1 } catch { return await 2 }",
        "try { throw { a: 2 } } catch ({ a }) { return a }",
        "return await (await (async () => async () => 2)())()",
        "class A { async f() { try { return await 2 } finally { await 1 } } } return new A().f()",
        "const o = { async f(x = 2) { return await x } }; return await o.f()",
        "if (1) try { await 1 } finally { promise.token().cancel() } return 2",
    ],
)
def test_whatever_awaits_is_rewritten_so_that_it_means_the_same(value, source):
    assert value(f"const token = promise.token(); {source}") == 2


def test_a_deadlock_names_the_lines_of_every_task(error):
    source = "const ch = channel.new();\nasync function f() {\n  await ch.send(1)\n}\nf();\nawait new Promise(() => {})"
    failed = error(source)
    assert failed.kind == "deadlock"
    assert failed.message.endswith("it waits at spell.js:3, spell.js:6")


def test_a_deadlock_after_more_than_is_kept_is_told_without_lines(error):
    source = "for (let i = 0; i < 20; i++) await probe.echo('x'.repeat(10000));\nawait new Promise(() => {})"
    assert error(source).message == "the spell waits for something that nobody can bring about"


def test_what_testing_refuses_is_told_by_javascripts_names(error):
    assert "loadTest has no option 'calls'" in error("testing.loadTest('x', () => {}, { calls: 1 })").message
    assert "beforeEach takes a function" in error("testing.beforeEach(1)").message


@pytest.mark.parametrize(
    "limited",
    [
        "const { timeout: within } = promise; await within(slow(), 0.01)",
        "const within = promise['timeout']; await within(slow(), 0.01)",
        "const { await: within } = promise; await within(slow(), 0.01)",
        "const make = promise.token, t = make(); setTimeout(() => t.cancel(), 10); await t.watch(slow())",
    ],
)
def test_what_is_stopped_by_another_name_runs_no_further_either(value, limited):
    source = f"""const seen = []
async function slow() {{ await sleep(0.5); seen.push("never") }}
try {{ {limited} }} catch (error) {{ seen.push(error.kind) }}
await sleep(1)
return seen"""

    assert value(source) == ["cancelled" if "token" in limited else "timeout"]
