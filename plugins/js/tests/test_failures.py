"""Errors: where they come from, and those that nobody takes on."""

from __future__ import annotations

import pytest
from llmspell_js.sandbox import BASE, CORE, LAZY, PRELUDE, guest_text, stripped


@pytest.mark.parametrize(
    "source",
    [
        "probe.fail()\nawait sleep(1)",
        "probe.fail().then(x => x)\nawait sleep(1)",
        "probe.fail().finally(() => 1)\nawait sleep(1)",
        "(async () => { await probe.fail() })()\nawait sleep(1)",
        "async function main() { await probe.fail() }\nmain()",
        "const go = async () => { await probe.fail() }\nconst run = () => go()\nrun()\nawait sleep(1)",
        "class A { async go() { await probe.fail() } }\nnew A().go()\nawait sleep(1)",
        "const lost = (async () => { await probe.fail() })()\nawait sleep(1)",
        "promise.spawn(async () => { await probe.fail() })\nawait sleep(1)",
        "setTimeout(async () => { await probe.fail() }, 1)\nawait sleep(1)",
        "queueMicrotask(async () => { await probe.fail() })\nawait sleep(1)",
        "[1].forEach(async () => { await probe.fail() })\nawait sleep(1)",
        "[1].forEach(async function () { await probe.fail() })",
        "const each = (list, fn) => { for (const x of list) fn(x) }\neach([1], async x => { await probe.fail(x) })",
        "Promise.all([1].map(async () => { await probe.fail() }))\nawait sleep(1)",
        "Promise.try(() => probe.fail())",
        "Promise.reject(new SpellError('b', {kind: 'boom'}))\nawait sleep(1)",
        "new Promise((_, no) => no(new SpellError('b', {kind: 'boom'})))\nawait sleep(1)",
        "const left = new Promise(r => r(probe.fail()))\nawait sleep(1)",
    ],
)
def test_a_failure_that_nobody_takes_on_fails_the_run(error, source):
    assert error(source).kind == "boom"


@pytest.mark.parametrize(
    "source",
    [
        "try { await probe.fail() } catch { return 'ok' }",
        "return await probe.fail().catch(() => 'ok')",
        "return await probe.fail().then(() => 1, () => 'ok')",
        "const p = probe.fail()\ntry { await p } catch { return 'ok' }",
        "async function f() { await probe.fail() }\nconst p = f()\ntry { await p } catch { return 'ok' }",
        "async function f() { return probe.fail() }\ntry { await f() } catch { return 'ok' }",
        "const all = await Promise.allSettled([probe.fail(), probe.fail()])\n"
        "return all[1].status === 'rejected' && 'ok'",
        "try { await Promise.all([probe.fail(), probe.fail()]) } catch { return 'ok' }",
        "return await Promise.race([probe.fail(), sleep(1)]).catch(() => 'ok')",
        "return await promise.async(() => { throw 1 })().catch(() => 'ok')",
        "const later = new Promise(r => r(probe.fail()))\nreturn await later.catch(() => 'ok')",
        "try { await new Promise((_, no) => no(1)) } catch { return 'ok' }",
        "return await Promise.reject(1).catch(() => 'ok')",
        "const make = () => new Promise((_, no) => no(1))\ntry { await make() } catch { return 'ok' }",
        "try { await Promise.all([1, 2].map(async () => { throw 1 })) } catch { return 'ok' }",
        "const all = await Promise.allSettled([Promise.reject(1), Promise.reject(2)])\nreturn all.length === 2 && 'ok'",
        "async function f() { return Promise.reject(1) }\ntry { await f() } catch { return 'ok' }",
        "const f = async () => new Promise((_, no) => no(1))\ntry { await f() } catch { return 'ok' }",
        "return await sleep(1).then(async () => { throw 1 }).catch(async () => 'ok')",
        "async function* g() { yield await probe.fail() }\ntry { for await (const x of g()) x } catch { return 'ok' }",
    ],
)
def test_a_failure_that_is_taken_on_does_not(value, source):
    assert value(source) == "ok"


def test_a_watched_callback_is_called_as_it_was_written(value):
    source = """const seen = []
function call(fn) { return fn.call({me: 1}, 2, 3) }
seen.push(await call(async function (a, b) { return [this.me, a, b, arguments.length] }))
seen.push(await call.call(null, async (a, ...rest) => [a, ...rest]))
const look = fn => [fn.name, fn.length, fn.constructor.name]
seen.push(look(async function named(a, b) {}), look(async a => {}))
seen.push(await new Promise(async done => { await sleep(1); done(4) }))
return seen"""

    assert value(source) == [[1, 2, 3, 2], [2, 3], ["named", 2, "AsyncFunction"], ["", 1, "AsyncFunction"], 4]


def test_a_promise_is_still_one_of_the_language_s_own(value):
    source = """class Mine extends Promise {}
const made = Mine.all([1]), tried = Promise.try(x => x, 2)
return [made instanceof Mine, made.constructor === Promise || made.constructor === Mine, await made, await tried]"""

    assert value(source) == [True, True, [1], 2]


def test_a_handled_failure_of_a_promise_of_the_spell_s_own_class_is_no_lost_one(value, error):
    made = "class Mine extends Promise {}\n"
    source = f"""{made}const seen = []
try {{ await Mine.reject("a") }} catch (e) {{ seen.push(e) }}
await Mine.reject("b").catch(e => seen.push(e))
await Promise.allSettled([Mine.reject("c")])
return seen"""

    assert value(source) == ["a", "b"]
    assert error(f"{made}Mine.reject('lost').then(x => x); await sleep(0)").message == "lost"


def test_a_floating_call_keeps_the_statement_around_it_whole(value):
    source = """const seen = []
async function add(x) { seen.push(x) }
let a = 1
add(1)
if (a) add(2)
else add(3)
for (const x of [4]) add(x)
const [b] = [add(5)], c = a ? add(6) : add(7)
await b
return seen"""

    assert value(source) == [1, 2, 4, 5, 6]


@pytest.mark.parametrize("token", ["", "promise.token();"])
def test_a_source_without_spaces_is_read_as_one_with_them(value, token):
    source = f"""{token}const seen=[]
async function add(x){{await sleep(0);seen.push(x)}}
async function all(){{try{{await add(1);throw new Error(2)}}catch(e){{await add(e.message)}}finally{{await add(3)}}}}
try{{await all();throw new Error(4)}}catch({{message}}){{add(message)}}finally{{add(5)}}
for await(const x of[6]){{await add(x)}}
for(const x of[7]){{await(add(x))}}
return seen"""

    assert value(source) == [1, "2", 3, "4", 5, 6, 7]


def test_the_first_line_of_a_spell_is_line_one(error):
    failed = error("throw new Error('first')")

    assert (failed.file, failed.line, failed.message) == ("spell.js", 1, "first")


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("\nnull.x", 2, "TypeError: cannot read property 'x' of null"),
        ("\n\nthrow 'text'", 3, "text"),
        ("\nPromise.reject(null)", 2, "the spell threw a value that is no error"),
        ("\nthrow null", 2, "the spell threw a value that is no error"),
        ("\nthrow {message: 'like one', kind: 'k', data: 1}", 2, "like one"),
        ("\nawait probe.fail()", 2, "it broke"),
        ("function f() {\n  throw new RangeError('r')\n}\nf()", 2, "RangeError: r"),
        (
            "async function f() {\n  await sleep(1)\n  undefinedName\n}\nawait f()",
            3,
            "ReferenceError: undefinedName is not defined",
        ),
        ("[1].forEach(\n  () => { throw new Error('inner') })", 2, "inner"),
        ("const s = '\u2028'\nthrow new Error('after a line separator')", 2, "after a line separator"),
    ],
)
def test_errors_carry_their_line(error, source, line, message):
    failed = error(source)

    assert (failed.file, failed.line, failed.message) == ("spell.js", line, message)


def test_code_made_by_eval_is_shown_as_such(error):
    failed = error("\n\n(0, eval)('\\n\\nnull.x')")

    assert (failed.file, failed.line) == ("spell.js", 3)
    assert "(<eval>:3)" in failed.traceback


def test_the_engine_s_own_frames_are_left_out(error):
    failed = error("await promise.map([1], () => { throw new Error('x') })")

    assert {line.rpartition("(")[2] for line in failed.traceback.splitlines()} == {"spell.js:1)"}


def test_a_caught_error_has_the_fields_of_an_error_value(value):
    source = (
        "\ntry { await probe.fail() } "
        "catch (e) { return [e instanceof SpellError, e.kind, e.message, e.data, e.file, e.line] }"
    )

    assert value(source) == [True, "boom", "it broke", {"a": 1}, "spell.js", 2]


def test_the_language_s_own_errors_have_them_too(value):
    source = "try { null.x } catch (e) { return [e.kind, e.file, e.line, e.stack.split('\\n')[1]] }"

    assert value(source) == ["runtime", "spell.js", 1, "    at <anonymous> (spell.js:1)"]


def test_an_error_class_of_the_spell_s_own_keeps_its_fields(error):
    failed = error(
        "class Mine extends Error { constructor(m) { super(m); "
        "this.name = 'Mine'; this.kind = 'mine'; this.data = {a: 1n} } }\n"
        "throw new Mine('m', {cause: 1})"
    )

    assert (failed.kind, failed.message, failed.data, failed.line) == ("mine", "m", {"a": 1}, 1)


def test_causes_are_kept(error):
    failed = error("try { null.x } catch (e) { throw new SpellError('outer', {kind: 'k', cause: e}) }")

    assert (failed.kind, failed.cause.message) == ("k", "TypeError: cannot read property 'x' of null")


def test_a_cause_that_is_its_own_does_not_hang(error):
    assert error("const e = new Error('round'); e.cause = e; throw e").message == "round"


def test_a_thrown_value_that_is_no_error_is_the_data(error):
    failed = error("throw {a: [1]}")

    assert (failed.kind, failed.data, failed.line) == ("runtime", {"a": [1]}, 1)


def test_data_that_cannot_cross_is_said_to(error):
    assert "$.s" in error("throw {s: Symbol()}").message


def test_a_spell_cannot_choose_its_stack(error):
    failed = error("Error.prepareStackTrace = () => 'at x (y:1)'\nError.stackTraceLimit = 0\nthrow new Error('x')")

    assert failed.line == 3


def test_a_spell_that_waits_for_nothing_is_in_deadlock(error):
    assert error("await new Promise(() => {})").kind == "deadlock"


@pytest.mark.parametrize("use", ["for (const x of late()) ;", "new Set(late())", "[...late()]"])
def test_items_of_what_was_not_awaited_are_told_with_the_cure(error, use):
    failed = error(f"const late = async () => [1];\n{use}")

    assert failed.line == 2
    assert failed.message == "TypeError: value is not iterable; an `await` may be missing before a call"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("made.send()", "made.send is not a function; an `await` may be missing where made comes from"),
        ("probe.echo({}).send()", "(...).send is not a function; an `await` may be missing: (await ...).send()"),
        (
            "const s = '💩', ä = { o: {} }; ä.o?.go(s)",
            "ä.o?.go is not a function; an `await` may be missing where ä comes from",
        ),
        ("const o = {}; o['k'](1)", "o['k'] is not a function"),
        ("const o = {}; new o.K()", "o.K is not a function"),
        ("const n = 1; n`x`", "n is not a function"),
        ("Math.wax(1)", "Math.wax is not a function"),
        ("[1].map(2)", "what map was given is not a function"),
        (
            "await (async () => { made.send() })()",
            "made.send is not a function; an `await` may be missing where made comes from",
        ),
        (
            "const s = []; s.foreach(async x => { await x })",
            "s.foreach is not a function; an `await` may be missing where s comes from",
        ),
        ("const s = [], f = 1; print(f('a)', s, [s.length]))", "f is not a function"),
        (
            "const s = {}; made.send(s.x(1))",
            "s.x, or made.send, is not a function; an `await` may be missing where s comes from",
        ),
        (
            "const s = {}, o = {}; o.go(\n  s,\n  { a: s },\n)",
            "o.go is not a function; an `await` may be missing where o comes from",
        ),
        ("eval('made2 = 1; made2()')", "not a function; an `await` may be missing before a call"),
    ],
)
@pytest.mark.parametrize(
    "first", ["const made = probe.echo({})\n", "const made = promise.token() && 1\n", "const made = 1;"]
)
def test_what_is_no_function_is_told_by_its_name_with_the_cure(error, first, line, said):
    failed = error(f"{first}globalThis.made2 = 1; {line}")

    assert failed.message == f"TypeError: {said}"
    assert failed.line >= 1 + first.count("\n")


def test_what_only_looks_like_an_error_of_the_vm_is_told_as_it_is(error):
    failed = error("throw Object.assign(Object.create(TypeError.prototype), { message: 'not a function' })")

    assert failed.message == "TypeError: not a function"


def test_all_guest_code_lies_above_the_spell():
    core = sum(stripped(guest_text(f"{name}.js")).count("\n") for name in CORE)
    longest = max(stripped(guest_text(f"{name}.js")).count("\n") for name in LAZY)
    assert PRELUDE + max(core, longest) + 1 < BASE


@pytest.mark.parametrize(
    "use", ["'answer: ' + made", "`answer: ${made}`", "JSON.stringify({ made })", "made > 3", "made == 1"]
)
def test_a_promise_that_is_used_as_a_value_is_told_with_the_cure(error, use):
    failed = error(f"const made = probe.echo({{}})\nreturn {use}")

    assert (failed.kind, failed.line) == ("runtime", 2)
    assert failed.message == (
        "TypeError: what is used here is a promise; an `await` is missing before the call that it comes from"
    )


def test_a_promise_can_be_shown(play):
    run = play("const made = Promise.resolve(1)\nconsole.log(made)\nreturn Object.prototype.toString.call(made)")

    assert (run.value, run.printed) == ("[object Promise]", ["Promise {}\n"])


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ("process.exit(1)", "return ends the spell, throw fails it"),
        ("Buffer.from('x')", "new TextEncoder().encode(text)"),
        ("require('axios')", "instead: await fetch(url)"),
        ("require('node:fs/promises')", "instead: the bridges do what lies outside of a spell: probe, toolBox"),
        ("localStorage.a = 1", "instead: the bridges do what lies outside of a spell: probe, toolBox"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(error, source, cure):
    failed = error(f"\n{source}")

    assert failed.message.endswith(cure)
    assert failed.line == 2


@pytest.mark.parametrize("source", ["constructor2()", "require('foo')", "throw new ReferenceError('x')"])
def test_nothing_is_told_of_what_nobody_knows(error, source):
    assert "instead" not in error(source).message


def test_the_place_of_wrong_json_is_the_spells(error):
    failed = error("\nconst text = '{\\n\\n\\nbad'\nJSON.parse(text)")

    assert (failed.file, failed.line) == ("spell.js", 3)
    assert "<eval>" not in failed.traceback


def test_a_body_that_is_no_json_is_told_with_its_beginning(error):
    failed = error("const answer = new Response('<html>')\nawait answer.json()")

    assert (failed.file, failed.line) == ("spell.js", 2)
    assert failed.message == ("SyntaxError: the body is not JSON: unexpected token: '<'; it begins with \"<html>\"")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("const r = {}; r.json.items.length", "'items' of undefined: r.json is undefined"),
        ("const r = {}; r.choices[0].text", "'0' of undefined: r.choices is undefined"),
        ("const r = { a: null }; r.a['k'] + r.a.k", "'k' of null: r.a is null"),
        ("[null].map(row => row.id)", "'id' of null: row is null"),
        ("const r = {}, f = () => r.a; f().id + 1", "'id' of undefined"),
        ("const r = {}, f = () => r.a; f().id + r.id", "'id' of undefined"),
        ("const r = {}; r.a.x + r.b.x", "'x' of undefined"),
        ("const k = 'x', r = {}; r.a[k]", "'x' of undefined"),
    ],
)
def test_what_a_field_was_read_of_is_named_where_its_line_tells(error, line, said):
    assert error(f"const n = 1;\n{line}").message == f"TypeError: cannot read property {said}"
