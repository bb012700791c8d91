"""The realm: what is read-only, what is gone, and what still works as people write it."""

from __future__ import annotations

from unittest.mock import ANY

import pytest

from llmspell_core.errors import ProtocolError
from llmspell_core.limits import Limits
from llmspell_core.protocol import Cancel, Fail, Inbox, Resolve, Start, Tell
from llmspell_core.spells import Spell


@pytest.mark.parametrize(
    "attack",
    [
        "Array.prototype.map = 1",
        "Object.prototype.polluted = 1",
        "Object.defineProperty(Object.prototype, 'toJSON', {value: 1})",
        "Promise.prototype.then = 1",
        "Function.prototype.call = 1",
        "JSON.parse = 1",
        "Math.random = 1",
        "globalThis.JSON = 1",
        "delete globalThis.console; console = 1",
        "params = 1",
        "probe.echo = 1",
        "Object.setPrototypeOf(probe, {})",
        "(function* () {}).constructor.prototype.x = 1",
        "[][Symbol.iterator]().__proto__.next = 1",
        "Object.getPrototypeOf(Uint8Array).prototype.set = 1",
        "SpellError.prototype.x = 1",
        "print.x = 1",
        "URL.prototype.x = 1",
        "json.encode = 1",
        "Error.prototype.message = 1",
        "Object.prototype.toString = 1",
    ],
)
def test_what_the_host_provides_is_read_only(error, attack):
    assert error(f"'use strict'; {attack}").message.startswith("TypeError")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const o = {}; o.toString = () => 'x'; return `${o}`", "x"),
        ("const o = {}; o.valueOf = () => 4; return o + 1", 5),
        ("const o = {}; o.constructor = 1; return Object.keys(o)", ["constructor"]),
        ("const e = new Error('a'); e.name = 'N'; e.message = 'b'; return String(e)", "N: b"),
        ("const e = new TypeError('a'); e.toString = () => 'mine'; return String(e)", "mine"),
        ("const f = () => 1; f.toString = () => 'f'; return String(f)", "f"),
        (
            "function F() {} F.prototype = Object.create(Error.prototype); F.prototype.constructor = F; "
            "F.prototype.name = 'F'; return new F().name",
            "F",
        ),
        ("class M extends Map { toString() { return 'm' } } return String(new M([[1, 2]]))", "m"),
        ("class P extends Promise {} return await P.resolve(1).then(x => x + 1)", 2),
        ("const p = Promise.resolve(1); return p.constructor === Promise", True),
        (
            "class E extends Error { constructor(m) { super(m); Error.captureStackTrace(this, E) } } "
            "return new E('m').stack.split('\\n')[0]",
            "Error: m",
        ),
        ("globalThis.mine = 4; return mine", 4),
    ],
)
def test_overriding_on_ones_own_objects_works(value, source, expected):
    assert value(source) == expected


def test_what_shows_memory_or_blocks_is_gone(value):
    assert (
        value("return ['WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics'].filter(n => n in globalThis)")
        == []
    )


def test_time_and_chance_come_from_the_inbox(value):
    source = (
        "return [Date.now(), new Date().toISOString(), performance.now(), time.now(), Math.random(), Math.random()]"
    )

    first, second = value(source), value(source)

    assert first == second
    assert first[:4] == [1_700_000_000_000, "2023-11-14T22:13:20.000Z", 0, 1_700_000_000]
    assert first[4] != first[5]


def test_dates_are_in_utc(value):
    source = """const d = new Date(2020, 1, 3, 4)
return [d.toISOString(), new Date("2020-01-01T10:00").getHours(), d.getTimezoneOffset(), String(d), d.getDay(),
  Date.parse("1970-01-02"),
  typeof Date(), new Date(NaN).getTime() === NaN, new Date(d).getTime() === d.getTime(), d instanceof Date]"""

    assert value(source) == [
        "2020-02-03T04:00:00.000Z",
        10,
        0,
        "Mon Feb 03 2020 04:00:00 GMT+0000 (UTC)",
        1,
        86_400_000,
        "string",
        False,
        True,
        True,
    ]


def test_an_endless_loop_ends_at_the_limit_and_its_last_words_are_kept(play):
    run = play(
        "print('before')\ntry { for (;;); } catch { print('caught') } finally { print('at last') }",
        limits=Limits(cpu=0.1),
    )

    assert (run.error.kind, run.error.data) == ("limit", {"limit": "cpu", "allowed": 0.1, "used": ANY})
    assert run.printed == ["before\n"]


@pytest.mark.parametrize(
    "source",
    [
        "for (;;) await null",
        "const f = () => Promise.resolve().then(f)\nawait f()",
        "/^(a+)+$/.test('a'.repeat(60) + 'b')",
        "await probe.echo({toJSON() { for (;;); }})",
        "throw {get message() { for (;;); }}",
        "throw new Proxy(new Error('x'), {get() { for (;;); }, getPrototypeOf() { for (;;); }})",
        "new Promise(() => { for (;;); })\nreturn 1",
        "await {then() { for (;;); }}",
        "console.log({get [Symbol.toStringTag]() { for (;;); }})\nfor (;;);",
        "queueMicrotask(() => { throw {toString() { for (;;); }, get message() { for (;;); }} })\nawait sleep(1)",
    ],
)
def test_no_way_of_going_on_for_ever_outlives_the_limit(error, source):
    assert error(source, limits=Limits(cpu=0.1)).data["limit"] == "cpu"


def test_waiting_costs_no_cpu_time(value):
    assert value("for (let i = 0; i < 20; i++) await sleep(10)\nreturn 'ok'", limits=Limits(cpu=5.0)) == "ok"


def test_wall_time_bounds_a_step_where_cpu_time_does_not(error):
    assert error("for (;;);", limits=Limits(wall=0.1)).data == {"limit": "wall", "allowed": 0.1, "used": ANY}


def test_memory_ends_at_the_limit(error):
    failed = error(
        "const all = []\nfor (;;) all.push(new Array(1000).fill(all.length))", limits=Limits(cpu=20, memory=8 * 2**20)
    )

    assert (failed.kind, failed.data) == ("limit", {"limit": "memory", "allowed": 8 * 2**20})


@pytest.mark.parametrize("size", [100, 1000, 10_000, 100_000])
def test_memory_ends_at_the_limit_whatever_was_asked_for_last(error, size):
    source = f"const all = []\nfor (;;) all.push(new Uint8Array({size}))"

    assert error(source, limits=Limits(cpu=20, memory=8 * 2**20)).kind == "limit"


def test_memory_that_an_invoked_function_exhausts_ends_the_run(error):
    source = """const fill = () => { const all = []; for (;;) all.push(new Uint8Array(1000)) }
try { await probe.call(fill) } catch { return 'caught' }"""

    assert error(source, limits=Limits(cpu=20, memory=8 * 2**20)).data["limit"] == "memory"


def test_a_memory_limit_that_not_even_the_prelude_fits_is_told_in_the_first_step(engine):
    with engine.open(engine.compile(Spell("return 1", "spell.js")), Limits(memory=200_000)) as session:
        (fail,) = session.step(Inbox(0.0, (Start({}, 1, ()),))).requests

    assert fail.error.data == {"limit": "memory", "allowed": 200_000}


def test_a_flood_of_requests_ends_at_the_message_limit(error):
    assert (
        error("for (;;) try { print('x'.repeat(1000)) } catch {}", limits=Limits(cpu=0.3, message=50_000)).kind
        == "limit"
    )
    assert (
        error(
            "for (let i = 0; i < 99; i++) try { print('x'.repeat(1000)) } catch {}", limits=Limits(message=50_000)
        ).data["limit"]
        == "message"
    )


def test_a_stack_overflow_can_be_caught(value):
    assert value("const f = () => 1 + f()\ntry { f() } catch (e) { return e.name }") == "RangeError"


def test_nothing_runs_after_cancel(engine):
    with engine.open(
        engine.compile(Spell("try { await sleep(1) } finally { print('no') }", "spell.js")), Limits()
    ) as session:
        session.step(Inbox(0.0, (Start({}, 1, ()),)))

        outbox = session.step(Inbox(0.0, (Resolve(1, None), Cancel("enough"))))

    assert [type(request) for request in outbox.requests] == [Fail]
    assert (outbox.requests[0].error.kind, outbox.requests[0].error.message) == ("cancelled", "enough")


def test_a_session_that_has_ended_cannot_be_stepped(engine):
    with engine.open(engine.compile(Spell("print(1)", "spell.js")), Limits()) as session:
        outbox = session.step(Inbox(0.0, (Start({}, 1, ()),)))
        with pytest.raises(ProtocolError):
            session.step(Inbox(0.0, ()))

    assert isinstance(outbox.requests[0], Tell)


GREEDY = "for (;;) held.push(new Uint8Array(10000));"
CATCHING = [
    "try { GREEDY } catch (error) {}",
    "try { GREEDY } catch {}",
    "try { GREEDY } catch ({message}) {}",
    "(() => { try { GREEDY } finally { return 1 } })()",
    "(() => { for (;;) try { GREEDY } finally { break } })()",
    "(() => { try { try { GREEDY } catch {} } catch {} })()",
    "const g = function* () { try { GREEDY } catch { yield 1 } }; [...g()]",
    "await (async () => { GREEDY })().catch(() => 1)",
    "await new Promise(() => { GREEDY }).then(null, () => 1)",
    "await Promise.allSettled([(async () => { GREEDY })()])",
    "await Promise.any([(async () => { GREEDY })(), 1])",
    "try { ({get x() { GREEDY }}).x } catch {}",
    "try { new Proxy({}, {get() { GREEDY }}).x } catch {}",
    "try { `${{toString() { GREEDY }}}` } catch {}",
    "try { JSON.stringify({toJSON() { GREEDY }}) } catch {}",
    "try { [2, 1].sort(() => { GREEDY }) } catch {}",
    "try { for (;;) held.push({}) } catch {}",
]


@pytest.mark.parametrize("attempt", CATCHING)
def test_a_spell_cannot_catch_that_it_ran_out_of_memory(error, attempt):
    source = f"const held = []; {attempt.replace('GREEDY', GREEDY)}; await sleep(0); return 'went on'"
    failed = error(source, limits=Limits(memory=16 * 2**20))
    assert (failed.kind, failed.data["limit"], failed.data["allowed"]) == ("limit", "memory", 16 * 2**20)


def test_more_tasks_than_allowed_end_the_run(error, value):
    source = "for (let i = 0; i < {}; i++) try {{ sleep(0) }} catch {{}} return 1"
    assert value(source.format(5), limits=Limits(tasks=5)) == 1
    failed = error(source.format(6), limits=Limits(tasks=5))
    assert failed.data == {"limit": "tasks", "allowed": 5, "used": 6}


def test_the_stack_limit_bounds_how_deep_calls_go(value):
    dive = "let n = 0; const dive = () => { n++; dive() }; try { dive() } catch {} return n"
    shallow, usual = (value(dive, limits=Limits(stack=stack)) for stack in (2**17, 2**20))
    assert 10 < shallow < usual / 4


def test_a_limit_on_time_names_the_line(error):
    failed = error("const f = () => {\n  for (;;) {}\n}\n\nf()", limits=Limits(cpu=0.05))
    assert (failed.data["limit"], failed.line) == ("cpu", 1)
    assert failed.data["used"] >= 0.05


def test_a_null_that_the_spell_throws_is_no_lack_of_memory(value):
    assert value("const nothing = null; try { throw nothing } catch (error) { return [error] }") == [None]
