"""Which engine runs a spell."""

from __future__ import annotations

import pytest

from llmspell_core import router
from llmspell_core.engine import EngineInfo
from llmspell_core.errors import BrokenPlugin, NotInstalled, UsageError
from llmspell_core.router import route
from llmspell_core.spells import Manifest, Spell

INFOS = {
    "js": EngineInfo("js", "javascript", "1", (".js", ".mjs"), "//"),
    "lua": EngineInfo("lua", "lua", "5.4", (".lua",), "--"),
    "lua55": EngineInfo("lua55", "lua", "5.5", (".lua",), "--"),
}


@pytest.fixture(autouse=True)
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Install ``js``, ``lua``, ``lua55`` and ``bad``, which is broken; say which were imported."""
    seen: list[str] = []

    def engine_class(name: str) -> type:
        seen.append(name)
        if name == "bad":
            raise BrokenPlugin("engine", "bad", "no", "reinstall it")
        return type("Some", (), {"info": INFOS[name]})

    monkeypatch.setattr(router, "engine_names", lambda: ["bad", *INFOS])
    monkeypatch.setattr(router, "engine_class", engine_class)
    return seen


def test_the_callers_word_comes_first() -> None:
    spell = Spell("#!/usr/bin/lua", "a.js", Manifest(engine="js"))
    assert route(spell, "lua55") == "lua55"


def test_the_manifest_comes_before_shebang_and_extension() -> None:
    assert route(Spell("#!/usr/bin/lua", "a.lua", Manifest(engine="js"))) == "js"


@pytest.mark.parametrize(
    ("shebang", "engine"),
    [
        ("#!/usr/bin/env -S llmspell run -e lua", "lua"),
        ("#!/usr/bin/env -S llmspell run --engine=lua55 --seed 1", "lua55"),
        ("#!/usr/bin/llmspell run -e javascript", "js"),
        ("#!/usr/bin/lua", "lua"),
        ("#! /usr/local/bin/lua5.4", "lua"),
        ("#!/usr/bin/env lua55", "lua55"),
        ("#!/usr/bin/env -S LANG=C node --flag", "js"),
        ("#!/usr/bin/env -S llmspell run", "js"),
        ("#!/usr/bin/wand", "js"),
        ("#!", "js"),
    ],
)
def test_the_shebang_comes_before_the_extension_if_it_says_anything(shebang: str, engine: str) -> None:
    assert route(Spell(f"{shebang}\nreturn 1", "a.mjs")) == engine


def test_an_engine_named_like_the_extension_is_found_without_importing_any(loaded: list[str]) -> None:
    assert route(Spell("", "a.LUA")) == "lua"
    assert loaded == []


def test_other_extensions_are_asked_of_the_engines_and_a_broken_one_is_passed_over(loaded: list[str]) -> None:
    assert route(Spell("", "a.mjs")) == "js"
    assert loaded == ["bad", "js"]


def test_a_language_stands_for_its_first_engine() -> None:
    assert route(Spell(""), "JavaScript") == "js"


def test_an_engine_that_is_not_installed_is_told_with_those_that_are() -> None:
    with pytest.raises(NotInstalled, match=r"no engine named 'tengo' is installed \(installed: bad, js, lua, lua55\)"):
        route(Spell(""), "tengo")
    with pytest.raises(NotInstalled, match="lua51"):
        route(Spell(""), "lua51")
    with pytest.raises(NotInstalled, match="tengo"):
        route(Spell("", "a.lua", Manifest(engine="tengo")))


@pytest.mark.parametrize(
    ("spell", "said"),
    [
        (Spell("x", "a.foo"), "of 'a.foo': it has no shebang, no installed engine has the extension '.foo'; name"),
        (Spell("#!/bin/wand"), "of 'spell': the shebang names 'wand', its name has no extension; name the engine"),
    ],
)
def test_a_spell_of_no_known_language_is_told_what_was_tried(spell: Spell, said: str) -> None:
    with pytest.raises(UsageError, match=f"cannot tell the language {said}.*--engine"):
        route(spell)


def test_where_nothing_is_installed_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "engine_names", list)
    with pytest.raises(UsageError, match="install llmspell-lua or llmspell-js"):
        route(Spell("", "a.lua"))
