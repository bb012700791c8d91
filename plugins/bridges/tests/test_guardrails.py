"""Rules that values have to keep: ready-made ones, those of spells, and several in a row."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest
from llmspell_bridges.guardrails import pii
from llmspell_bridges.guardrails.bridge import GuardrailsBridge, Preset
from llmspell_bridges.guardrails.presets import PRESETS
from llmspell_bridges.guardrails.rails import GuardrailViolated, guarded

from llmspell_core.errors import BadArgument, CallError
from llmspell_core.runner import Runner

LUA = """
local polite = guardrails.create("polite", function(value, on)
  if on == "input" and value:find("damn") then return "says damn" end
  if on == "output" then return {value = value:upper()} end
end)
local short = guardrails.preset("max_size", {max = 20})
local both = guardrails.chain({"polite", short}, {fail_fast = false, name = "both"})
return {
  names = guardrails.list(),
  fine = polite:check("hello"),
  changed = polite:check("hello", {on = "output"}),
  broken = both:check("damn, this is much too long"),
  refused = guardrails.create("never", function() return false end):check("x").violations[1].reason,
}
"""
JS = """
const polite = await guardrails.create("polite", (value, on) => {
  if (on === "input" && value.includes("damn")) return "says damn"
  if (on === "output") return { value: value.toUpperCase() }
})
const short = await guardrails.preset("max_size", { max: 20 })
const both = await guardrails.chain(["polite", short], { failFast: false, name: "both" })
return {
  names: await guardrails.list(),
  fine: await polite.check("hello"),
  changed: await polite.check("hello", { on: "output" }),
  broken: await both.check("damn, this is much too long"),
  refused: (await (await guardrails.create("never", () => false)).check("x")).violations[0].reason,
}
"""


@pytest.fixture
def guardrails(context):
    return GuardrailsBridge(context())


def passed(guardrail, value, side="input"):
    return asyncio.run(guarded([guardrail.rail], value, side))


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_every_method_is_called_from_both_languages(engine, source):
    with Runner(isolation="inline") as runner:
        made = runner.cast(source, engine=engine).unwrap()
    assert made["names"] == ["both", "max_size", "polite"]
    assert made["fine"] == {"ok": True, "value": "hello", "violations": []}
    assert made["changed"]["value"] == "HELLO"
    assert [(v["rule"], v["reason"]) for v in made["broken"]["violations"]] == [
        ("polite", "says damn"),
        ("max_size", "has 27 bytes, and may have 20"),
    ]
    assert made["refused"] == "was refused by it"


@pytest.mark.parametrize(
    ("preset", "options", "fine", "broken", "reason"),
    [
        ("required_keys", {"keys": ["a", "b"]}, {"a": 1, "b": None}, {"a": 1}, "lacks 'b'"),
        ("required_keys", {"keys": ["a"]}, '{"a": 1}', '{"b": 1}', "lacks 'a'"),
        ("required_keys", {"keys": ["a"]}, {"a": 1}, "no map", "is no map"),
        ("message_count", {"max": 2}, ["a", "b"], ["a", "b", "c"], "has 3 messages, and may have 1 to 2"),
        ("message_count", {"min": 2}, ["a", "b"], "a", "has 1 messages, and may have at least 2"),
        ("max_size", {"max": 4}, "née", "néee", "has 5 bytes"),
        ("max_size", {"max": 8}, {"a": 1}, {"a": 1000}, "has 11 bytes"),
        ("banned_words", {"words": ["cat", "hot dog"]}, "concatenate", "A CAT!", "banned word 'CAT'"),
        ("banned_words", {"words": ["cat", "hot dog"]}, [], [{"content": "a hot dog"}], "banned word 'hot dog'"),
        ("banned_words", {"words": []}, "anything", None, None),
        ("json_schema", {"schema": {"type": "object", "required": ["a"]}}, '{"a": 1}', {"b": 1}, r"\$\.a: is missing"),
        ("pii", {}, "call me at eight", "write to ann@example.com", "holds email"),
        ("pii", {"kinds": ["ip"]}, "ann@example.com", [{"content": "10.0.0.1"}], "holds ip"),
    ],
)
def test_a_ready_made_rule_lets_pass_and_refuses(guardrails, preset, options, fine, broken, reason):
    made = guardrails.preset(preset, **options)
    assert passed(made, fine) == fine
    if reason is not None:
        with pytest.raises(GuardrailViolated, match=reason) as caught:
            passed(made, broken, "output")
        assert (caught.value.kind, caught.value.data["rule"], caught.value.data["on"]) == (
            "guardrail",
            preset,
            "output",
        )


def test_the_spellable_names_are_those_of_the_ready_made_rules():
    assert set(get_args(Preset)) == set(PRESETS)


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("email", ["ann@example.com", "a.b+c@mail.example.co.uk"], ["ann@", "@example", "a @ b.c"]),
        ("credit_card", ["4111 1111 1111 1111", "378282246310005"], ["4111 1111 1111 1112", "1234567890123"]),
        ("iban", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], ["DE88 3704 0044 0532 0130 00", "AB12"]),
        ("ip", ["at 192.168.0.1.", "2001:db8::1"], ["1.2.3", "999.1.1.1", "10:30", "::"]),
        ("ssn", ["123-45-6789"], ["000-45-6789", "123-45-67890", "2024-01-01"]),
        ("phone", ["+49 30 123456", "(555) 123-4567", "555-123-4567"], ["2024-01-01", "12 000 000", "3.14159265"]),
    ],
)
def test_what_tells_who_somebody_is_is_found_and_nothing_else(kind, yes, no):
    assert [text for text in yes if pii.found(text, [kind]) != [kind]] == []
    assert [text for text in no if pii.found(text, [kind])] == []


def test_what_tells_who_somebody_is_is_taken_out(guardrails):
    made = guardrails.preset("pii", action="redact")
    said = [{"role": "user", "content": "I am ann@example.com, card 4111 1111 1111 1111, +49 30 123456"}]
    assert passed(made, said) == [{"role": "user", "content": "I am [email], card [credit_card], [phone]"}]


def test_the_error_does_not_repeat_what_may_not_leave(guardrails):
    with pytest.raises(GuardrailViolated) as caught:
        passed(guardrails.preset("pii"), "ann@example.com")
    assert "ann" not in f"{caught.value}{caught.value.data}"


def test_long_hostile_texts_take_no_long_time_to_look_at(guardrails):
    made = guardrails.preset("pii")
    for text in ("a" * 200_000, "1 " * 100_000, "(" * 100_000, "1.1." * 50_000, ":" * 100_000, "a@" + "a." * 100_000):
        passed(guardrails.preset("pii", action="redact"), text)
        asyncio.run(made.check(text))


def test_a_rule_looks_only_at_its_side(guardrails):
    made = guardrails.preset("max_size", max=1, on="input")
    assert passed(made, "long", "output") == "long"
    with pytest.raises(GuardrailViolated):
        passed(made, "long", "input")


def test_a_chain_stops_at_the_first_unless_told(guardrails):
    guardrails.preset("max_size", max=1)
    guardrails.preset("banned_words", words=["cat"])
    with pytest.raises(GuardrailViolated) as first:
        passed(guardrails.chain(["max_size", "banned_words"]), "cat")
    with pytest.raises(GuardrailViolated) as all_of_them:
        passed(guardrails.chain(["max_size", "banned_words"], fail_fast=False), "cat")
    assert [rule for rule, _ in first.value.violations] == ["max_size"]
    assert [rule for rule, _ in all_of_them.value.violations] == ["max_size", "banned_words"]


def test_wrong_options_and_names_are_told(guardrails):
    with pytest.raises(BadArgument, match=r"'words'.*is none of the preset 'max_size'; it has max"):
        guardrails.preset("max_size", words=["a"])
    with pytest.raises(BadArgument, match=r"'max'.*is missing; the preset 'max_size' needs it"):
        guardrails.preset("max_size")
    with pytest.raises(BadArgument, match=r"'max'.*must be at least min, which is 1, not 0"):
        guardrails.preset("message_count", max=0)
    guardrails.preset("max_size", max=1)
    with pytest.raises(CallError, match="no guardrail 'max_sise'; did you mean 'max_size'"):
        guardrails.chain(["max_sise"])


def test_a_function_that_fails_lets_nothing_pass():
    source = "return guardrails.create('broken', function() error('oh') end):check('x')"
    with Runner(isolation="inline") as runner:
        assert runner.cast(source, engine="lua").error.kind == "runtime"
