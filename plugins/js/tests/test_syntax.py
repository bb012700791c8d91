"""What compile says of source."""

from __future__ import annotations

import pytest

from llmspell_core.errors import IncompleteSource, SpellSyntaxError
from llmspell_core.spells import Spell


@pytest.mark.parametrize(
    "source",
    ["if (x) {", "foo(", "`abc", "`a${b", "let x =", "[1,", "/* open", "class A {", "() =>", 'import x from "y"\nfoo('],
)
def test_source_that_ends_too_early_is_incomplete(engine, source):
    with pytest.raises(IncompleteSource):
        engine.compile(Spell(source, "spell.js"))


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("let x = ;", 1),
        ("let a\n  let y = foo(;\n", 2),
        ("a b", 1),
        ("let a = 1\n}\nfoo", 2),
        ("}}, function(){{", 1),
        ("} function g(){", 1),
        ("'abc", 1),
        ("/abc", 1),
        ("with (a) {}", 1),
        ('import x from "y"\nlet z = ;', 2),
        ('import x from "y"\nreturn 1', 2),
        ("#!/usr/bin/env llmspell\nlet = 1", 2),
        ("let a = 1\nlet a = 2\nfoo", 2),
    ],
)
def test_wrong_source_is_told_with_its_line(engine, source, line):
    with pytest.raises(SpellSyntaxError) as caught:
        engine.compile(Spell(source, "spell.js"))

    assert not isinstance(caught.value, IncompleteSource)
    assert (caught.value.file, caught.value.line) == ("spell.js", line)


def test_a_wrong_file_beside_the_spell_is_told_by_its_name(engine):
    with pytest.raises(SpellSyntaxError) as caught:
        engine.compile(Spell("return 1", "spell.js", modules={"lib/bad.js": "\na b", "notes.txt": "a b"}))

    assert (caught.value.file, caught.value.line) == ("lib/bad.js", 2)


def test_compiling_runs_nothing(engine):
    program = engine.compile(Spell("for (;;);", "spell.js"))

    assert list(program.files) == ["spell.js"]


@pytest.mark.parametrize(
    "source",
    [
        "const module = 1, exports = 2, require = 3; return module",
        "return await probe.echo(1) // end",
        "",
        "// only",
        "#!shebang",
    ],
)
def test_right_source_is_taken(engine, source):
    assert engine.compile(Spell(source, "spell.js")).entry == "spell.js"


def test_method_names_are_spelled_in_camel_case(engine):
    assert [engine.binding_name(name) for name in ("chat_session", "get", "utf_8", "_x")] == [
        "chatSession",
        "get",
        "utf_8",
        "_x",
    ]
