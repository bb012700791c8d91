"""telling.py: an error as text."""

from __future__ import annotations

from llmspell_core.errors import Deadlock, LimitExceeded, SpellFailed
from llmspell_core.spells import Spell
from llmspell_core.telling import tell
from llmspell_core.values import ErrorValue

SPELL = Spell("one\ntwo\nthree\nfour\nfive", modules={"lib/words.lua": "first\n" + "x" * 500})


def failed(**fields: object) -> SpellFailed:
    error = SpellFailed("it broke")
    error.value = ErrorValue("runtime", "it broke", **fields)  # type: ignore[arg-type]  # whatever a test wants
    return error


def test_the_line_that_failed_is_shown_with_those_that_lead_there() -> None:
    assert tell(failed(file="spell", line=4, traceback="spell:4: in main"), SPELL).splitlines() == [
        "spell:4: runtime: it broke",
        "    2 | two",
        "    3 | three",
        "  > 4 | four",
        "  spell:4: in main",
    ]


def test_the_first_line_has_none_before_it_and_what_ends_too_early_one_after_the_last() -> None:
    assert tell(failed(file="spell", line=1), SPELL).splitlines()[1:] == ["  > 1 | one"]
    assert tell(failed(file="spell", line=3), Spell("if x then\n  y()\n")).splitlines()[1:] == [
        "    1 | if x then",
        "    2 |   y()",
        "  > 3 |",
    ]


def test_a_line_of_another_file_is_found_and_a_long_one_cut() -> None:
    assert tell(failed(file="lib/words.lua", line=2), SPELL).splitlines()[1:] == [
        "    1 | first",
        f"  > 2 | {'x' * 160}...",
    ]


def test_no_line_is_shown_where_none_is_known_or_the_source_has_none_of_it() -> None:
    assert tell(Deadlock("nobody answers"), SPELL) == "llmspell: deadlock: nobody answers"
    assert tell(failed(file="other", line=1), SPELL) == "other:1: runtime: it broke"
    assert tell(failed(file="spell", line=99), SPELL) == "spell:99: runtime: it broke"
    assert tell(failed(file="spell", line=2)) == "spell:2: runtime: it broke"


def test_data_and_causes_are_told_and_a_limit_says_its_own_once() -> None:
    cause = ErrorValue("argument", "must be text", data={"at": 1}, file="spell", line=1)
    assert tell(failed(file="spell", line=2, data={"code": 42}, cause=cause)).splitlines() == [
        "spell:2: runtime: it broke",
        '  data: {"code":42}',
        "caused by: spell:1: argument: must be text",
        '  data: {"at":1}',
    ]
    limit = LimitExceeded("cpu", 1.0, file="spell", line=2)
    assert tell(limit, SPELL).splitlines()[0] == "spell:2: limit: limit cpu of 1 s was reached"
    assert tell(ValueError("no")) == "llmspell: internal: ValueError: no"
