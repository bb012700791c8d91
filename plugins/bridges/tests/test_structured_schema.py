"""Schemas of strangers: what they say, and that none of them holds up the host."""

from __future__ import annotations

import pytest
from llmspell_bridges.structured.schema import BadSchema, DoesNotFit, Problem, Schema, check

from llmspell_core.errors import LimitExceeded

ORDER = {
    "type": "object",
    "required": ["id", "lines"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z]{2}\\d+$"},
        "lines": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"$ref": "#/$defs/line"}},
        "when": {"type": "string", "format": "date-time"},
        "state": {"enum": ["open", "paid"], "default": "open"},
    },
    "$defs": {
        "line": {
            "type": "object",
            "required": ["sku"],
            "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1, "default": 1}},
        }
    },
}


def problems(data, schema):
    return [(problem.path, problem.message) for problem in check(data, schema)]


def test_what_fits_has_no_problems():
    assert check({"id": "AB1", "lines": [{"sku": "x"}], "when": "2026-02-28T10:00:00Z"}, ORDER) == []


def test_every_problem_names_its_path():
    found = problems({"id": "1", "lines": [{"sku": 5, "count": 0}, {}], "when": "soon", "stat": 1}, ORDER)
    assert found == [
        ("$.stat", "is not known; did you mean 'state'?"),
        ("$.id", "must match the pattern '^[A-Z]{2}\\\\d+$', which text '1' does not"),
        ("$.lines[0].sku", "must be text, not integer 5"),
        ("$.lines[0].count", "must be at least 1, not 0"),
        ("$.lines[1].sku", "is missing"),
        ("$.when", "must be of the format 'date-time', which text 'soon' is not"),
    ]


@pytest.mark.parametrize(
    ("data", "schema", "message"),
    [
        ("x", {"enum": [1, None]}, "must be one of 1, nil, not text 'x'"),
        (True, {"const": 1}, "must be 1, not boolean True"),
        ([1, 2, 1.0], {"uniqueItems": True}, "is the same as item [0], and no two may be the same"),
        ("", {"minLength": 1}, "must have at least 1 characters, and has 0"),
        (5, {"exclusiveMaximum": 5}, "must be less than 5, not 5"),
        (5, {"not": {"type": "integer"}}, "must not fit the schema under 'not'"),
        (5, {"oneOf": [{"minimum": 1}, {"minimum": 2}]}, "must fit one of the schemas allowed, and fits 2 of them"),
        (
            5,
            {"anyOf": [{"type": "string"}, {"maximum": 4}]},
            "fits none of the 2 schemas allowed: must be text, not integer 5; or must be at most 4, not 5",
        ),
        ({"ab": 1}, {"patternProperties": {"^a": {"type": "string"}}}, "must be text, not integer 1"),
    ],
)
def test_messages_are_words(data, schema, message):
    assert [text for _, text in problems(data, schema)] == [message]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2024-02-29t23:59:60.5+01:00", "2023-02-29T00:00:00Z"),
        ("time", "10:00:00Z", "25:00:00Z"),
        ("date", "2024-02-29", "2024-02-30"),
        ("duration", "P1DT2H", "P"),
        ("uri", "https://example.com/a?b", "example"),
        ("hostname", "a-1.example", "-a.example"),
        ("email", "a@b.c", "a"),
        ("ipv6", "::1", "1.2.3.4"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
        ("json-pointer", "/a~1b/0", "a"),
        ("regex", "^a+$", "("),
    ],
)
def test_formats_are_checked(name, good, bad):
    assert check(good, {"format": name}) == []
    assert len(check(bad, {"format": name})) == 1
    assert check(5, {"format": name}) == []


def test_defaults_fill_what_was_left_out_and_change_nothing_else():
    given = {"id": "AB1", "lines": [{"sku": "x"}, {"sku": "y", "count": 2}]}
    filled = Schema(ORDER).fit(given, "the order")
    assert filled == {"id": "AB1", "lines": [{"sku": "x", "count": 1}, {"sku": "y", "count": 2}], "state": "open"}
    assert given == {"id": "AB1", "lines": [{"sku": "x"}, {"sku": "y", "count": 2}]}


def test_a_default_that_needs_defaults_itself_ends():
    schema = {"properties": {"a": {"$ref": "#", "default": {}}}, "allOf": [{"properties": {"a": {"$ref": "#"}}}]}
    assert Schema(schema).completed({}) == {"a": {}}


def test_what_does_not_fit_is_told_as_data():
    with pytest.raises(DoesNotFit, match=r"the order does not fit its schema: \$\.id: is missing") as caught:
        Schema(ORDER).fit({"lines": [{"sku": "x"}]}, "the order")
    assert caught.value.data == {"errors": [{"path": "$.id", "message": "is missing"}]}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (5, "a map or a boolean, not integer 5"),
        ({"type": "strin"}, r"at \$\.type: text 'strin' is no type; did you mean 'string'\?"),
        ({"type": ["text", "map"]}, r"at \$\.type\[0\]: text 'text' is no type; did you mean 'string'\?"),
        ({"type": 5}, r"at \$\.type: integer 5 is no type; there are array, boolean"),
        ({"properties": {"a": {"minimum": "x"}}}, r"at \$\.properties\.a\.minimum: must be a number, not text 'x'$"),
        ({"properties": {"type": 5}}, r"at \$\.properties\.type: must be a map or a boolean.*; a schema goes there"),
        ({"properties": {"a": {"required": True}}}, r"a\.required: must be a list, not boolean True; .* beside"),
        ({"required": ["a", "a"]}, r"at \$\.required\[1\]: is the same as item \[0\]"),
        ({"items": [{}]}, r"at \$\.items: must be a map or a boolean, not list; .* under 'prefixItems'"),
        ({"uniqueItems": "yes"}, r"at \$\.uniqueItems: must be a boolean, not text 'yes'$"),
        ({"minLength": -1}, r"at \$\.minLength: must be at least 0, not -1$"),
        ({"anyOf": []}, r"at \$\.anyOf: must have at least 1 items, and has 0$"),
        ({"$anchor": "1 2"}, r"must match the pattern .*, which text '1 2' does not$"),
        ({"items": {"$ref": "#/$defs/none"}}, r"at \$\.items\[\"\$ref\"\]: it refers to '#/\$defs/none'"),
        ({"$ref": "http://127.0.0.1:9/schema"}, "nothing is fetched"),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, "nothing is fetched"),
        ({"$ref": "#/$defs/none"}, "'#/\\$defs/none', which is not in it"),
        ({"$id": "http://x/y", "properties": {"a": {"$ref": "z"}}}, "not in it"),
        ({"pattern": "(?=a)b"}, "looking around"),
        ({"pattern": "(a)\\1"}, "referring back"),
        ({"patternProperties": {"(": {}}}, "cannot be used"),
        ({"unevaluatedProperties": False, "patternProperties": {"(a+)+$": True}}, "together"),
        ({"enum": list(range(20_000))}, "more than 10000 parts"),
    ],
)
def test_a_schema_that_cannot_be_checked_says_why(schema, told):
    with pytest.raises(BadSchema, match=told):
        check({"a": 1, "b": "b"}, schema)


def _nested(levels):
    schema = {}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


def _branching(levels):
    parts = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(levels)}
    return {"$defs": {**parts, f"a{levels}": {"type": "string"}}, "$ref": "#/$defs/a0"}


@pytest.mark.parametrize(
    ("data", "schema"),
    [
        (1, {"$ref": "#"}),
        (1, {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"anyOf": [{"$ref": "#"}]}}}),
        (1, _nested(500)),
        (1, _branching(40)),
        (1, {"$schema": "https://json-schema.org/draft/2020-12/schema", **_branching(40)}),
        (
            1,
            {
                "$schema": "http://json-schema.org/draft-04/schema#",
                "not": _branching(40),
                "$defs": _branching(40)["$defs"],
            },
        ),
        ({f"a{i}": 1 for i in range(20_000)}, {"properties": {"a": {}}, "unevaluatedProperties": False}),
        ([[]] * 100_000, {"allOf": [{"items": {}}] * 1000}),
        ([["x"] * 1000] * 90, {"items": {"enum": [["x"] * 900] * 9}}),
    ],
    ids=["self", "circle", "nested", "branching", "own class", "old class", "unevaluated", "items", "enum"],
)
def test_a_hostile_schema_is_ended_or_refused(data, schema):
    with pytest.raises((LimitExceeded, BadSchema), match=r"takes more than 50000 steps|nests"):
        Schema(schema).problems(data, steps=50_000)


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "(.*)*x", "a*a*a*a*a*a*a*b$"])
def test_no_pattern_takes_longer_than_its_text(pattern):
    assert problems("a" * 100_000 + "!\n", {"pattern": pattern})[0][0] == "$"


def test_a_message_holds_no_more_than_a_glimpse_of_the_data():
    found = check("x" * 500_000, {"allOf": [{"type": "integer"}, {"enum": [1]}, {"multipleOf": 2}, {"maxLength": 5}]})
    assert len(found) == 3
    assert all(len(problem.message) < 200 for problem in found)


def test_no_more_than_fifty_problems_are_told():
    assert len(check(["x"] * 1000, {"items": {"type": "integer"}})) == 50


def test_problems_read_as_path_and_message():
    assert str(Problem("$.a", "is missing")) == "$.a: is missing"


def test_values_that_json_has_no_form_for_are_told(function):
    called = function(print)
    assert problems({"f": called, "b": b"x"}, {"properties": {"f": {"type": "string"}, "b": {"enum": ["x"]}}}) == [
        ("$.f", "must be text, not function"),
        ("$.b", "must be one of 'x', not bytes"),
    ]
