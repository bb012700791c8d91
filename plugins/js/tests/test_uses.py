"""What the source of a spell uses is read from it, without running it."""

import pytest
from llmspell_js.engine import JsEngine

from llmspell_core.checking import examine
from llmspell_core.spells import Spell
from llmspell_core.uses import UNKNOWN, Missing

BRIDGES = ("fs", "http", "chat_log")
KNOWN = ("print", "Math", "console", "params", "Promise")


def uses(source, **modules):
    files = {f"{name}.js": text for name, text in modules.items()}
    return JsEngine().uses(Spell(source, "a.js", modules=files), BRIDGES, KNOWN)


def calls(source, **modules):
    return [(use.bridge, use.method, use.arguments) for use in uses(source, **modules).calls]


READ = ("fs", "read", ("x",))
UNCLEAR = ("fs", "", None)


@pytest.mark.parametrize(
    "source",
    [
        "fs.read('x')",
        "await fs.read(`x`)",
        "fs?.read?.('x')",
        "fs['read']('x')",
        "(fs).read('x')",
        "const l = fs; l.read('x')",
        "const l = fs, m = l; m.read('x')",
        "const {read} = fs; read('x')",
        "const {read: r} = fs; r('x')",
        "const {read = 1} = fs; read('x')",
        "const read = fs.read; read('x')",
        "const f = require('fs'); f.read('x')",
        "const {read} = require('fs'); read('x')",
        "require('fs').read('x')",
        "(await import('fs')).read('x')",
        "(await import('fs')).default.read('x')",
        "import fs2 from 'fs'; fs2.read('x')",
        "import * as f from 'fs'; f.read('x')",
        "import {read as r} from 'fs'; r('x')",
        "const name = 'x'; fs.read(name)",
        "function go() { return late.read('x') } const late = fs; go()",
        "const go = async () => await fs.read('x'); await go()",
        "class A { static x = 1; async go() { return fs.read('x') } }",
        "const t = {go() { return fs.read('x') }}",
        "try { await fs.read('x') } catch (e) { print(e.kind.x) }",
        "for (const line of await fs.read('x')) print(line)",
        "{ const fs = 1; } fs.read('x')",
        "print(`${await fs.read('x')}`)",
        "export const a = fs.read('x')",
        "export default await fs.read('x')",
    ],
)
def test_a_call_is_found_under_whatever_name(source):
    assert calls(source) == [READ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("chatLog.addAll('x')", [("chat_log", "add_all", ("x",))]),
        ("fs.readJson('x')", [("fs", "read_json", ("x",))]),
        ("fs.read(params.x)", [("fs", "read", (UNKNOWN,))]),
        ("fs.read(`a${1}`)", [("fs", "read", (UNKNOWN,))]),
        ("let a = 'x'; a = params.a; fs.read(a)", [("fs", "read", (UNKNOWN,))]),
        (
            "fs.read('x', {maxBytes: 3, 'n': true, k})",
            [("fs", "read", ("x", {"max_bytes": 3, "n": True, "k": UNKNOWN}))],
        ),
        ("fs.read(['a', null, 1.5])", [("fs", "read", (["a", None, UNKNOWN],))]),
        ("fs.read(...params.all)", [("fs", "read", None)]),
        ("fs.read('x', {...params})", [("fs", "read", ("x", UNKNOWN))]),
    ],
)
def test_arguments_are_known_as_far_as_they_are_written(source, found):
    assert calls(f"const k = params.k; {source}") == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("print(fs)", [UNCLEAR]),
        ("const t = {f: fs}", [UNCLEAR]),
        ("const t = {fs}", [UNCLEAR]),
        ("return fs", [UNCLEAR]),
        ("fs[params.k]('x')", [UNCLEAR]),
        ("let l = fs; l = params.l", [UNCLEAR]),
        ("const {read, ...rest} = fs", [UNCLEAR]),
        ("const {[params.k]: r} = fs", [UNCLEAR]),
        ("print(fs.read)", [("fs", "read", None)]),
        ("['a'].map(fs.read)", [("fs", "read", None)]),
    ],
)
def test_what_only_a_run_can_tell_is_said(source, found):
    assert calls(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "const fs = {}; fs.read('x')",
        "function go(fs) { fs.read('x') }",
        "const go = fs => fs.read('x')",
        "const go = ({fs}) => fs.read('x')",
        "for (const fs of params.all) fs.read('x')",
        "try {} catch (fs) { fs.read('x') }",
        "function fs() {} fs.read('x')",
        "class fs {} fs.read('x')",
        "import fs from './b.js'; fs.read('x')",
        "const t = {fs: 1}; print(t.fs.read)",
        "Math.max(1); console.log(params.a.b); Promise.all([])",
        "// fs.read('x')\nconst s = 'fs.read()'",
        "fs: for (;;) break fs",
        "module.exports.x = 1; exports.y = 2",
    ],
)
def test_what_is_no_bridge_is_not_taken_for_one(source):
    assert calls(source, b="export default 1") == []


def test_a_name_that_nobody_knows_is_told_as_a_bridge():
    assert calls("htp.get('x')") == [("htp", "get", ("x",))]


def test_every_file_is_read_and_places_are_told():
    found = uses(
        "const b = require('./b')\nrequire('nothing')\nimport('json')\nb.go()", b="\n\nmodule.exports = fs.read('x')"
    )
    assert [(use.file, use.line) for use in found.calls] == [("b.js", 3)]
    assert found.missing == (Missing("nothing", "a.js", 2),)


def test_a_source_that_is_wrong_is_read_as_far_as_it_goes():
    assert READ in calls("fs.read('x')\nconst = = 3")


def test_what_is_known_comes_from_the_language():
    source = (
        "console.log(Math.max(1), JSON.stringify({}), new URL('http://x'), json.encode(1), globalThis.x, time.now())"
    )
    check = examine(Spell(f"{source}; setTimeout(() => 1, 2); structuredClone(params)", "a.js"), JsEngine())
    assert (check.ok, check.findings) == (True, ())


def test_what_the_language_adds_to_a_bridge_is_no_use_of_the_bridge():
    source = "print(time.now(), json.encode(1)); await time.format(0); await json.lint()"
    found = JsEngine().uses(Spell(source, "a.js"), ("time", "json"), KNOWN)
    assert [(use.bridge, use.method) for use in found.calls] == [("time", "format"), ("json", "lint")]
