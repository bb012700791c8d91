"""What compile says of source."""

from __future__ import annotations

import pytest
from llmspell_js.silent import async_names, may_float

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


WRONG = {"good.js": "exports.x = 1", "broken.js": "export const = ", "unclosed.js": "\nfunction f( {", "bad.json": "{1"}


def test_a_lone_surrogate_is_a_syntax_error(engine):
    with pytest.raises(SpellSyntaxError, match="a lone surrogate") as wrong:
        engine.compile(Spell("const a = 1;\nreturn '\ud800'", "spell.js"))
    assert (wrong.value.file, wrong.value.line) == ("spell.js", 2)


@pytest.mark.parametrize(
    "source",
    ['import {x} from "./good.js"\nexport default x', 'return require("./good.js").x'],
    ids=["module", "plain"],
)
def test_a_wrong_file_that_the_spell_does_not_use_does_no_harm(value, source):
    assert value(source, modules={**WRONG, "also.js": 'import "./broken.js"'}) == 1


@pytest.mark.parametrize("take", ["require", "await import"])
@pytest.mark.parametrize(
    ("file", "kind", "line"), [("broken.js", "syntax", 1), ("unclosed.js", "incomplete", 2), ("bad.json", "syntax", 1)]
)
def test_a_wrong_file_fails_where_it_is_required(value, take, file, kind, line):
    source = f'try {{ {take}("./{file}") }} catch (e) {{ return [e.kind, e.file, e.line] }}'

    assert value(source, modules=WRONG) == [kind, file, line]


def test_a_wrong_file_fails_each_time_it_is_required(value):
    source = """const kinds = []
for (let i = 0; i < 2; i++) try { require("./broken.js") } catch (e) { kinds.push(e.kind) }
return kinds"""

    assert value(source, modules=WRONG) == ["syntax", "syntax"]


def test_an_uncaught_wrong_file_fails_the_run_with_its_place(error):
    failed = error('\n\nrequire("./unclosed.js")', modules=WRONG)

    assert (failed.kind, failed.file, failed.line) == ("incomplete", "unclosed.js", 2)


@pytest.mark.parametrize(
    "source", ['import "./broken.js"', 'export * from "broken"', 'import "./also.js"', 'import x from "../broken.js"']
)
def test_a_wrong_file_that_is_imported_by_declaration_is_told_by_its_name(engine, source):
    modules = {
        "lib/broken.js": "\na b",
        "broken.js": "\na b",
        "lib/also.js": 'export {x} from "../broken"',
        "notes.txt": "a b",
    }

    with pytest.raises(SpellSyntaxError) as caught:
        engine.compile(Spell(source, "lib/spell.js", modules=modules))

    assert (caught.value.file.removeprefix("lib/"), caught.value.line) == ("broken.js", 2)


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


def test_a_module_that_returns_is_told_what_its_value_is(engine):
    with pytest.raises(SpellSyntaxError, match="a module, whose value is its `export default`") as wrong:
        engine.compile(Spell("import words from './words.js';\nreturn 1", "spell.js", modules={"words.js": ""}))
    assert wrong.value.line == 2


@pytest.mark.parametrize("long", [f"const s = '{'a' * 200_000}'", "\n" * 200_000, f"const s = '{'(' * 200_000}'"])
def test_a_source_with_long_words_or_many_empty_lines_is_read_in_the_time_it_is_long(long):
    source = f"const f = async () => 1\n{long}\nf()"
    assert async_names([source]) == {"f"}
    assert may_float(source, {"f"})
    assert not may_float(long, frozenset())


@pytest.mark.parametrize(
    "line",
    [
        "const n: number = 1",
        "interface Item { name: string }",
        "type Name = string",
        "function f(a: string, b?: number) { return a }",
        "const f = (a): string => a",
        "const a = [1] as const",
    ],
)
def test_types_of_typescript_are_told_as_such(engine, line):
    with pytest.raises(
        SpellSyntaxError, match=r"; a spell is JavaScript: leave the types of TypeScript out$"
    ) as failed:
        engine.compile(Spell.text(f"\n{line}\nreturn 1"))
    assert failed.value.line == 2


def test_other_mistakes_are_not_told_as_types(engine):
    with pytest.raises(SpellSyntaxError) as failed:
        engine.compile(Spell.text("const o = { a: f(1) ? g(2) : h };;; const = 1"))
    assert "TypeScript" not in str(failed.value)
