"""Values between host and VM, where JavaScript has its own ways."""

from __future__ import annotations

import math

import pytest

from llmspell_core.values import ErrorValue


@pytest.mark.parametrize(
    "given",
    [
        2**53 - 1,
        2**53,
        2**63 - 1,
        -(2**63),
        1e20,
        -1e300,
        0.1,
        math.inf,
        -math.inf,
        b"\x00\xff",
        "a\0\U0001f600\u2028",
        {"$": [1]},
        {"a": {"$": {"$": 2}}},
        {"__proto__": 1, "constructor": 2},
        [None, {"a": None}, [], {}],
        ErrorValue("k", "m", {"x": 2**60}, ErrorValue("c", "inner"), "f.lua", 3, "trace"),
    ],
)
def test_a_value_comes_back_as_it_went(value, given):
    assert value("return [params.v, await probe.echo(params.v)]", params={"v": given}) == [given, given]


def test_the_odd_floats_come_back(value):
    nan, zero = value("return [params.v[0], params.v[1]]", params={"v": [math.nan, -0.0]})

    assert math.isnan(nan)
    assert math.copysign(1, zero) == -1


def test_large_integers_are_bigint_in_the_spell(value):
    assert value("return [typeof params.v, params.v + 1n]", params={"v": 2**60}) == ["bigint", 2**60 + 1]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new Map([['k', 1n], ['j', undefined]])", {"k": 1, "j": None}),
        ("new Set([1, [2]])", [1, [2]]),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("new (class { constructor() { this.own = 1 } get not() { return 2 } })", {"own": 1}),
        ("new (class { #v = 1; toJSON() { return {v: this.#v} } })", {"v": 1}),
        ("{a: undefined, b: [undefined, , null]}", {"b": [None, None, None]}),
        ("Object.assign(Object.create(null), {a: 1})", {"a": 1}),
        ("[Object(1), Object('s'), Object(true)]", [1, "s", True]),
        ("new Uint8Array([1, 2]).subarray(1)", b"\x02"),
        ("new Uint8Array([1, 2]).buffer", b"\x01\x02"),
        ("JSON.parse('{\"__proto__\": 1}')", {"__proto__": 1}),
        ("'\\\\ud800'", "\\ud800"),
    ],
)
def test_the_language_s_own_classes_cross(value, expression, expected):
    assert value(f"return await probe.echo({expression})") == expected


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("{a: [Symbol()]}", "$.a[0]"),
        ("{a: {'b c': '\\ud800'}}", '$.a["b c"]'),
        ("[1, 2n ** 64n]", "$[1]"),
        ("{p: Promise.resolve()}", "$.p"),
        ("new Map([[1, 2]])", "$"),
        ("{r: /x/}", "$.r"),
        ("new WeakMap()", "$"),
        ("{b: probe}", "$.b"),
        ("(() => { const a = {}; a.x = [a]; return a })()", "$.x[0]"),
        ("{['\\ud800']: 1}", "$"),
        ("new Float64Array(1)", "$"),
    ],
)
def test_what_cannot_cross_is_named_by_its_place(error, expression, path):
    failed = error(f"await probe.echo({expression})")

    assert (failed.kind, failed.message.partition(": ")[0], failed.line) == ("conversion", path, 1)


def test_a_hundred_levels_cross_and_no_more(play):
    nest = "let v = 1; for (let i = 0; i < %d; i++) v = %s; await probe.echo(v); return 'ok'"

    for wrap in ("[v]", "{v}", "new Map([['v', v]])"):
        assert play(nest % (100, wrap)).value == "ok"
        assert play(nest % (101, wrap)).error.kind == "conversion"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{toJSON() { throw new Error('mine') }}", "mine"),
        ("{get a() { throw new Error('mine') }}", "mine"),
        ("new Proxy({}, {ownKeys() { throw new Error('mine') }})", "mine"),
        ("new Proxy([], {get() { throw new Error('mine') }})", "mine"),
    ],
)
def test_an_error_while_a_value_is_read_rejects_the_call(value, expression, message):
    assert value(f"try {{ await probe.echo({expression}) }} catch (e) {{ return e.message }}") == message


def test_a_getter_that_calls_a_bridge_does_not_disturb_the_value_around_it(value):
    source = "const v = {a: 1, get b() { probe.echo([[['x']]]); return [[2]] }, c: [3]}\nreturn await probe.echo(v)"

    assert value(source) == {"a": 1, "b": [[2]], "c": [3]}


def test_functions_keep_their_identity(play):
    run = play(
        "const f = x => x + 1\nreturn [await probe.call(f, 2), (await probe.echo(f)) === f, await probe.echo([f, f])]"
    )

    answer, same, (first, second) = run.value
    assert (answer, same) == (3, True)
    assert first == second


def test_a_function_s_error_reaches_the_host_and_comes_back(value):
    source = "try { await probe.call(() => { throw new RangeError('far') }) } catch (e) { return [e.message, e.line] }"

    assert value(source) == ["RangeError: far", 1]


def test_a_handle_is_walked_and_released_when_it_is_dropped(play):
    source = "let all = []\nfor await (const item of await probe.walk()) all.push(item)\nawait sleep(1)\nreturn all"

    run = play(source)

    assert run.value == [1, 2, 3]
    assert run.released == [7]


def test_leaving_a_walk_early_closes_the_handle(play):
    run = play("for await (const item of await probe.walk()) { if (item === 2) break }")

    assert [call.method for call in run.calls] == ["walk", "next", "next", "close"]


@pytest.mark.parametrize(
    ("walked", "expected"),
    [
        ("probe.walk()", [1, 2, 3]),
        ("Promise.resolve([1, Promise.resolve(2)])", [1, 2]),
        ("(async () => (async function* () { yield 1; yield 2 })())()", [1, 2]),
        ("Promise.resolve('ab')", ["a", "b"]),
        ("probe.echo([])", []),
    ],
)
def test_what_is_promised_can_be_walked_without_awaiting_it_first(value, walked, expected):
    assert value(f"const seen = []; for await (const item of {walked}) seen.push(item); return seen") == expected


def test_leaving_a_walk_of_what_is_promised_closes_the_handle(play):
    run = play("for await (const item of probe.walk()) if (item === 2) break; return 1")

    assert [call.method for call in run.calls] == ["walk", "next", "next", "close"]


@pytest.mark.parametrize(
    ("walked", "message"),
    [
        ("Promise.resolve(3)", "is no list and nothing that can be walked, but a number"),
        ("probe.echo(null)", "is no list and nothing that can be walked, but nothing"),
        ("Promise.reject(new Error('gone'))", "gone"),
    ],
)
def test_what_is_promised_and_cannot_be_walked_says_so(value, walked, message):
    source = f"try {{ for await (const item of {walked}) print(item) }} catch (error) {{ return error.message }}"

    assert message in value(source)


def test_a_walk_of_what_is_promised_is_stopped_with_its_task(value):
    source = """
const walk = async () => { for await (const item of sleep(60)) print(item) }
try { await promise.timeout(walk(), 1) } catch (error) { return error.kind }
"""
    assert value(source) == "timeout"


def test_a_method_taken_off_its_handle_keeps_it(play):
    run = play("const {read} = await probe.walk()\nawait sleep(1)\nprint('still')\nreturn await read(5)")

    assert run.value == 5
    assert [call.target for call in run.calls if call.method == "read"] == [7]


def test_method_names_travel_in_snake_case(play):
    run = play("await toolBox.listAll(1, {maxTokens: 2}, null, undefined)\nawait toolBox.list_all()")

    assert [(call.target, call.method, call.args) for call in run.calls] == [
        ("tool_box", "list_all", [1, {"maxTokens": 2}]),
        ("tool_box", "list_all", []),
    ]


def test_a_bridge_can_be_awaited_shown_and_turned_into_text_without_a_call(play):
    run = play(
        "await probe\nconsole.log(probe, `${probe}`)\nreturn ['then' in probe, 'x' in probe, Object.keys(probe)]"
    )

    assert run.value == [False, True, []]
    assert run.printed == ["[probe] [object probe]\n"]
    assert run.calls == []
