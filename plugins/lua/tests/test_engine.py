"""Compiling, and what the engines say of themselves."""

from __future__ import annotations

import pytest

from llmspell_core.engine import Feature
from llmspell_core.errors import IncompleteSource, SpellSyntaxError
from llmspell_core.limits import Limits
from llmspell_core.protocol import Cancel, Fail, Inbox, Resolve, Start
from llmspell_core.spells import Spell
from llmspell_core.values import ErrorValue


def test_the_plugin_offers_three_engines():
    import llmspell_lua

    assert [cls.info.name for cls in llmspell_lua.llmspell_engines()] == ["lua", "lua55", "luajit"]


def test_every_engine_runs_lua_files(engine):
    assert (engine.info.language, engine.info.extensions, engine.info.comment) == ("lua", (".lua",), "--")
    assert engine.binding_name("chat_session") == "chat_session"


def test_luajit_does_without_two_features(engine):
    missing = {Feature.INT64, Feature.MEMORY_LIMIT} if engine.info.name == "luajit" else set()
    assert frozenset(Feature) - engine.info.features == missing


def test_a_program_holds_the_spells_lua_files(engine):
    spell = Spell("return 1", "main.lua", modules={"lib/a.lua": "return 2", "README.md": "# not Lua ("})
    assert dict(engine.compile(spell).files) == {"main.lua": "return 1", "lib/a.lua": "return 2"}


@pytest.mark.parametrize(
    ("source", "line"),
    [("x = = 1", 1), ("\n\nfor", 3), ("local 1", 1), ("\nx = 'open\n", 2), ("goto nowhere", 1), ("break", 1)],
)
def test_wrong_source_is_refused_with_file_and_line(engine, source, line):
    with pytest.raises(SpellSyntaxError) as caught:
        engine.compile(Spell(source, "bad.lua"))
    assert (caught.value.file, caught.value.line) == ("bad.lua", line)
    assert not str(caught.value).startswith(("bad.lua", "spell:", "["))


@pytest.mark.parametrize(
    "source", ["if x then", "local function f()\n  return 1", "x = {", "f(", "return 1 +", "--[[ open", "x = [[ open"]
)
def test_source_that_ends_too_early_is_incomplete(engine, source):
    with pytest.raises(IncompleteSource):
        engine.compile(Spell(source, "open.lua"))


def test_a_wrong_module_does_no_harm_until_it_is_required(value):
    modules = {"lib/bad.lua": "\n)", "lib/open.lua": "if x then", "lib/lone.lua": "\nreturn '\ud800'"}
    source = """
    local seen = list{}
    for _, name in ipairs(params.names) do
      local ok, e = pcall(require, name)
      seen[#seen + 1] = {ok, e.kind, e.file, e.line}
    end
    return seen
    """
    assert value(source, modules=modules, params={"names": ["bad", "open", "lone"]}) == [
        [False, "syntax", "lib/bad.lua", 2],
        [False, "incomplete", "lib/open.lua", 1],
        [False, "syntax", "lib/lone.lua", 2],
    ]


def test_a_wrong_module_that_nobody_catches_fails_the_run_at_its_own_line(error):
    failed = error("\n\nrequire('bad')", modules={"lib/bad.lua": "\n)"})
    assert (failed.kind, failed.file, failed.line) == ("syntax", "lib/bad.lua", 2)
    assert failed.traceback == "main.lua:3: in main chunk"


def test_compiling_runs_nothing(engine):
    engine.compile(Spell("while true do end"))


def test_a_problem_that_quotes_half_a_character_is_a_syntax_error(engine):
    with pytest.raises(SpellSyntaxError, match="near"):
        engine.compile(Spell('return "\\255\\+"', "spell.lua"))


def test_a_lone_surrogate_is_a_syntax_error(engine):
    with pytest.raises(SpellSyntaxError) as caught:
        engine.compile(Spell("\nreturn '\ud800'", "s.lua"))
    assert caught.value.line == 2


@pytest.mark.parametrize("mark", ["#!/usr/bin/env llmspell\n", "\ufeff\n", "\ufeff#!x\n"])
def test_a_first_line_mark_is_skipped_and_lines_are_kept(error, mark):
    assert error(f"{mark}error('x')").line == 2


def test_sessions_see_nothing_of_each_other(engine):
    program = engine.compile(Spell("seen = (seen or 0) + 1 return seen"))
    for _ in range(2):
        with engine.open(program, Limits()) as session:
            [finish] = session.step(Inbox(0.0, (Start({}, 1, ()),))).requests
            assert finish.value == 1


def test_nothing_of_the_spell_runs_after_a_cancel(open_session):
    source = "pcall(function() local x = probe.a() print('on') end) print('after')"
    session = open_session(source)
    session.step(Inbox(0.0, (Start({}, 1, ("probe",)),)))
    outbox = session.step(Inbox(0.0, (Cancel("enough"), Resolve(1, 1))))
    assert outbox.requests == (Fail(ErrorValue("cancelled", "enough"), from_session=True),)


def test_the_same_inboxes_give_the_same_outboxes(engine):
    source = """
    local t = {} for i = 1, 30 do t['k' .. math.random(1000)] = {tostring(print), i} end
    for k in pairs(t) do print(k) end
    promise.spawn(function() probe.a(t) end)
    return probe.b(function() end, t)
    """
    program = engine.compile(Spell(source))
    inboxes = [Inbox(1.0, (Start({}, 5, ("probe",)),)), Inbox(2.0, (Resolve(1, 1), Resolve(2, {"z": 1, "a": 2})))]
    runs = []
    for _ in range(3):
        with engine.open(program, Limits()) as session:
            runs.append([repr(session.step(inbox)) for inbox in inboxes])
    assert runs[0] == runs[1] == runs[2]
