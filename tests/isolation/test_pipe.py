"""A spell in a process of its own does what it does in the caller's process."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import ANY

import pytest

from llmspell_core.errors import LimitExceeded, NotInstalled
from llmspell_core.limits import Limits
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

LANGUAGES = ["lua", "js"]
SPELLS: dict[str, dict[str, str]] = {
    "value": {"lua": "return params.n * 2", "js": "return params.n * 2"},
    "print": {"lua": "print('a', 1)\nprint('b')", "js": "console.log('a', 1)\nconsole.log('b')"},
    "echo": {"lua": "return probe.echo(params.x)", "js": "return await probe.echo(params.x)"},
    "callback": {
        "lua": "return probe.each(function(n) return probe.echo(n) * 2 end, {1, 2, 3})",
        "js": "return await probe.each(async n => await probe.echo(n) * 2, [1, 2, 3])",
    },
    "handle": {
        "lua": "local c = probe.counter()\nc:incr()\nreturn c:incr(5)",
        "js": "const c = await probe.counter()\nawait c.incr()\nreturn await c.incr(5)",
    },
    "rejection": {"lua": "\n\nprobe.fail()", "js": "\n\nawait probe.fail()"},
    "error": {"lua": "local x = 1\nerror('no')", "js": "const x = 1\nthrow new Error('no')"},
    "syntax": {"lua": "local x = 1\nlocal = 2", "js": "const x = 1\nconst = 2"},
    "incomplete": {"lua": "if true then", "js": "if (true) {"},
    "unknown method": {"lua": "probe.ecco(1)", "js": "await probe.ecco(1)"},
    "unconvertible": {"lua": "return {1, a = 2}", "js": "const a = []; a.push(a); return a"},
    "sleep": {"lua": "time.sleep(0)\nreturn 1", "js": "await new Promise(r => setTimeout(r, 0))\nreturn 1"},
}
VALUES = {
    "n": 21,
    "x": [None, True, 2**60, -0.0, "a\0b\U0001f600", b"\xff\x00", [], {}, {"$": ["int", "1"]}, {"k": [1.5]}],
}


@pytest.fixture
def inline(runner: Runner) -> Runner:
    """A runner with the same bridges and no process."""
    return Runner(bridges=runner.bridges, isolation="inline")


def facts(result: Any) -> tuple[Any, ...]:
    """What a result says, without what differs from run to run."""
    error = result.error
    told = error and (type(error), error.kind, str(error), error.data, error.value)
    return result.value, result.output, told, result.usage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SPELLS)
def test_a_spell_comes_to_the_same_in_a_process_as_inline(
    runner: Runner, inline: Runner, language: str, name: str
) -> None:
    source = SPELLS[name][language]
    there = runner.cast(source, engine=language, params=VALUES, seed=1)
    here = inline.cast(source, engine=language, params=VALUES, seed=1)
    assert facts(there) == facts(here)


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_keep_their_kinds_through_the_pipe(runner: Runner, language: str) -> None:
    result = runner.cast(SPELLS["echo"][language], engine=language, params=VALUES)
    assert repr(result.unwrap()) == repr(VALUES["x"])


@pytest.mark.parametrize(
    ("language", "spell"),
    [
        ("lua", Spell("return require('words').hi", "main.lua", modules={"words.lua": "return {hi = 'hello'}"})),
        ("js", Spell("return require('./words').hi", "main.js", modules={"words.js": "exports.hi = 'hello'"})),
        (
            "js",
            Spell("import hi from './w.mjs'\nexport default hi", "m.mjs", modules={"w.mjs": "export default 'hello'"}),
        ),
    ],
    ids=["lua", "js", "module"],
)
def test_modules_travel_with_the_spell(runner: Runner, language: str, spell: Spell) -> None:
    assert runner.cast(spell, engine=language).unwrap() == "hello"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_names_its_file_and_line(runner: Runner, language: str) -> None:
    error = runner.cast(Spell(SPELLS["error"][language], "lines.spell"), engine=language).error
    assert error is not None
    assert error.value is not None
    assert (error.kind, error.value.file, error.value.line) == ("runtime", "lines.spell", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_large_messages_pass_both_ways(runner: Runner, language: str) -> None:
    text = "é" * 3_000_000
    assert runner.cast(SPELLS["echo"][language], engine=language, params={"x": text}).unwrap() == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_message_limit_holds(runner: Runner, language: str) -> None:
    result = runner.cast("return params.x", engine=language, params={"x": "a" * 5000}, limits=Limits(message=4000))
    assert result.error is not None
    assert result.error.data == {"limit": "message", "allowed": 4000, "used": ANY}


@pytest.mark.parametrize("language", LANGUAGES)
def test_fifty_casts_at_once_each_get_their_own_answer(runner: Runner, language: str) -> None:
    async def main() -> list[Any]:
        source = SPELLS["callback"][language].replace("{1, 2, 3}", "{params.n}").replace("[1, 2, 3]", "[params.n]")
        casts = [runner.acast(source, engine=language, params={"n": n}) for n in range(50)]
        return [result.unwrap() for result in await asyncio.gather(*casts)]

    assert asyncio.run(main()) == [[2 * n] for n in range(50)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_cancelling_a_cast_that_waits_ends_it(runner: Runner, seen: list[Any], language: str) -> None:
    async def main() -> None:
        cast = asyncio.ensure_future(
            runner.acast({"lua": "probe.hang()", "js": "await probe.hang()"}[language], engine=language)
        )
        while not seen:  # noqa: ASYNC110 - the bridge notes it in a list
            await asyncio.sleep(0)
        cast.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cast

    asyncio.run(main())
    assert runner.processes.metrics()[language].killed == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_cancelling_a_cast_that_computes_ends_it(runner: Runner, language: str) -> None:
    heard = asyncio.Event()

    async def main() -> None:
        source = {"lua": "probe.echo() while true do end", "js": "await probe.echo(); for (;;);"}[language]
        cast = asyncio.ensure_future(runner.acast(source, engine=language, record=lambda inbox, outbox: heard.set()))
        await heard.wait()
        cast.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cast

    asyncio.run(main())
    assert runner.processes.metrics()[language].killed == 1


def test_the_loop_goes_on_while_a_spell_computes(runner: Runner) -> None:
    async def main() -> int:
        slow = asyncio.ensure_future(runner.acast("while true do end", engine="lua", limits=Limits(cpu=0.3)))
        turns = 0
        while not slow.done():
            await asyncio.sleep(0)
            turns += 1
        assert isinstance(slow.result().error, LimitExceeded)
        return turns

    assert asyncio.run(main()) > 100


def test_a_recorded_run_has_the_same_messages_as_inline(runner: Runner, inline: Runner) -> None:
    def messages(of: Runner) -> list[Any]:
        steps: list[Any] = []
        source = SPELLS["callback"]["lua"]
        of.cast(source, engine="lua", seed=1, record=lambda *step: steps.append((step[0].events, step[1].requests)))
        return [step for step in steps if step[1]]

    assert messages(runner) == messages(inline)


def test_the_parent_imports_no_engine(runner: Runner) -> None:
    assert runner.cast("return 1", engine="lua").value == 1
    assert runner._engines == {}


def test_an_engine_that_is_not_installed_is_named(runner: Runner) -> None:
    with pytest.raises(NotInstalled, match="cobol"):
        runner.cast("STOP RUN.", engine="cobol")
