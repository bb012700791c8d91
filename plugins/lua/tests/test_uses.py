"""What the source of a spell uses is read from it, without running it."""

import pytest
from llmspell_lua.engine import LuaEngine

from llmspell_core.spells import Spell
from llmspell_core.uses import UNKNOWN, Missing

BRIDGES = ("fs", "http", "llm")
KNOWN = ("print", "string", "pcall", "xpcall", "require", "ipairs", "params", "_G")


def uses(source, **modules):
    files = {f"{name}.lua": text for name, text in modules.items()}
    return LuaEngine().uses(Spell(source, "a.lua", modules=files), BRIDGES, KNOWN)


def calls(source, **modules):
    return [(use.bridge, use.method, use.arguments) for use in uses(source, **modules).calls]


READ = ("fs", "read", ("x",))
UNCLEAR = ("fs", "", None)


@pytest.mark.parametrize(
    "source",
    [
        "fs.read('x')",
        "fs:read('x')",
        "fs['read']('x')",
        "fs.read 'x'",
        "(fs).read([[x]])",
        "local l = fs l.read('x')",
        "local l = fs local m = l m.read('x')",
        "local read = fs.read read('x')",
        "local f = require('fs') f.read('x')",
        "local f = require 'fs' f.read('x')",
        "require('fs').read('x')",
        "local name = 'x' fs.read(name)",
        "local m = 'read' fs[m]('x')",
        "local ok, v = pcall(fs.read, 'x')",
        "xpcall(fs.read, print, 'x')",
        "function go() return fs.read('x') end",
        "local function go() if true then for i = 1, 2 do fs.read('x') end end end",
        "local t = {f = function() return fs.read('x') end}",
        "print(fs.read('x'))",
        "return fs.read('x')",
        "do local fs = 1 end fs.read('x')",
        "repeat local a = fs.read('x') until a",
        "for _, line in ipairs(fs.read('x')) do print(line) end",
        "local a <const> = 'x' fs.read(a)",
        "local fs = fs fs.read('x')",
    ],
)
def test_a_call_is_found_under_whatever_name(source):
    assert calls(source) == [READ]


@pytest.mark.parametrize(
    ("source", "arguments"),
    [
        ("fs.read(y)", (UNKNOWN,)),
        ("fs.read('a' .. 'b')", (UNKNOWN,)),
        ("local a = 'x' a = params.a fs.read(a)", (UNKNOWN,)),
        ("fs.read('x', {bytes = true, ['n'] = 3})", ("x", {"bytes": True, "n": 3})),
        ("fs.read({'a', 'b', params.c})", (["a", "b", UNKNOWN],)),
        ("fs.read(nil, -1, 0x10)", (None, UNKNOWN, 16)),
        ("fs.read('\\x41')", (UNKNOWN,)),
    ],
)
def test_arguments_are_known_as_far_as_they_are_written(source, arguments):
    source = f"local y = params.y {source}"
    assert calls(source) == [("fs", "read", arguments)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("print(fs)", [UNCLEAR]),
        ("local t = {f = fs}", [UNCLEAR]),
        ("return fs", [UNCLEAR]),
        ("local k = params.k fs[k]('x')", [UNCLEAR]),
        ("local l = fs l = params.l", [UNCLEAR]),
        ("print(fs.read)", [("fs", "read", None)]),
        ("local t = {read = fs.read}", [("fs", "read", None)]),
        ("local read = fs.read print(read)", [("fs", "read", None)]),
    ],
)
def test_what_only_a_run_can_tell_is_said(source, found):
    assert calls(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "local fs = {} fs.read('x')",
        "fs = {} fs.read('x')",
        "local function go(fs) fs.read('x') end",
        "for _, fs in ipairs(params.all) do fs.read('x') end",
        "for fs = 1, 2 do print(fs.x) end",
        "local t = {fs = 1} print(t.fs.read)",
        "goto fs ::fs::",
        "string.format('x') print(params.a.b) _G.x = 1",
        "function M() end M()",
        "-- fs.read('x')\nlocal s = 'fs.read()'",
        "local a a.fs.read('x')",
        "print(nothing)",
    ],
)
def test_what_is_no_bridge_is_not_taken_for_one(source):
    assert calls(source) == []


def test_a_name_that_nobody_knows_is_told_as_a_bridge():
    assert calls("htp.get('x')") == [("htp", "get", ("x",))]
    assert calls("function helper() end helper.x()") == []
    assert calls("log.say()", b="log = {}") == []


def test_every_file_is_read_and_places_are_told():
    found = uses("local b = require('b')\nrequire('nothing')\nrequire('json')\nb.go()", b="\n\nreturn fs.read('x')")
    assert [(use.file, use.line) for use in found.calls] == [("b.lua", 3)]
    assert found.missing == (Missing("nothing", "a.lua", 2),)


def test_a_source_that_is_wrong_is_read_as_far_as_it_goes():
    assert calls("fs.read('x')\nlocal = = 3") == [READ]


def test_what_is_known_comes_from_the_language():
    engine = LuaEngine()
    from llmspell_core.checking import examine

    check = examine(
        Spell("print(string.format('x'), utf8.char(3), json.encode(1), sleep, time.now())", "a.lua"), engine
    )
    assert (check.ok, check.findings) == (True, ())


def test_what_the_language_adds_to_a_bridge_is_no_use_of_the_bridge():
    source = "print(time.now(), debug.traceback()) time.format(0)"
    found = LuaEngine().uses(Spell(source, "a.lua"), ("time", "debug"), KNOWN)
    assert [(use.bridge, use.method) for use in found.calls] == [("time", "format")]
