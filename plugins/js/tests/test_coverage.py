"""Which statements run, as they tell themselves, and what they leave as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from llmspell_js.statements import find_statements

from llmspell_core.limits import Limits
from llmspell_core.protocol import Fail, Finish, Inbox, Ran, Resolve, Start
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_js.engine import JsEngine

Covered = "tuple[Any, dict[str, list[int]]]"


@pytest.fixture
def cover(engine: JsEngine) -> Callable[..., Covered]:
    """Return a function that runs one step of a spell, and gives its last request and the lines that ran by file."""

    def cover(source: str, *, limits: Limits | None = None, **modules: str) -> Covered:
        files = {f"{name}.js": text for name, text in modules.items()}
        program = engine.cover(Spell(source, "main.js", modules=files))
        with engine.open(program, limits or Limits(cpu=5.0)) as session:
            requests = session.step(Inbox(0.0, (Start({}, 1, ("probe",)),))).requests
        ran: dict[str, list[int]] = {}
        for request in requests:
            if isinstance(request, Ran):
                ran.setdefault(request.file, []).extend(request.lines)
        return requests[-1], ran

    return cover


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"use strict"\nlet a\nfunction f() {\n  return 1\n}', {2: 2, 4: 4}),
        ("if (a)\n  b()\nelse if (c)\n  d()\nelse\n  e()", {1: 6, 2: 2, 3: 6, 4: 4, 6: 6}),
        ("for (let i = 0; i < 2; i++) a()\nfor (const x of y)\n  b()", {1: 1, 2: 3, 3: 3}),
        ("outer: for (;;)\n  continue outer", {1: 2, 2: 2}),
        ("switch (x) {\n  case 1:\n    a()\n  default: b()\n}", {1: 5, 3: 3, 4: 4}),
        ("try {\n  a()\n} catch {\n  b()\n} finally {\n  c()\n}", {1: 7, 2: 2, 4: 4, 6: 6}),
        ('import x from "x"\nexport const a = 1\nexport { a as b }\nexport default class {}', {2: 2, 4: 4}),
        ("export default function () {\n  a()\n}\n;", {2: 2}),
        ("a(); b({\n  c: 1,\n})", {1: 3}),
        ("let x = `\n${y}\n`\n// nothing", {1: 3}),
        ("let = = 5", {}),
    ],
)
def test_a_statement_is_found_where_it_runs(source: str, found: dict[int, int]) -> None:
    assert find_statements(source) == found


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("let x = 1\nif (x > 1) x = 5; else x = 2\nreturn x", 2),
        ("let x = 0\nif (x)\n  x = 1\nelse if (!x)\n  if (x === 0) x = 7\n  else x = 8\nreturn x", 7),
        ("let n = 0\ndo n++; while (n < 3)\nfor (const k in {a: 1}) n += k.length\nreturn n", 4),
        ("let n = 0\nouter: for (let i = 0; i < 3; i++) for (;;) { n++; continue outer }\nreturn n", 3),
        ("let n = 0\nlabel: { n = 1; break label; n = 2 }\nreturn n", 1),
        ("switch (2) { case 1: return 1; case 2: let a = 3; return a }", 3),
        ("class A { static n = 1; static { this.n = 4 } get x() { return A.n } }\nreturn new A().x", 4),
        ("const f = function named() { return named.name }\nreturn f()", "named"),
        ("const f = () => 5, g = () => ({ a: f() })\nreturn g().a", 5),
        ("let a = 1\n;[a] = [6]\n;(() => { a += 1 })()\nreturn a", 7),
        ("const a = 1\nvar b = a\n++b\nreturn b", 2),
        ("try { throw 1 } catch { return 2 } finally { 3 }", 2),
        ("try { null.x } catch ({ message }) { return message.length > 0 }", True),
        ("async function f() { return 8 }\nf()\nreturn await f()", 8),
        ("return eval('if (true) 9')", 9),
        ('return (function () { "use strict"; return this })() === undefined', True),
        ('const { a } = require("mod")\nreturn a()', 3),
        ('const { default: d, b } = await import("mod")\nreturn d + b', 12),
        ("let a = 1\nif (a) a = 2 // not a brace\nreturn a", 2),
        (
            "async function f(){}const s=[];if(1)try{s.push(1)}catch{}f();"
            "for(const x of[2])if(x){s.push(x)}f();return s",
            [1, 2],
        ),
    ],
)
def test_a_spell_does_what_it_does_without(engine: JsEngine, source: str, value: Any) -> None:
    module = "export let b = 2\nexport default 10\nexport function a() {\n  if (b) return c\n}\nconst c = 3\n"
    spell = Spell(
        source, "main.js", modules={"mod.js": f"{module}export * from './two'", "two.js": "export const t = 1"}
    )
    for program in (engine.compile(spell), engine.cover(spell)):
        with engine.open(program, Limits(cpu=5.0)) as session:
            assert session.step(Inbox(0.0, (Start({}, 1, ()),))).requests[-1] == Finish(value)


def test_an_error_is_told_as_it_is_without(engine: JsEngine, cover: Callable[..., Covered]) -> None:
    source, words = 'const w = require("words")\n\nw()', "module.exports = function cry() {\n  throw new Error('no')\n}"
    end, ran = cover(source, words=words)
    program = engine.compile(Spell(source, "main.js", modules={"words.js": words}))
    with engine.open(program, Limits(cpu=5.0)) as session:
        assert session.step(Inbox(0.0, (Start({}, 1, ("probe",)),))).requests == (end,)
    assert (end.error.file, end.error.line) == ("words.js", 2)
    assert ran == {"main.js": [1, 3], "words.js": [1, 2]}


def test_nothing_is_told_of_a_spell_that_is_not_covered(engine: JsEngine) -> None:
    with engine.open(engine.compile(Spell("return 1")), Limits()) as session:
        assert session.step(Inbox(0.0, (Start({}, 1, ()),))).requests == (Finish(1),)


def test_a_line_is_told_in_the_step_in_which_it_first_runs(engine: JsEngine) -> None:
    program = engine.cover(Spell("let n = 0\nwhile (n < 2) {\n  n += 1\n  await sleep(1)\n}\nreturn n", "main.js"))
    with engine.open(program, Limits()) as session:
        first = session.step(Inbox(0.0, (Start({}, 1, ()),))).requests
        second = session.step(Inbox(1.0, (Resolve(1, None),))).requests
        third = session.step(Inbox(2.0, (Resolve(2, None),))).requests
    assert first[0] == Ran("main.js", (1, 2, 3, 4))
    assert not any(isinstance(request, Ran) for request in second)
    assert third == (Ran("main.js", (6,)), Finish(2))


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("let n = 0\nfor (;;) {\n  n += 1\n}", "cpu"),
        ("let n = 0\nfor (;;) {\n  try { for (;;) n += 1 } catch {}\n}", "cpu"),
        ("const all = []\nfor (;;) {\n  all.push(new Array(1000).fill(7))\n}", "memory"),
    ],
)
def test_a_limit_strikes_as_ever_and_the_lines_before_are_told(
    cover: Callable[..., Covered], source: str, limit: str
) -> None:
    end, ran = cover(source, limits=Limits(cpu=0.2, memory=16 * 2**20))
    assert isinstance(end, Fail)
    assert (end.error.data["limit"], end.from_session) == (limit, True)
    assert ran == {"main.js": [1, 2, 3]}


def test_what_waits_in_vain_is_told_with_its_lines(cover: Callable[..., Covered]) -> None:
    end, ran = cover("const never = new Promise(() => {})\nconst token = 1\nawait never\nreturn 1")
    assert end.error.kind == "deadlock"
    assert "main.js:3" in end.error.message
    assert ran == {"main.js": [1, 2, 3]}


def test_no_spell_gets_hold_of_what_its_statements_write_to(cover: Callable[..., Covered]) -> None:
    end, ran = cover("const $$ran = 5\nreturn typeof $$ran + $$ran")
    assert end == Finish("number5")
    assert ran == {"main.js": [1, 2]}
