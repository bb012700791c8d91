"""Values between host and script."""

from __future__ import annotations

import math

import pytest

from llmspell_core.engine import Feature
from llmspell_core.errors import ProtocolError
from llmspell_core.protocol import Fail, Finish, Inbox, Resolve, Start
from llmspell_core.values import ErrorValue

VALUES = [
    None,
    True,
    0,
    -1,
    2**53 - 1,
    -(2**53) + 1,
    0.1,
    -0.0,
    3.0,
    1e300,
    5e-324,
    2.0**53,
    1e17,
    math.inf,
    -math.inf,
    "",
    'a\0b\x1f\x7f"\\/\n\r\t\b\f',
    "é€😀\U0010ffff\u2028",
    b"",
    b"\xff\0text",
    b"text",
    [],
    {},
    [[], {}, [None], None, 1],
    {"a": None, "b": {"c": [1, {"d": []}]}, "": 0, "é": 1, 'q"\\': 2},
    {"$": 1, "x": [{"$": ["int", "1"]}]},
    [None, None],
    {str(i): i for i in range(40)},
    list(range(300)),
    {"k" * 100: ["v" * 1000]},
]


@pytest.mark.parametrize("given", VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_comes_back_equal(value, given):
    for source in ("return probe.echo((probe.get()))", "return params.v"):
        seen = value(source, {"get": given}, params={"v": given})
        assert seen == given
        assert type(seen) is type(given) or isinstance(given, float)
        assert str(seen) == str(given) or not isinstance(given, float) or given % 1 == 0
    if given == 0 and isinstance(given, float):
        assert math.copysign(1, seen) == -1


def test_nan_comes_back(value):
    assert math.isnan(value("return probe.echo(params.v)", params={"v": math.nan}))


@pytest.mark.parametrize("given", [2**53, 2**63 - 1, -(2**63)])
def test_integers_of_64_bits_are_kept_or_refused(cast, engine, given):
    run = cast("return {probe.get(), 1}", {"get": given})
    if Feature.INT64 in engine.info.features:
        assert run.value == [given, 1]
    else:
        assert (run.error.kind, run.error.line) == ("conversion", 1)
        assert str(given) in run.error.message


def test_an_integer_that_the_engine_cannot_keep_is_refused_as_a_parameter(cast, engine):
    run = cast("return params.v", params={"v": 2**60})
    assert run.value == 2**60 if Feature.INT64 in engine.info.features else run.error.kind == "conversion"


@pytest.mark.parametrize(
    ("expression", "path", "problem"),
    [
        ("{a = {coroutine.create(print)}}", "$.a[0]", "thread"),
        ("{1, nil, 3}", "$", "hole"),
        ("{1, x = 2}", "$", "both"),
        ("{[true] = 1}", "$", "no text"),
        ("{a = {['b c'] = {[1.5] = 1}}}", '$.a["b c"]', "no text"),
        ("{[0] = 1}", "$", "no text"),
        ("cycle", "$.c", "a cycle; break it"),
        ("deep", "$" + "[0]" * 100, "deeper"),
        ("{string}", "$[0]", "string cannot cross"),
        ("{llm}", "$[0]", "llm cannot cross"),
        ("{p = promise.resolve(1)}", "$.p", "await it first"),
        ("{['\\255'] = 1}", "$", "UTF-8"),
        ("marked", "$", "text key"),
        ("{e = failing}", "$.e.data", "thread"),
    ],
)
def test_what_cannot_cross_is_refused_at_the_call_with_its_place(value, expression, path, problem):
    source = f"""
    local cycle = {{}} cycle.c = cycle
    local deep = {{}} for i = 1, 101 do deep = {{deep}} end
    local marked = list{{1}} marked.x = 1
    local failing = select(2, pcall(llm.fail)) failing.data = coroutine.create(print)
    local _, e = pcall(probe.echo, {expression})
    return {{e.kind, e.message, e.line}}
    """
    kind, message, _ = value(source, {"fail": ErrorValue("x", "y")})
    assert kind == "conversion"
    assert message.startswith(path + ": ")
    assert problem in message


def test_a_refused_value_fails_the_run_when_it_is_the_result(error):
    failed = error("return {a = coroutine.create(print)}")
    assert (failed.kind, failed.message) == ("conversion", "$.a: a thread cannot cross the border")


def test_a_hundred_levels_cross(value):
    assert value("local t = {} for i = 1, 99 do t = {t} end return probe.echo(t)") is not None


def test_values_with_hostile_metatables_cross_raw(value):
    source = """
    local function hang() while true do end end
    local t = setmetatable({a = 1}, {__index = hang, __pairs = hang, __len = hang, __tostring = hang, __name = 'x',
      __eq = hang, __concat = hang, __call = hang, __newindex = hang})
    return {probe.echo({t, t}), probe.echo(t), probe.echo(1, t), json.decode(json.encode(t))}
    """
    assert value(source) == [[{"a": 1}, {"a": 1}], {"a": 1}, 1, {"a": 1}]


def test_a_list_stays_a_list_however_it_is_changed(value):
    source = "local l = probe.echo(list{1}) l[1] = nil return {l, list(), {}, #probe.echo({1, 2})}"
    assert value(source) == [[], [], {}, 2]


def test_a_list_built_out_of_order_is_a_list(value):
    assert value("local t = {} for i = 40, 1, -1 do t[i] = i end return t") == list(range(1, 41))


def test_null_is_kept_inside_and_is_nil_as_a_whole(value):
    source = (
        "local v = probe.get() return {v[1] == null, v[2], probe.echo(null) == nil, null and 'true', tostring(null)}"
    )
    assert value(source, {"get": [None, 2]}) == [True, 2, True, "true", "null"]


def test_bytes_are_a_value_of_their_own(value):
    source = """
    local b = probe.get()
    return {#b, tostring(b), b == bytes('abc'), bytes('x') == bytes('y'), probe.echo(b), bytes(b) == b,
      probe.echo('\\255')}
    """
    assert value(source, {"get": b"abc"}) == [3, "abc", True, False, b"abc", True, b"\xff"]


def test_trailing_nils_are_left_out(cast):
    run = cast("probe.echo(nil) probe.echo(1, nil) probe.echo(nil, 2, null) probe.echo()")
    assert run.calls == [("probe", "echo"), ("probe", "echo", 1), ("probe", "echo", None, 2), ("probe", "echo")]


def test_several_results_are_a_list_and_none_is_nil(value):
    assert [value("return 1, nil, 'x'"), value("return"), value("return nil"), value("")] == [
        [1, None, "x"],
        None,
        None,
        None,
    ]


def test_errors_are_values_that_come_back(value):
    failure = ErrorValue("provider", "busy", {"status": 429}, ErrorValue("net", "reset", [1]), "other.js", 7, "at f")
    source = """
    local _, e = pcall(llm.chat)
    return {e, e.kind, e.data.status, e.cause.message, tostring(e), 'x: ' .. e, e.line}
    """
    assert value(source, {"chat": failure}) == [failure, "provider", 429, "reset", "busy", "x: busy", 7]


def test_text_that_is_not_utf8_is_printed_all_the_same(cast):
    assert cast("print('a\\255b')").output == "a?b\n"


def test_nothing_is_stepped_after_the_end(open_session):
    session = open_session("return 1")
    assert session.step(Inbox(0.0, (Start({}, 1, ()),))).requests == (Finish(1),)
    with pytest.raises(ProtocolError):
        session.step(Inbox(0.0, ()))


def test_a_closed_session_refuses_to_step_and_closes_again(open_session):
    session = open_session("return 1")
    session.close()
    session.close()
    with pytest.raises(ProtocolError):
        session.step(Inbox(0.0, ()))


def test_an_answer_to_nobody_is_ignored(open_session):
    session = open_session("return probe.a()")
    session.step(Inbox(0.0, (Start({}, 1, ("probe",)),)))
    assert session.step(Inbox(0.0, (Resolve(99, 1),))).requests == ()
    assert session.step(Inbox(0.0, (Resolve(1, 5),))).requests == (Finish(5),)


def test_a_spell_that_waits_for_nothing_is_a_deadlock(open_session):
    session = open_session("promise.new(function() end):await()")
    [request] = session.step(Inbox(0.0, (Start({}, 1, ()),))).requests
    assert isinstance(request, Fail)
    assert request.error.kind == "deadlock"
