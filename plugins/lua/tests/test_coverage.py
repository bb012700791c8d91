"""Which lines run, as the VM's hook sees them, and which could."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_lua.statements import find_statements

from llmspell_core.engine import Feature
from llmspell_core.limits import Limits
from llmspell_core.protocol import Fail, Finish, Inbox, Ran, Start
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmspell_core.engine import Engine

Covered = "tuple[Any, dict[str, list[int]]]"


@pytest.fixture
def cover(engine: Engine) -> Iterator[Callable[..., Covered]]:
    """Return a function that runs one step of a spell, and gives its last request and the lines that ran by file."""

    def cover(source: str, *, limits: Limits | None = None, **modules: str) -> Covered:
        files = {f"{name}.lua": text for name, text in modules.items()}
        program = engine.cover(Spell(source, "main.lua", modules=files))
        with engine.open(program, limits or Limits()) as session:
            requests = session.step(Inbox(0.0, (Start({}, 1, ("probe",)),))).requests
        ran: dict[str, list[int]] = {}
        for request in requests:
            if isinstance(request, Ran):
                ran.setdefault(request.file, []).extend(request.lines)
        return requests[-1], ran

    yield cover
    engine.close()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("local a\nlocal b, c = nil, nil\nlocal d = 1", {3: 3}),
        ("local a <const> = 5\nlocal b <const> = -2 * (3 + 1)\nlocal c <const> = f()", {3: 3}),
        ("for i = 1, 3 do\n  if i == 2 then\n    break\n  end\nend", {1: 5, 2: 4}),
        ("if a then\n  b()\nelseif c then\n  d()\nelse\n  e()\nend", {1: 7, 2: 2, 3: 4, 4: 4, 6: 6}),
        ("do\n  a()\nend\n::here::\n;\ngoto here", {2: 2, 6: 6}),
        ("a() b({\n  1,\n})", {1: 3}),
        ("return {\n  f = function()\n    g()\n  end,\n}", {1: 5, 3: 3}),
        ("-- nothing\n--[[\na()\n]]", {}),
        ("return 'ü',\n  [[\nend\n]]", {1: 4}),
    ],
)
def test_a_statement_is_found_where_code_is_made_of_it(source: str, found: dict[int, int]) -> None:
    assert find_statements(source) == found


def test_lines_are_those_of_the_file_also_below_a_first_line_mark(engine: Engine) -> None:
    assert engine.statements("#!/usr/bin/llmspell\nlocal x = 1\n") == {2: 2}


def test_nothing_is_told_of_a_spell_that_is_not_covered(engine: Engine) -> None:
    with engine.open(engine.compile(Spell("return 1")), Limits()) as session:
        assert session.step(Inbox(0.0, (Start({}, 1, ()),))).requests == (Finish(1),)


@pytest.mark.parametrize("limits", [Limits.unbounded(), Limits(), Limits(instructions=10**6)])
def test_lines_are_told_whatever_is_bounded(cover: Callable[..., Covered], limits: Limits) -> None:
    end, ran = cover("local x = 1\nif x > 1 then\n  x = 2\nend\nreturn x", limits=limits)
    assert end == Finish(1)
    assert set(ran["main.lua"]) == {1, 2, 5}


@pytest.mark.parametrize(
    "source",
    [
        "local x = 1\nwhile true do\n  x = x + 1\nend",
        "local x = 1\nwhile true do\n  pcall(function() while true do end end)\nend",
        "local x = 1\nlocal co = coroutine.wrap(function()\n  while true do end end)\nco()",
    ],
)
def test_a_limit_strikes_as_ever_and_the_lines_before_are_told(cover: Callable[..., Covered], source: str) -> None:
    end, ran = cover(source, limits=Limits(instructions=50_000))
    assert isinstance(end, Fail)
    assert (end.error.data["limit"], end.from_session) == ("instructions", True)
    assert {1, 3} <= set(ran["main.lua"])


def test_a_line_counts_for_some_instructions(cover: Callable[..., Covered]) -> None:
    end, _ = cover("local x = 0\nfor i = 1, 100 do\n  x = x + i\nend\nreturn x", limits=Limits(instructions=2_000))
    assert end == Finish(5050)
    end, _ = cover("local x = 0\nfor i = 1, 1e9 do\n  x = x + i\nend\nreturn x", limits=Limits(instructions=2_000))
    assert end.error.data == {"limit": "instructions", "allowed": 2_000, "used": 3_000}


def test_memory_and_depth_are_bounded_as_ever(engine: Engine, cover: Callable[..., Covered]) -> None:
    end, ran = cover("local function f()\n  return 1 + f()\nend\nf()", limits=Limits(stack=200_000))
    assert end.error.data["limit"] == "stack"
    assert {2, 4} <= set(ran["main.lua"])
    if Feature.MEMORY_LIMIT in engine.info.features:
        source = "local t = {}\nwhile true do\n  t[#t + 1] = {#t}\nend"
        end, _ = cover(source, limits=Limits(memory=2**21))
        assert end.error.data["limit"] == "memory"


def test_code_that_a_spell_makes_is_none_of_its_files(cover: Callable[..., Covered]) -> None:
    end, ran = cover("local f = load('\\n\\n\\n\\nreturn 1', '@main.lua')\nload('return 2', '@none.lua')()\nreturn f()")
    assert end == Finish(1)
    assert ran == {"main.lua": [1, 2, 3]}


def test_a_file_that_nobody_requires_is_not_told_of(cover: Callable[..., Covered]) -> None:
    _, ran = cover("require('used')", used="return\n  5", other="return 6")
    assert ran == {"main.lua": [1], "used.lua": [2]}
