"""What people write who come from other languages is told with how Lua writes it."""

from __future__ import annotations

import pytest
from llmspell_lua.engine import LuaEngine, LuaJitEngine

from llmspell_core.errors import SpellSyntaxError
from llmspell_core.spells import Spell


@pytest.fixture(params=[LuaEngine, LuaJitEngine], ids=["lua", "luajit"])
def problem(request):
    engine = request.param()

    def problem(source: str) -> SpellSyntaxError:
        with pytest.raises(SpellSyntaxError) as failed:
            engine.compile(Spell.text(source))
        return failed.value

    yield problem
    engine.close()


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("if a != 2 then end", "for != Lua writes ~="),
        ("if !a then end", "for ! Lua writes not"),
        ("if a && b then end", "for && Lua writes and"),
        ("if a || b then end", "for || Lua writes or"),
        ("local b = a ?? 1", "for ?? Lua writes or"),
        ("local b = a == 1 ? 'x' : 'y'", "for ? Lua writes condition and value or other"),
        ("a += 1", "Lua has no +=: a = a + b"),
        ("a ..= 'x'", "Lua has no ..=: a = a .. b"),
        ("a++", "for ++ Lua writes n = n + 1"),
        ("// a comment", "for // Lua writes -- before a comment"),
        ("const b = 1", "Lua declares with local"),
        ("let b = 1", "Lua declares with local"),
        (
            "for i = 1, 3 do if i == 2 then continue end end",
            "Lua has no continue: goto next_one, with ::next_one:: at the end of the loop",
        ),
    ],
)
def test_a_habit_is_told_with_its_cure(problem, line, cure):
    failed = problem(f"local a = 1\n{line}\nreturn a")

    assert str(failed).endswith(f"; {cure}")


def test_an_escape_of_other_languages_patterns_is_told_with_lua_s(problem):
    assert "patterns are written with %, as %d" in str(problem("return ('a1'):match('\\d+')"))


@pytest.mark.parametrize(
    "line", ["local b = = 1", "print('a != b' c)", "local b = 1 1 -- a += 1", "goto continue x = = 1"]
)
def test_nothing_is_told_of_other_mistakes(problem, line):
    assert ";" not in str(problem(f"{line}\nreturn 1"))
