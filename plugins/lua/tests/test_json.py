"""The module ``json``."""

from __future__ import annotations

import json

import pytest

TEXTS = [
    "null",
    "true",
    " [ ] ",
    "{}",
    '{"a": [1, -2.5, 1e3, 0.1E-2, null, {"b": ""}]}',
    r'"\u00e9\ud83d\ude00\n\"\\\/\b\f\r\t\u0000"',
    '"é😀\x7f"',
    "[[[[[]]]]]",
    "-0.0",
    "9007199254740991",
    "[1,2\n,\t3]",
]


@pytest.mark.parametrize("text", TEXTS)
def test_json_is_read_as_any_reader_reads_it(value, text):
    assert value("return json.decode(params.t)", params={"t": text}) == json.loads(text)


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_read_is_written_as_the_same_value(value, text):
    for options in ("nil", "{pretty = true}"):
        written = value(f"return json.encode(json.decode(params.t), {options})", params={"t": text})
        assert json.loads(written) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1, column 1"),
        ("[1,]", "line 1, column 4"),
        ('{"a":1,}', "line 1, column 8"),
        ('{"a" 1}', "line 1, column 6"),
        ("[1\n 2]", "line 2, column 2"),
        ('"open', "line 1, column 6"),
        ('"a\nb"', "line 1, column 3"),
        (r'"\x"', "line 1, column 2"),
        (r'"\ud800"', "line 1, column 2"),
        ("01", "line 1, column 1"),
        ("1.", "line 1, column 1"),
        ("+1", "line 1, column 1"),
        ("nul", "line 1, column 1"),
        ("[1] x", "line 1, column 5"),
        ("{a:1}", "line 1, column 2"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(value, text, place):
    kind, message = value("local _, e = pcall(json.decode, params.t) return {e.kind, e.message}", params={"t": text})
    assert kind == "syntax"
    assert message.endswith(place)


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("{a = {print}}", "$.a[0]: "),
        ("{bytes('x')}", "$[0]: "),
        ("{0/0}", "$[0]: "),
        ("{a = 1/0}", "$.a: "),
        ("{1, nil, 3}", "$: "),
        ("'\\255'", "$: "),
        ("{p = llm}", "$.p: "),
    ],
)
def test_what_json_has_no_form_for_is_refused_with_its_place(value, expression, path):
    kind, message = value(f"local _, e = pcall(json.encode, {expression}) return {{e.kind, e.message}}")
    assert kind == "conversion"
    assert message.startswith(path)


def test_json_is_written_with_sorted_keys(value):
    assert (
        value("return json.encode({b = 1, a = {x = list{}, w = {}}, c = null})")
        == '{"a":{"w":{},"x":[]},"b":1,"c":null}'
    )
    assert value("return json.encode({b = {1, 2}, a = {}}, {pretty = true})") == json.dumps(
        {"a": {}, "b": [1, 2]}, indent=2
    )


def test_nesting_is_bounded(value):
    source = "local _, e = pcall(json.decode, ('['):rep(200)) return e.kind"
    assert value(source) == "conversion"
