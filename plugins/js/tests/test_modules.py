"""ES modules and CommonJS: the program links its files itself."""

from __future__ import annotations

import pytest
from llmspell_js.modules import rewrite


def test_an_imported_binding_is_live(value):
    counter = "export let n = 1\nexport function inc() { n++ }\n"
    source = 'import {n, inc} from "./counter.js"\nconst before = n\ninc()\nexport default [before, n]'

    assert value(source, modules={"counter.js": counter}) == [1, 2]


@pytest.mark.parametrize(
    "shadow",
    [
        "function f(n) { return n } const got = f(9)",
        "let got; { const n = 9; got = n }",
        "let got; for (const n of [9]) got = n",
        "let got; for (let n = 9; n < 10; n++) got = n",
        "let got; try { throw 9 } catch (n) { got = n }",
        "const f = ({a: {n}}) => n; const got = f({a: {n: 9}})",
        "const f = (n = 9) => { var m = n; return m }; const got = f()",
        "const got = (function () { if (true) { var n = 9 } return n })()",
        "const got = (class n { static v = 9 }).v",
        "const {n: got} = {n: 9}",
        "const got = ({n: 9}).n",
        "const got = [9].map(n => n)[0]",
    ],
)
def test_a_declaration_of_the_same_name_shadows_an_import(value, shadow):
    source = f'import {{n}} from "./one.js"\n{shadow}\nexport default [got, n]'

    assert value(source, modules={"one.js": "export const n = 1"}) == [9, 1]


def test_an_import_may_stand_in_every_place_an_expression_may(value):
    source = """import {n, f, C} from "./lib.js"
let line = 1
f()
if (n) f(); else f()
const tagged = f`x${n}`
export default [{n}, {n: n}, `${n}`, [...[n]], f(n), new C(n).v, f.call(5), typeof n, ((x = n) => x)(), tagged]
"""
    lib = (
        "export const n = 1\nexport function f(a) { return this === undefined ? a : +this }\n"
        "export class C { constructor(v) { this.v = v } }"
    )

    assert value(source, modules={"lib.js": lib}) == [{"n": 1}, {"n": 1}, "1", [1], 1, 1, 5, "number", 1, ["x", ""]]


def test_all_forms_of_export_reach_their_importer(value):
    modules = {
        "m.js": 'export * from "./n.js"\nexport {y as why} from "./n.js"\nexport * as inner from "./o.js"\n'
        "export default class {}\nconst {a, b: [c]} = {a: 1, b: [2]}\nexport {a, c as sea, a as 'odd name'}\n"
        "export async function f() { return 3 }\nexport const [p, ...q] = [4, 5]",
        "n.js": "export const x = 10, y = 20\nexport default 'not passed on'",
        "o.js": "export const z = 30",
    }
    source = """import * as all from "./m.js"
import D, {x, why, inner, sea, 'odd name' as odd, f} from "./m.js"
export default [Object.keys(all), typeof D, x, why, inner.z, sea, odd, await f(), all.p, all.q]
"""
    names = ["a", "default", "f", "inner", "odd name", "p", "q", "sea", "why", "x", "y"]

    assert value(source, modules=modules) == [names, "function", 10, 20, 30, 2, 1, 3, 4, [5]]


def test_comments_may_stand_among_what_is_imported_and_exported(value):
    modules = {
        "m.js": "const a = 1, b = 2\nexport { // first\n  a, /* then */ b // last\n}\nexport default /* this */ 3"
    }
    source = 'import /* x */ d /* y */, { // z\n  a, /* and */ b\n} /* all */ from "./m.js"\nexport default [a, b, d]'

    assert value(source, modules=modules) == [1, 2, 3]


def test_a_module_may_be_what_another_exports_by_default(value):
    modules = {"m.js": 'export * as default from "./n.js"', "n.js": "export const x = 10"}

    assert value('import n from "./m.js"\nexport default n.x', modules=modules) == 10


def test_functions_of_a_cycle_are_there_before_either_module_has_run(value):
    modules = {
        "even.js": 'import {odd} from "./odd.js"\nexport function even(n) { return n === 0 || odd(n - 1) }',
        "odd.js": 'import {even} from "./even.js"\nexport function odd(n) { return n !== 0 && even(n - 1) }\n'
        "export const early = even(2)",
    }

    assert value(
        'import {even} from "./even.js"\nimport {early} from "./odd.js"\nexport default [even(7), early]',
        modules=modules,
    ) == [False, True]


def test_a_binding_of_a_cycle_is_in_its_dead_zone_until_it_is_set(error):
    failed = error(
        'import "./b.js"\nexport const a = 1', modules={"b.js": 'import {a} from "./spell.js"\nexport const b = a'}
    )

    assert failed.message.startswith("ReferenceError: a is not initialized")


def test_a_module_may_wait_at_its_top_level(value):
    modules = {"slow.js": "await sleep(1)\nexport const v = await probe.echo(41)"}

    assert value('import {v} from "./slow.js"\nexport default v + 1', modules=modules) == 42


@pytest.mark.parametrize("awaited", ["(probe.echo(41))", "(async () => 41)()", "(await probe.echo([41]))[0]"])
def test_a_module_may_wait_for_what_is_in_parentheses(value, awaited):
    modules = {"slow.js": f"export const v = await {awaited}"}

    assert value('import {v} from "./slow.js"\nexport default v + 1', modules=modules) == 42


def test_modules_run_once_and_dependencies_first(play):
    modules = {
        "a.js": 'import "./c.js"\nprint("a")',
        "b.js": 'import "./c.js"\nprint("b")',
        "c.js": 'print("c")\nexport {}',
    }

    assert play('import "./a.js"\nimport "./b.js"\nprint("main")', modules=modules).printed == [
        "c\n",
        "a\n",
        "b\n",
        "main\n",
    ]


def test_import_as_a_function_gives_the_namespace(value):
    source = 'const m = await import("./a.js")\nreturn [m.n, m.default, m === await import("./a.js")]'

    assert value(source, modules={"a.js": "export const n = 1\nexport default import.meta.url"}) == [
        1,
        "file:///a.js",
        True,
    ]


def test_an_import_cannot_be_assigned(error):
    failed = error('import {n} from "./a.js"\nn = 2', modules={"a.js": "export let n = 1"})

    assert (failed.message.startswith("TypeError"), failed.line) == (True, 2)


def test_a_missing_export_is_told_where_it_is_imported(error):
    failed = error('\nimport {nope} from "./a.js"', modules={"a.js": "export const n = 1"})

    assert failed.message == 'SyntaxError: the module a.js has no export named "nope"'
    assert (failed.file, failed.line) == ("spell.js", 2)


def test_a_missing_file_is_told_where_it_is_imported(error):
    failed = error('\n\nimport "./nope.js"', modules={"a.js": ""})

    assert (failed.file, failed.line) == ("spell.js", 3)
    assert "'./nope.js'" in failed.message


@pytest.mark.parametrize(("name", "said"), [("undefined", "undefined"), ("Symbol('a')", "symbol"), ("{}", "object")])
def test_what_is_no_name_of_a_module_is_told(error, name, said):
    assert error(f"require({name})").message == f"a module's name is text, not {said}"


def test_an_error_in_an_imported_file_has_its_file_and_line(error):
    failed = error(
        '\nimport {f} from "./lib/bad.js"\n\nf()', modules={"lib/bad.js": "export function f() {\n  null.x\n}"}
    )

    assert (failed.file, failed.line) == ("lib/bad.js", 2)
    assert failed.traceback.splitlines()[1].endswith("(spell.js:4)")


def test_bridges_and_built_in_modules_are_imported_by_name(value):
    source = """import probe, {echo} from "probe"
import * as tools from "tool_box"
import {encode} from "json"
export default [await echo(1), await probe.echo(2), await tools.any(3), encode([4]), require("toolBox") === toolBox]
"""

    assert value(source) == [1, 2, 3, "[4]", True]


def test_require_finds_files_as_people_write_them(value):
    modules = {
        "sum.js": "exports.add = (a, b) => a + b",
        "facts.json": '{"a": [1, null]}',
        "lib/words.js": 'module.exports = require("./deep/one")',
        "lib/deep/one.js": 'module.exports = require("../two").two',
        "lib/two/index.js": "exports.two = __name()\nfunction __name() { return 'two' }",
    }

    assert value('return [require("./sum").add(1, 2), require("facts.json"), require("words")]', modules=modules) == [
        3,
        {"a": [1, None]},
        "two",
    ]


def test_a_cycle_of_require_sees_what_is_exported_so_far(value):
    modules = {
        "a.js": 'exports.early = 1\nexports.seen = require("./b").seen\nexports.late = 2',
        "b.js": 'const a = require("./a")\nexports.seen = [a.early, a.late ?? null]',
    }

    assert value('return require("./a").seen', modules=modules) == [1, None]


def test_modules_and_scripts_use_each_other(value):
    modules = {"old.cjs": "module.exports = {k: 4}", "new.mjs": "export const k = 5"}

    assert value(
        'import old, {k} from "./old.cjs"\nexport default [old.k, k, require("./new.mjs").k]', modules=modules
    ) == [4, 4, 5]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "lib/../../secret", "file:///etc/passwd"])
def test_nothing_outside_the_folder_is_found(error, name):
    assert "no module" in error(f'return require("{name}")', modules={"a.js": ""}).message


def test_rewriting_keeps_every_line():
    source = 'import {\n  a,\n  b,\n} from "./x.js"\n\nexport default\n  a()\nexport {\n  b\n}\nlast\n'

    changed = rewrite({"m.js": source}, {"m.js": "module"})["m.js"].source

    assert [line for line in changed.split("\n") if "last" in line] == ["last"]
    assert changed.split("\n").index("last") == source.split("\n").index("last")


@pytest.mark.parametrize("form", ["async function main({n})", "async ({n}) =>", "function ({n})"])
def test_a_function_that_the_entry_exports_as_its_default_is_called_with_the_parameters(value, form):
    source = f"export default {form} {{\n  return [n, params.n, probe.echo(1) instanceof Promise]\n}}"

    assert value(source, params={"n": 3}) == [3, 3, True]


def test_a_failure_of_that_function_is_the_spells(error):
    failed = error('export default async () => {\n  await probe.echo(1)\n  throw new Error("boom")\n}')

    assert (failed.message, failed.line) == ("boom", 3)


def test_a_function_that_another_file_exports_as_its_default_is_not_called(value):
    source = 'import f from "./f.js"\nexport default typeof f'

    assert value(source, modules={"f.js": "export default function () { throw new Error('called') }"}) == "function"
