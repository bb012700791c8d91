"""What a spell finds in its globals, and what it cannot reach or change."""

from __future__ import annotations

import re

import pytest

from llmspell_core.protocol import Tell

GONE = [
    "python",
    "dofile",
    "loadfile",
    "module",
    "getfenv",
    "setfenv",
    "newproxy",
    "jit",
    "ffi",
    "gcinfo",
    "warn",
    "os.getenv",
    "os.execute",
    "os.exit",
    "os.remove",
    "os.setlocale",
    "io.open",
    "io.popen",
    "io.read",
    "string.dump",
    "debug.getinfo",
    "debug.sethook",
    "debug.getregistry",
    "package.loadlib",
    "package.searchers",
]


@pytest.mark.parametrize("name", GONE)
def test_what_reaches_out_of_the_vm_is_gone(value, name):
    assert value(f"return {name} == nil") is True


@pytest.mark.parametrize(
    "name", ["string", "table", "math", "os", "io", "coroutine", "utf8", "debug", "llm", "json", "promise"]
)
@pytest.mark.parametrize("write", ["{}.extra = 1", "{}.format = 1", "rawset({}, 'x', 1)", "setmetatable({}, {{}})"])
def test_what_the_host_provides_is_read_only(value, name, write):
    message = value(f"local _, e = pcall(function() {write.format(name)} end) return tostring(e)")
    if write.startswith("setmetatable"):
        assert "cannot change a protected metatable" in message
    else:
        assert f"{name} is read-only" in message


def test_null_and_bytes_are_read_only(value):
    source = (
        "return {pcall(function() null.x = 1 end), pcall(rawset, null, 'x', 1), pcall(function() bytes('a').x = 1 end)}"
    )
    assert value(source)[0] is False
    assert value("return null.x == nil")


def test_walking_a_library_does_not_hand_it_out(value):
    source = """
    local found = list{}
    for _, library in ipairs{string, math, coroutine, llm, getmetatable('')} do
      local _, state = pairs(library)
      found[#found + 1] = type(state)
    end
    return found
    """
    assert value(source) == ["nil"] * 5


def test_the_spells_own_globals_are_its_own(value):
    source = """
    answer = 42
    _G.other = answer
    string = nil
    print = nil
    return {_G.answer, other, _G.string == nil, ('x'):rep(2)}
    """
    assert value(source) == [42, 42, True, "xx"]


def test_the_metatable_of_strings_can_be_read_and_not_changed(value):
    source = """
    local meta = getmetatable('')
    return {meta.__index == string, (pcall(function() meta.__index = {} end)), (pcall(rawset, meta, '__index', {})),
      (pcall(setmetatable, meta, {})), ('a'):upper()}
    """
    assert value(source) == [True, False, False, False, "A"]


def test_metatables_of_the_preludes_own_values_are_hidden(value):
    source = """
    local e = select(2, pcall(llm.fail))
    return {getmetatable(null), getmetatable(list{}), getmetatable(string), getmetatable(llm), getmetatable(print),
      getmetatable(e)}
    """
    from llmspell_core.values import ErrorValue

    assert value(source, {"fail": ErrorValue("provider", "no")}) == [False, False, False, False, False, "error"]


def test_a_finalizer_is_refused(value):
    message = value("local _, e = pcall(setmetatable, {}, {__gc = function() end}) return e")
    assert "__gc is not allowed" in message


def test_binary_chunks_are_refused(value):
    source = r"local f, e = load('\27Lua', 'x', 'b') return {f == nil, type(e)}"
    assert value(source) == [True, "string"]


def test_load_compiles_text_with_an_environment(value):
    assert value("return {load('return x', 'c', 't', {x = 3})(), loadstring('return 4')()}") == [3, 4]


OPAQUE = ["print", "coroutine.create(print)", "llm", "string", "promise.resolve(1)", "list{}"]


@pytest.mark.parametrize("shown", [*(f"tostring({value})" for value in OPAQUE), "('%s'):format(print)"])
def test_only_the_text_of_a_plain_table_is_an_address(cast, shown):
    run = cast(f"print({shown})")
    assert run.error is None
    assert re.fullmatch(r"\w+: \d\n", run.output)


def test_print_and_errors_show_a_number_for_any_table(cast, error):
    run = cast("local named = setmetatable({}, {__name = 'point'}) print({}, named, select(2, pcall(error, {})))")
    assert run.output == "table: 1\tpoint: 2\ttable: 3\n"
    assert error("llm.fail({}, error({[{}] = 1}))").message == "table: 1"


def test_an_uncaught_table_shows_no_address(error):
    failed = error("error({1, 2})")
    assert (failed.message, failed.data) == ("table: 1", [1, 2])


def test_pairs_walks_in_one_order(value):
    source = """
    local t = {10, 20, 30, b = 1, a = 2, [0] = 0, [-5] = 'n', [2.5] = 'f', [true] = 't', [false] = 'f', [100] = 'h'}
    local keys = list{}
    for k in pairs(t) do keys[#keys + 1] = k end
    return keys
    """
    assert value(source) == [-5, 0, 1, 2, 3, 100, 2.5, "a", "b", False, True]


def test_pairs_skips_keys_removed_on_the_way(value):
    source = """
    local t, seen = {a = 1, b = 2, c = 3, d = 4}, list{}
    for k in pairs(t) do seen[#seen + 1] = k t.c = nil t[k] = nil end
    return {seen, next(t) == nil}
    """
    assert value(source) == [["a", "b", "d"], True]


def test_pairs_walks_what_the_host_provides_and_honours_pairs(value):
    source = """
    local names = list{}
    for name in pairs(os) do names[#names + 1] = name end
    local function once(_, key) return not key and 'only' or nil end
    local own = setmetatable({}, {__pairs = function(t) return once, t, nil end})
    for k in pairs(own) do names[#names + 1] = k end
    return names
    """
    assert value(source) == ["clock", "date", "difftime", "time", "only"]


def test_pairs_of_no_table_says_so(error):
    assert "bad argument #1" in error("for k in pairs(nil) do end").message


def test_collectgarbage_is_limited(value):
    source = "return {collectgarbage() == 0, collectgarbage('count') > 0, (pcall(collectgarbage, 'stop'))}"
    assert value(source) == [True, True, False]


def test_older_spells_find_their_helpers(value):
    source = (
        "return {unpack({1, 2}), table.unpack({3}), math.pow(2, 10), loadstring('return 5')(), table.pack(1, nil).n}"
    )
    assert value(source) == [1, 3, 1024, 5, 2]


def test_time_is_the_event_clocks(value):
    source = """
    local before = os.clock()
    sleep(90)
    return {os.time(), os.date('%Y-%m-%d %H:%M:%S'), os.date('*t').min, os.clock() - before, time.now(),
      os.difftime(5, 3)}
    """
    assert value(source) == [90, "1970-01-01 00:01:30", 1, 90, 90, 2]


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ("year=1970, month=1, day=1, hour=0", 0),
        ("year=2024, month=2, day=29", 1709208000),
        ("year=2026, month=14, day=1, hour=0", 1801440000),
        ("year=1969, month=12, day=31, hour=23, min=59, sec=59", -1),
    ],
)
def test_a_date_is_read_as_utc(value, fields, seconds):
    assert value(f"return os.time{{{fields}}}") == seconds


def test_randomness_comes_from_the_seed(value):
    source = """
    local drawn = list{}
    for i = 1, 4 do drawn[i] = math.random(1000000) end
    math.randomseed()
    drawn[5] = math.random(1000000)
    return drawn
    """
    first, again, other = value(source, seed=7), value(source, seed=7), value(source, seed=8)
    assert first == again != other
    assert first[0] == first[4]


def test_utf8_is_whole_in_every_variant(value):
    source = """
    local s = 'aé€😀'
    local codes = list{}
    for p, c in utf8.codes(s) do codes[#codes + 1] = p codes[#codes + 1] = c end
    return {utf8.len(s), utf8.char(97, 233, 8364, 128512), {utf8.codepoint(s, 1, -1)}, codes,
      utf8.offset(s, 3), utf8.offset(s, -1), select(2, utf8.len('a\\255')), utf8.len(s, 2), utf8.len('')}
    """
    assert value(source) == [
        4,
        "aé€😀",
        [97, 233, 8364, 128512],
        [1, 97, 2, 233, 4, 8364, 7, 128512],
        4,
        7,
        2,
        3,
        0,
    ]


def test_require_finds_the_spells_files_bridges_and_modules(value):
    modules = {
        "words.lua": "return {from = {...}}",
        "lib/deep/er.lua": "count = (count or 0) + 1 return {n = count}",
        "pack/init.lua": "return 'pack'",
        "quiet.lua": "",
    }
    source = """
    return {require('words').from, require('deep.er').n, require('deep/er').n, require('pack'), require('quiet'),
      require('llm') == llm, require('string') == string, require('json') == json, require('lib/deep/er.lua').n}
    """
    from_ = ["words", "words.lua"]
    assert value(source, modules=modules) == [from_, 1, 1, "pack", True, True, True, True, 1]


def test_package_tells_what_was_required_and_how_to_make_more(value):
    modules = {
        "one.lua": "runs = (runs or 0) + 1 return {n = runs}",
        "early.lua": "package.loaded[...] = {late = require('late')} ",
        "late.lua": "return type(package.loaded.early)",
    }
    source = """
    package.preload['made'] = function(...) return {...} end
    local first = require('one')
    local same = require('one') == first and package.loaded.one == first
    package.loaded.one = nil
    return {same, require('one').n, package.loaded.one.n, require('made'), require('made') == package.loaded.made,
      require('early').late, package.loaded.string == string, package.config:sub(1, 1), package.cpath}
    """
    assert value(source, modules=modules) == [True, 2, 2, ["made", ":preload:"], True, "nil", True, "/", ""]


def test_modules_that_require_each_other_may_give_what_they_have_so_far(value):
    modules = {
        "a.lua": "local M = {} package.loaded[...] = M M.b = require('b') return M",
        "b.lua": "return {has = require('a') ~= nil}",
    }
    assert value("return require('a').b.has", modules=modules) is True


def test_streams_are_written_to_and_nothing_else(cast, error):
    source = """
    io.stdout:write('a', 1):write('b\\n')
    io.stderr:write('c\\n')
    io.stdout:flush()
    print(io.type(io.stdout), io.type({}), io.stdout, io.stderr:setvbuf('no'))
    """
    run = cast(source)
    assert run.output == "a1b\nfile\tnil\tfile (stdout)\ttrue\n"
    assert run.tells == [Tell("host", "print", ["c\n", "error"])]
    assert "a table" in error("io.stdout:write({})").message
    assert "io.stdout is read-only" in error("io.stdout.write = 1").message


def test_a_stream_is_written_to_with_a_dot_as_well(cast):
    run = cast("io.stdout.write('a', 'b'):write('c') io.stdout.flush() io.stderr.write('d')")
    assert (run.output, run.tells) == ("abc", [Tell("host", "print", ["d", "error"])])


def test_what_was_required_does_not_give_away_where_libraries_are_kept(value):
    source = """
    local meta = getmetatable(package.loaded)
    return {meta, pcall(setmetatable, package.loaded, {}), package.loaded.json == json}
    """
    assert value(source) == [False, False, True]


def test_the_metatable_that_debug_gives_is_the_one_that_everybody_gets(value):
    source = (
        "return {debug.getmetatable(setmetatable({}, {__metatable = 1})), debug.getmetatable('x').__index == string}"
    )
    assert value(source) == [1, True]


def test_modules_in_a_circle_are_named(error):
    modules = {"a.lua": "return require('b')", "b.lua": "return require('a')"}
    assert "a.lua -> b.lua -> a.lua" in error("require('a')", modules=modules).message


def test_what_is_no_module_is_an_error(error):
    for name in ("nothing", "../main", "/etc/passwd", "io.open"):
        assert f"no module named '{name}'" in error(f"require('{name}')").message


def test_two_tasks_may_wait_for_one_module(value):
    modules = {"slow.lua": "sleep(1) runs = (runs or 0) + 1 return runs"}
    source = """
    local function load_it() return require('slow') end
    return promise.all({promise.spawn(load_it), promise.spawn(load_it)}):await()
    """
    assert value(source, modules=modules) == [1, 1]


def test_output_is_exactly_what_lua_prints(cast):
    source = """
    print('a', nil, 1, true)
    io.write('x', 2):write('y\\n')
    print()
    print(setmetatable({}, {__tostring = function() return 'own' end}))
    """
    assert cast(source).output == "a\tnil\t1\ttrue\nx2y\n\nown\n"


def test_a_library_cannot_be_poisoned_for_the_prelude(value):
    source = """
    rawget, next, type, pcall, error, tostring, select = nil, nil, nil, nil, nil, nil, nil
    local x = json.encode({a = 1})
    return {x, probe.echo({b = {2}}), json.decode('[1]')}
    """
    assert value(source) == ['{"a":1}', {"b": [2]}, [1]]
