"""How errors leave the VM: message, place and traceback."""

from __future__ import annotations

import pytest

from llmspell_core.values import ErrorValue


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("error('boom')", "boom", 1),
        ("\n\nerror('boom')", "boom", 3),
        ("error('boom', 0)", "boom", 1),
        ("local function f()\n  error('boom', 2)\nend\nf()", "boom", 4),
        ("\nerror({message = 'mine'})", "mine", 2),
        ("\nerror()", "<no error object>", 2),
        ("\nerror(42)", "42", 2),
        ("\n\nerror(setmetatable({}, {__tostring = function() return 'shown' end}))", "shown", 3),
        ("#!/usr/bin/env llmspell\nerror('boom')", "boom", 2),
        ("\nassert(false, 'no')", "no", 2),
        ("\nassert(nil)", "assertion failed!", 2),
        ("\npromise.spawn(function()\n  error('in a task')\nend)\nsleep(1)", "in a task", 3),
        ("\npromise.spawn(function()\n  error('in a task')\nend):await()", "in a task", 3),
        ("local co = coroutine.wrap(function()\n  error('inner')\nend)\nco()", "inner", 2),
    ],
)
def test_an_uncaught_error_tells_what_and_where(error, source, message, line):
    failed = error(source)
    assert (failed.kind, failed.message, failed.file, failed.line) == ("runtime", message, "main.lua", line)


def test_an_error_of_the_language_itself_tells_where(error):
    failed = error("local t\n\nlocal x = t.field")
    assert "attempt to index" in failed.message
    assert not failed.message.startswith("main.lua")
    assert failed.line == 3


def test_a_wrong_argument_to_a_library_function_is_placed_in_the_spell(error):
    for call in (
        "string.rep()",
        "setmetatable(1, 2)",
        "string.format('%d', 'x')",
        "table.concat({{}})",
        "math.floor('x')",
        "io.write({})",
    ):
        failed = error(f"\n{call}")
        assert (failed.file, failed.line) == ("main.lua", 2), call
        assert "?" not in failed.message


def test_fields_of_a_thrown_table_are_kept(error):
    failed = error(
        "error({kind = 'mine', message = 'm', data = {1}, cause = {message = 'why', kind = 'k', cause = 'deep'}})"
    )
    assert (failed.kind, failed.message, failed.data) == ("mine", "m", [1])
    assert (failed.cause.kind, failed.cause.message, failed.cause.cause.message) == ("k", "why", "deep")


def test_what_is_no_text_and_has_no_message_is_the_data(error):
    assert error("error({code = 5})").data == {"code": 5}
    assert error("error(true)").data is True
    assert error("error({coroutine.create(print)})").data is None


def test_a_rejected_call_that_nobody_catches_fails_with_all_its_fields(error):
    failed = error(
        "\n\nllm.chat()", {"chat": ErrorValue("provider", "busy", {"status": 429}, ErrorValue("net", "reset"))}
    )
    assert (failed.kind, failed.message, failed.data, failed.line) == ("provider", "busy", {"status": 429}, 3)
    assert failed.cause == ErrorValue("net", "reset")


def test_a_caught_error_keeps_where_it_was_raised(error):
    failed = error("local ok, e = pcall(llm.chat)\n\nerror(e)", {"chat": ErrorValue("provider", "busy")})
    assert (failed.kind, failed.line) == ("provider", 1)


def test_the_traceback_has_the_frames_of_the_spell_and_no_others(error):
    inner = "local function inner()\n  probe.echo(error('boom'))\nend\n"
    source = inner + "local function outer()\n  inner()\n  return 1\nend\nouter()"
    lines = error(source).traceback.split("\n")
    assert len(lines) == 3
    assert [line.split(" in ")[0] for line in lines] == ["main.lua:2:", "main.lua:5:", "main.lua:8:"]
    assert "inner" in lines[0]
    assert "main chunk" in lines[2]


def test_an_error_of_a_module_names_its_file(error):
    failed = error(
        "\nrequire('lib.words')", modules={"lib/words.lua": "\n\nlocal function f() error('bad word') end\nf()"}
    )
    assert (failed.message, failed.file, failed.line) == ("bad word", "lib/words.lua", 3)
    assert "lib/words.lua:4: in main chunk" in failed.traceback
    assert "main.lua:2: in main chunk" in failed.traceback


def test_a_long_file_name_is_whole(error):
    name = "folder/" * 20 + "spell.lua"
    failed = error("error('boom')", file=name)
    assert (failed.message, failed.file, failed.line) == ("boom", name, 1)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("return llm.chat()", 1),
        ("\nif params.x then return 1 end\nreturn llm.chat()", 3),
        ("local function f()\n  return llm.chat()\nend\nreturn f()", 4),
        ("local x = 1\nreturn probe.echo(string)", 2),
        ("\npromise.spawn(function()\n  return llm.chat()\nend):await()", 3),
        ("if params.x then\n  return llm.chat()\nend\nreturn llm.chat()", None),
    ],
)
def test_an_error_under_a_tail_call_is_placed_where_only_one_can_be_meant(error, source, line):
    failed = error(source, {"chat": ErrorValue("provider", "busy")})
    assert (failed.file, failed.line) == ("main.lua", line)
    assert failed.traceback.startswith("main.lua:")


def test_a_first_line_that_waits_is_placed_too(error):
    assert error("sleep(1) error('late')").line == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "setmetatable({}, {__tostring = function() error('again') end})",
        "setmetatable({}, {__tostring = function() return {} end})",
        "setmetatable({}, {__tostring = function() llm.chat() return 'x' end})",
        "setmetatable({}, {__index = function() error('again') end, __len = error, __pairs = error})",
        "setmetatable({message = 1, kind = {}}, {__name = {}})",
        "(function() local t = {message = 'm'} t.cause = t t.data = t return t end)()",
        "{message = 'a\\255b', file = {}, line = 'x', traceback = 3}",
        "coroutine.create(print)",
        "print",
        "('x'):rep(100000)",
        "'\\0\\255'",
        "0/0",
    ],
)
def test_hostile_error_values_end_the_run_as_any_other(cast, hostile):
    run = cast(f"error({hostile}, 0)", {"chat": 1})
    assert run.error.kind == "runtime"
    assert run.error.file == "main.lua"


def test_debug_traceback_shows_the_spells_frames(value):
    text = value("local _, t = xpcall(function()\nerror('x')\nend, debug.traceback) return t")
    assert text.startswith("main.lua:2: x\nstack traceback:\nmain.lua:2: in ")
    assert "[C]" not in text


def test_errors_without_place_are_pcalls_own_values(value):
    source = "return {select(2, pcall(error, 'a', 0)), select(2, pcall(function() error('b') end))}"
    assert value(source) == ["a", "main.lua:1: b"]


def test_a_metatable_that_is_no_table_is_refused_by_name(error):
    assert "'setmetatable'" in error("setmetatable({}, 5)").message


OUTSIDE = "instead: the bridges do what lies outside of a spell: llm, probe"


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ("os.getenv('HOME')", OUTSIDE),
        ("local f = io.open('a.txt')", OUTSIDE),
        ("local line = io.stdin:read()", "instead: what a spell is given is in params"),
        ("os.rename('a', 'b')", OUTSIDE),
        ("console.log(1)", "instead: print(...)"),
        ("local r = await(1)", "instead: promise.await(p); a call waits by itself"),
        ("dofile('x.lua')", "instead: require(name), or spell.include(path)"),
        ("return ('a'):startswith('a')", "instead: text:starts_with(part)"),
        ("require('cjson.safe')", "the global 'json' is there without require"),
        ("require('socket.http')", OUTSIDE),
    ],
)
def test_what_is_not_there_is_told_with_what_is(error, source, cure):
    failed = error(f"\n{source}")
    assert failed.message.endswith(cure)
    assert failed.line == 2


@pytest.mark.parametrize("source", ["local t = {} t.foo()", "local t = {} t:foo()", "require('foo')", "foo()"])
def test_nothing_is_told_of_what_nobody_knows(error, source):
    assert "instead" not in error(source).message
    assert "without require" not in error(source).message


def test_walking_nil_is_told_where_it_is_done(error):
    failed = error("local t = {}\nfor _, item in ipairs(t.items) do end")
    assert (failed.message, failed.line) == ("bad argument #1 to 'ipairs' (table expected, got nil)", 2)


def test_an_error_of_a_call_has_the_methods_of_texts(value):
    source = """
    local ok, e = pcall(json.decode, "{bad")
    return {e:match("^not JSON") or false, e:find("line 1", 1, true) ~= nil, #e:sub(1, 3), e.nothing == nil}
    """
    assert value(source) == ["not JSON", True, 3, True]


@pytest.mark.parametrize("use", ["'n: ' .. person.name", "person.name * 2", "person.name < 1"])
def test_null_is_called_by_its_name(engine, error, use):
    if engine.info.name == "luajit":
        pytest.skip("LuaJIT knows no names of types")
    assert "null" in error(f"local person = json.decode('{{\"name\": null}}')\nreturn {use}").message


@pytest.mark.parametrize("use", ["io.open('x')", "local f = io . open ('x')", "io:open()", "return io.open.read"])
def test_what_a_library_lacks_is_told_with_what_it_has(error, use):
    told = error(use).message
    assert "nil value" in told
    assert ": io has no 'open'; it has flush, stderr, stdout, type, write; " in told


def test_nothing_is_told_of_a_library_where_none_was_used(error):
    assert "has no" not in error("local own = {} own.open()").message
    assert error("error('(field \\'open\\') nil value')").message == "(field 'open') nil value"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (f"local x = '{'a' * 1_000_000}' io.open()", "io has no 'open'"),
        (f"local x = '{'a ' * 500_000}' io.open()", "io has no 'open'"),
        (f"local x = 'io{' ' * 1_000_000}' io.open()", "io has no 'open'"),
        ("error(('a'):rep(1000000) .. ' nil value')", "aaa"),
    ],
)
def test_what_a_library_lacks_is_found_in_the_time_that_a_line_is_long(error, source, told):
    assert told in error(source).message


@pytest.mark.parametrize(
    "dive",
    [
        "local t = setmetatable({}, {__pairs = function(t) return pairs(t) end}) pairs(t)",
        "package.preload.a = function() return require('a') end require('a')",
    ],
)
def test_an_error_is_placed_in_the_time_that_calls_nest_where_none_of_them_is_the_spells(error, dive):
    assert error(f"{dive} sleep(0)").data["limit"] == "stack"
