"""Redaction of many words and long texts: right, and nobody is held up."""

from __future__ import annotations

import asyncio
import random
import re
from types import SimpleNamespace

import pytest
from llmspell_bridges.guardrails import pii
from llmspell_bridges.guardrails.presets import Pii
from llmspell_bridges.guardrails.rails import GuardrailViolated
from llmspell_bridges.hooks.redact import Redact
from llmspell_bridges.hooks.words import LONGEST, MOST, Words

from llmspell_core.errors import BadArgument
from llmspell_core.runner import Runner


@pytest.mark.parametrize(
    ("words", "text", "told"),
    [
        (["ann", "anna lee"], "Anna Lee and ANN", "# and #"),
        (["ab", "abcd", "abce"], "abcx abcd abc", "#cx # #c"),
        (["\u0130x", "stra\u00dfe"], "\u0130X \u0130x STRA\u00dfE", "# # #"),
        (["stra\u00dfe"], "STRA\u1e9eE", "#"),
        (["\u03c3"], "\u03a3\u03c3\u03c2", "###"),
        (["a"], "", ""),
        ([], "a", "a"),
    ],
)
def test_words_are_found_whatever_their_case_the_longest_first(words, text, told):
    assert Words(words).replaced(text, "#") == told


def test_words_are_found_as_a_pattern_of_all_of_them_finds_them():
    dice = random.Random(1)
    for _ in range(500):
        words = ["".join(dice.choices("abA\u00e9 ", k=dice.randint(1, 6))) for _ in range(dice.randint(1, 12))]
        text = "".join(dice.choices("abAB\u00e9\u00c9 ", k=40))
        pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.IGNORECASE)
        assert Words(words).replaced(text, "#") == pattern.sub("#", text)


_PIECES = ["a@b.c", "+1 555 123 4567", "4111 1111 1111 1111", " ", "x", "1.2.3.4", "219-09-9999", "-", "\n", ":", "1"]


@pytest.mark.parametrize("step", [1, 3, 17])
def test_what_is_looked_for_step_by_step_is_found_as_at_once(step, monkeypatch):
    monkeypatch.setattr(pii, "_STEP", step)
    dice = random.Random(step)
    for _ in range(50):
        text = "".join(dice.choices([*_PIECES, "DE89 3704 0044 0532 0130 00"], k=40))
        for kind in pii.KINDS:
            at_once = pii._PATTERNS[kind][0].finditer(text)
            assert [each.span() for each in pii._matches(kind, text)] == [each.span() for each in at_once]


@pytest.mark.parametrize("words", [["x"] * (MOST + 1), ["x" * (LONGEST + 1)]])
def test_more_words_or_longer_ones_are_refused(words):
    with pytest.raises(BadArgument, match=r"'words': has at most 10000 texts, of at most 256 characters each"):
        Redact(words=words)


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_spell_has_very_many_words_taken_out(engine):
    source = {
        "lua": """
        local words = {}
        for i = 1, 10000 do words[i] = "word" .. i end
        hooks.redact("tool", {words = words, kinds = {}})
        tools.define("say", "d", {}, function(args) return args.text end)
        return tools.execute("say", {text = "WORD77 and word9999, nobody"})
        """,
        "js": """
        const words = Array.from({length: 10000}, (_, i) => "word" + (i + 1));
        await hooks.redact("tool", { words, kinds: [] });
        await tools.define("say", "d", {}, (args) => args.text);
        return await tools.execute("say", { text: "WORD77 and word9999, nobody" });
        """,
    }[engine]
    with Runner(isolation="inline") as runner:
        assert runner.cast(source, engine=engine).unwrap() == "[redacted] and [redacted], nobody"


async def _turns_of_others(doing):
    """Return what comes of something, and whether another task had a turn meanwhile."""
    turns = 0

    async def other():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    waiting = asyncio.create_task(other())
    try:
        await asyncio.sleep(0)
        return await doing, turns > 0
    finally:
        waiting.cancel()


LONG = "a" * 50_000 + " me@example.com anna"


def test_while_long_texts_are_redacted_others_have_their_turn(run):
    async def rest():
        return LONG

    redact = Redact(words=["anna"])
    action = SimpleNamespace(point="tool", name="t", arguments={"text": LONG})
    result, others = run(_turns_of_others(redact.around(action, rest)))
    assert result.endswith(" [email] [redacted]")
    assert action.arguments["text"] == result
    assert others


@pytest.mark.parametrize("action", ["redact", "refuse"])
def test_while_long_texts_are_guarded_others_have_their_turn(run, action):
    async def passed():
        try:
            return await Pii("pii", ["input"], action=action)._passed({"text": LONG}, "input")
        except GuardrailViolated as error:
            return error

    result, others = run(_turns_of_others(passed()))
    assert "[email]" in result["text"] if action == "redact" else "holds email" in str(result)
    assert others
