"""The globals that JavaScript people expect."""

from __future__ import annotations

import pytest


def test_timers_fire_in_the_order_of_their_times(play):
    source = "for (const ms of [30, 10, 20]) setTimeout((...a) => print(...a), ms, 'at', ms)\nprint('first')"

    assert play(source).printed == ["first\n", "at 10\n", "at 20\n", "at 30\n"]


def test_an_interval_goes_on_until_it_is_cleared(play):
    run = play("let n = 0\nconst timer = setInterval(() => { print(++n); if (n === 3) clearInterval(timer) }, 10)")

    assert run.printed == ["1\n", "2\n", "3\n"]


def test_a_cleared_timer_does_not_keep_the_run_alive(play):
    run = play(
        "const timer = setTimeout(() => print('no'), 1000)\n"
        "clearTimeout(timer)\nclearTimeout(timer)\nclearTimeout(99)\nreturn 1"
    )

    assert (run.value, run.printed, len(run.cancelled)) == (1, [], 1)


def test_microtasks_come_before_timers(play):
    source = (
        "setTimeout(() => print('timer'), 0)\nqueueMicrotask(() => print('micro'))\n"
        "Promise.resolve().then(() => print('then'))\nprint('now')"
    )

    assert play(source).printed == ["now\n", "micro\n", "then\n", "timer\n"]


def test_structured_clone_keeps_cycles_and_classes(value):
    source = """const a = {date: new Date(5), map: new Map([[1, new Set([2])]]), re: /x/gi,
  error: new TypeError("t", {cause: 1}),
  bytes: new Uint8Array([1, 2]).subarray(1), sparse: [1, , 3], big: 5n, nothing: undefined}
a.self = a.map.me = a
const c = structuredClone(a)
return [c !== a, c.self === c, +c.date, c.map.get(1).has(2), String(c.re), c.error instanceof TypeError,
  c.error.message, c.bytes, c.bytes.buffer.byteLength,
  1 in c.sparse, c.big, "nothing" in c]"""

    assert value(source) == [True, True, 5, True, "/x/gi", True, "t", b"\x02", 2, False, 5, True]


@pytest.mark.parametrize("what", ["() => 1", "{a: Symbol()}", "[Promise.resolve()]", "probe", "new WeakMap()"])
def test_structured_clone_refuses_what_has_no_copy(value, what):
    assert value(f"try {{ structuredClone({what}) }} catch (e) {{ return e.name }}") == "DataCloneError"


def test_text_goes_to_bytes_and_back(value):
    source = """const text = "a\\u00e9\\u20ac\\ud83d\\ude00", bytes = new TextEncoder().encode(text + "\\ud800")
return [bytes, new TextDecoder().decode(bytes) === text + "\\ufffd",
  new TextEncoder().encodeInto("\\u20acx", new Uint8Array(3))]"""

    assert value(source) == ["aé€😀\ufffd".encode(), True, {"read": 1, "written": 3}]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"a\xc0\x80b",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf0\x9f\x98",
        b"\xe2\x28\xa1",
        b"ok",
    ],
)
def test_bytes_that_are_no_utf8_become_replacement_characters(value, data):
    assert value("return new TextDecoder().decode(params.b)", params={"b": data}) == data.decode("utf-8", "replace")


def test_a_decoder_told_to_be_strict_refuses(value):
    source = "try { new TextDecoder('utf-8', {fatal: true}).decode(new Uint8Array([255])) } catch (e) { return e.name }"

    assert value(source) == "TypeError"


def test_a_decoder_takes_bytes_in_pieces(value):
    source = (
        "const d = new TextDecoder(), o = {stream: true}\n"
        "return [0xe2, 0x82, 0xac].map(b => d.decode(new Uint8Array([b]), o)).join('') + d.decode()"
    )

    assert value(source) == "€"


def test_latin_1_is_read(value):
    assert value("return new TextDecoder('latin1').decode(new Uint8Array([0xe9, 0x80]))") == "é€"


@pytest.mark.parametrize(
    ("text", "base", "href"),
    [
        (
            "HTTP://User:p%20w@EXAMPLE.com:80/a/../b c?q=1 2#h h",
            None,
            "http://User:p%20w@example.com/b%20c?q=1%202#h%20h",
        ),
        ("https://a.b:8443", None, "https://a.b:8443/"),
        ("../x?y", "http://a/b/c/d", "http://a/b/x?y"),
        ("/r", "http://a/b/c", "http://a/r"),
        ("//h/p", "https://a/b", "https://h/p"),
        ("?q", "http://a/b?c#d", "http://a/b?q"),
        ("#f", "http://a/b?c#d", "http://a/b?c#f"),
        ("", "http://a/b?c#d", "http://a/b?c"),
        ("./", "http://a/b/c", "http://a/b/"),
        ("http:\\\\a\\b", None, "http://a/b"),
        ("file:///C:/x/../y", None, "file:///C:/y"),
        ("mailto:a@b.c", None, "mailto:a@b.c"),
        ("http://0x7f.1", None, "http://127.0.0.1/"),
        ("http://[1:0:0:0:0:0:0:2]:80", None, "http://[1::2]/"),
        ("http://münchen.de", None, "http://xn--mnchen-3ya.de/"),
        ("http://a/%7Ex/é", None, "http://a/%7Ex/%C3%A9"),
    ],
)
def test_urls_are_parsed_as_browsers_do(value, text, base, href):
    assert (
        value("return new URL(params.text, params.base ?? undefined).href", params={"text": text, "base": base}) == href
    )


@pytest.mark.parametrize(
    "text", ["nope", "http://", "http://a b", "http://a:99999", "http://[::1", "http://256.1.1.1", ""]
)
def test_what_is_no_url_is_refused(value, text):
    source = "try { return new URL(params.t).href } catch (e) { return [e.name, URL.canParse(params.t)] }"

    assert value(source, params={"t": text}) == ["TypeError", False]


def test_a_url_s_parts_can_be_set(value):
    source = """const u = new URL("http://a/b")
u.searchParams.append("k", "v w")
u.pathname = "x y"
u.hash = "z"
u.host = "b:90"
u.protocol = "https"
return [u.href, u.origin, JSON.stringify({u}), [...u.searchParams]]"""

    assert value(source) == [
        "https://b:90/x%20y?k=v+w#z",
        "https://b:90",
        '{"u":"https://b:90/x%20y?k=v+w#z"}',
        [["k", "v w"]],
    ]


def test_search_params_are_a_list_of_pairs(value):
    source = """const p = new URLSearchParams("?a=1&b=%20x+y&a=2&c")
p.set("b", "n&m")
p.delete("c")
p.sort()
return [p.getAll("a"), p.get("none"), p.has("a", "2"), p.size, String(p), String(new URLSearchParams({"ü": "€"}))]"""

    assert value(source) == [["1", "2"], None, True, 3, "a=1&a=2&b=n%26m", "%C3%BC=%E2%82%AC"]


def test_a_signal_tells_once_and_says_why(value):
    source = """const c = new AbortController(), seen = []
c.signal.addEventListener("abort", () => seen.push("listener"), {once: true})
c.signal.onabort = () => seen.push("handler")
c.abort("enough")
c.abort("again")
try { c.signal.throwIfAborted() } catch (e) { seen.push(e) }
return [seen, c.signal.aborted, AbortSignal.any([c.signal]).reason, AbortSignal.abort().reason.name]"""

    assert value(source) == [["handler", "listener", "enough"], True, "enough", "AbortError"]


def test_a_signal_can_time_out(value):
    source = (
        "const s = AbortSignal.timeout(10)\nawait new Promise(done => s.addEventListener('abort', done))\n"
        "return s.reason.name"
    )

    assert value(source) == "TimeoutError"


def test_the_console_shows_values_without_running_getters(play):
    source = """console.log({a: 1, s: 'it', l: [1, , [2, [3, [4, [5]]]]], get g() { throw 1 },
  f() {}, u: undefined, n: null, b: 5n})
console.log('%s has %d %o%%', 'x', 5, {a: 1}, new Map([['k', new Set([1])]]), [new Date(0)], class A {},
  new (class P { q = 1 }))
const o = {}; o.o = o; console.error(o); console.warn(Object.create(null)); console.debug(-0, Symbol('s'))
console.group('in'); console.log('deep'); console.groupEnd(); console.write('no break')
print('a', 1, [true])"""

    run = play(source)

    assert run.printed == [
        "{\n  a: 1,\n  s: 'it',\n  l: [ 1, <empty>, [ 2, [ 3, [Array] ] ] ],\n"
        "  g: [Getter],\n  f: [Function: f],\n  u: undefined,\n  n: null,\n  b: 5n\n}\n",
        "x has 5 { a: 1 }% Map(1) { 'k' => Set(1) { 1 } } [ 1970-01-01T00:00:00.000Z ] [class A] P { q: 1 }\n",
        "{ o: [Circular] }\n",
        "[Object: null prototype] {}\n",
        "-0 Symbol(s)\n",
        "in\n",
        "  deep\n",
        "no break",
        "a 1 [ true ]\n",
    ]
    assert run.levels[2:5] == ["error", "warn", "debug"]


def test_the_console_shows_an_error_with_its_place(play):
    assert play("\nconsole.log(new TypeError('t'))").printed == ["TypeError: t\n    at <anonymous> (spell.js:2)\n"]


def test_hostile_values_cannot_break_the_console(play):
    source = (
        "console.log(new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 }}), "
        "{get constructor() { throw 4 }})"
    )

    assert play(source).error is None


def test_json_keeps_integers_exactly(value):
    source = (
        "const v = json.decode('[9007199254740993, 1.5, {\"a\": 1e3}]')\n"
        "return [v, json.encode(v), json.encode({a: [1]}, {pretty: true}), json.encode({$: 1})]"
    )

    assert value(source) == [
        [2**53 + 1, 1.5, {"a": 1000}],
        '[9007199254740993,1.5,{"a":1000}]',
        '{\n  "a": [\n    1\n  ]\n}',
        '{"$":1}',
    ]


@pytest.mark.parametrize("what", ["[NaN]", "{a: () => 1}", "new Uint8Array(1)", "{a: Symbol()}"])
def test_json_refuses_what_it_has_no_form_for(value, what):
    assert value(f"try {{ json.encode({what}) }} catch (e) {{ return e.kind }}") == "conversion"


def test_promise_map_bounds_how_many_run_at_once(value):
    source = """let running = 0, most = 0
const got = await promise.map([3, 1, 2], async x => {
  most = Math.max(most, ++running)
  await sleep(x)
  running--
  return x * 2
}, {maxConcurrent: 2})
return [got, most]"""

    assert value(source) == [[6, 2, 4], 2]


def test_waiting_with_a_time_limit_fails_by_its_own_kind(play):
    run = play("try { await promise.await(sleep(10), 2) } catch (e) { return [e.kind, e.line] }")

    assert run.value[0] == "timeout"


def test_waiting_in_time_cancels_the_timer(play):
    run = play("return await promise.timeout(probe.echo(5), 100)")

    assert (run.value, len(run.cancelled)) == (5, 1)


def test_bridges_and_handles_take_no_values(error):
    for change in ("probe.x = 1", "(await probe.walk()).x = 1"):
        assert "is read-only; keep your own values in an object of your own" in error(change).message
