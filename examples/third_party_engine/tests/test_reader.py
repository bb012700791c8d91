from __future__ import annotations

import pytest
from llmspell_lisp.reader import Group, Keyword, Literal, Name, read

from llmspell_core.errors import IncompleteSource, SpellSyntaxError


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1", 1),
        ("-7", -7),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ('"a\\n\\u{1f600}"', "a\n😀"),
        ("null", None),
        ("true", True),
    ],
)
def test_a_literal_is_read_as_its_value(word: str, value: object) -> None:
    [form] = read(word, "f")
    assert isinstance(form, Literal)
    assert (form.value, type(form.value)) == (value, type(value))


def test_brackets_names_and_keywords_are_told_apart() -> None:
    [group] = read("(llm.chat [1] {:a b})", "f")
    assert isinstance(group, Group)
    name, items, fields = group.items
    assert isinstance(name, Name)
    assert name.parts == ("llm", "chat")
    assert isinstance(items, Group)
    assert isinstance(fields, Group)
    assert (items.opening, fields.opening) == ("[", "{")
    assert isinstance(fields.items[0], Keyword)


def test_a_form_knows_its_line_after_a_shebang_comments_and_long_texts() -> None:
    *_, last = read('#!/usr/bin/env lisp\n; comment\n"two\nlines"\nlast', "f")
    assert last.place.line == 5


@pytest.mark.parametrize("source", ["(", "[1 (2)", '"open', "'", '(print "a\n'])
def test_a_source_that_ends_too_early_is_incomplete(source: str) -> None:
    with pytest.raises(IncompleteSource):
        read(source, "f")


@pytest.mark.parametrize(
    ("source", "line"), [(")", 1), ("\n(]", 2), ("9223372036854775808", 1), ('"\\q"', 1), ("a..b", 1), ("(" * 200, 1)]
)
def test_a_wrong_source_is_refused_with_its_line(source: str, line: int) -> None:
    with pytest.raises(SpellSyntaxError) as caught:
        read(source, "f")
    assert (caught.value.kind, caught.value.file, caught.value.line) == ("syntax", "f", line)
