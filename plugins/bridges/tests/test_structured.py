"""The bridge structured, and what it is made of beside schemas."""

from __future__ import annotations

import pytest
from llmspell_bridges.structured.bridge import StructuredBridge
from llmspell_bridges.structured.extract import NothingFound, extract
from llmspell_bridges.structured.repository import UnknownSchema
from llmspell_bridges.structured.schema import BadSchema, DoesNotFit

from llmspell_core.bridge import Context, Shared
from llmspell_core.errors import CallError, Denied, LimitExceeded
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spells import Manifest, Spell

PERSON = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "n": {"type": "integer"}}}


@pytest.fixture
def structured(context):
    return StructuredBridge(context())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('"just text"', "just text"),
        ('Sure! Here it is:\n```json\n{"a": [1, 2]}\n```\nAnything else?', {"a": [1, 2]}),
        ("```\n[1,\n2]\n```", [1, 2]),
        ('The answer {as asked} is {"a": 1}, I hope', {"a": 1}),
        ("{'a': True, b: None, // why\n c: [1, 2,],}", {"a": True, "b": None, "c": [1, 2]}),
        ('```json\n{"a": "cut off he', {"a": "cut off he"}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('Here:\n```json\n{"a": [{"b": 1}, {"b": 2},]}\n```\n', {"a": [{"b": 1}, {"b": 2}]}),
        ('Here: {"a": [{"b": "}"}, {"b": 2},]} and no more', {"a": [{"b": "}"}, {"b": 2}]}),
        ('{"a": [{"b": 1}, {"b": 2', {"a": [{"b": 1}, {"b": 2}]}),
        ('Take {this} or [that], "well": {"a": {"b": 1}}', {"a": {"b": 1}}),
    ],
)
def test_a_value_is_found_in_sloppy_text(text, value):
    assert extract(text) == value


@pytest.mark.parametrize("text", ["", "no value at all", "[" * 5000, '"' * 5000, "```" * 500, "{" * 100])
def test_a_text_without_a_value_says_so(text):
    with pytest.raises(NothingFound, match="ask for JSON alone"):
        extract(text)


@pytest.mark.parametrize("piece", ['{"', '\\"', '{"a":["', '["a', "{'a':'{["])
def test_a_hostile_text_is_ended(piece, run, structured):
    with pytest.raises((LimitExceeded, NothingFound, DoesNotFit)):
        run(structured.extract(piece * 30_000, {"type": "integer"}))


def test_what_is_wrong_is_told_of_the_whole_and_not_of_a_part(run, structured):
    people = {"type": "object", "required": ["people"], "properties": {"people": {"items": PERSON}}}
    with pytest.raises(DoesNotFit, match=r"\$\.people\[0\]\.n: must be an integer"):
        run(structured.extract('{"people": [{"name": "Ada", "n": "one"}, {"name": "Bob"},]}', people))


def test_a_part_that_fits_is_found_where_the_whole_cannot_be_mended(run, structured):
    text = "[ " + "x " * 200_000 + '{"name": "Ada"}'
    assert run(structured.extract(text, PERSON)) == {"name": "Ada"}


def test_what_fits_the_schema_is_preferred(run, structured):
    text = 'First [1, 2], then {"n": 1}, at last {"name": "Ada"}'
    assert run(structured.extract(text, PERSON)) == {"name": "Ada"}
    with pytest.raises(DoesNotFit, match=r"\$: must be a map, not list"):
        run(structured.extract("only [1]", PERSON))


def test_validating_tells_every_error(run, structured):
    assert run(structured.validate({"name": "Ada"}, PERSON)) == {"valid": True, "errors": []}
    assert run(structured.validate({"n": "x"}, PERSON)) == {
        "valid": False,
        "errors": [
            {"path": "$.name", "message": "is missing"},
            {"path": "$.n", "message": "must be an integer, not text 'x'"},
        ],
    }


def test_validators_of_the_script_are_asked_where_the_schema_says(run, structured, function):
    asked = []

    def even(value, path):
        asked.append((value, path))
        return None if value % 2 == 0 else f"{value} is odd"

    run(structured.validator("even", function(even)))
    run(structured.validator("never", function(lambda value, path: False)))
    schema = {"type": "array", "items": {"type": "integer", "x-check": "even"}}
    assert run(structured.validate([2, 3], schema))["errors"] == [{"path": "$[1]", "message": "3 is odd"}]
    assert asked == [(2, "$[0]"), (3, "$[1]")]
    assert run(structured.validate(["x"], schema))["errors"][0]["message"].startswith("must be an integer")
    assert len(asked) == 2
    assert run(structured.validate(1, {"x-check": ["never"]}))["errors"] == [{"path": "$", "message": "is not valid"}]
    with pytest.raises(BadSchema, match="no validator 'evn' is kept; did you mean 'even'"):
        run(structured.validate(1, {"x-check": "evn"}))


def test_a_schema_is_inferred_from_examples(run, structured):
    made = run(structured.infer_schema([{"a": 1}, {"a": 2.5, "b": "x"}], many=True))
    assert made == {
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"type": "string"}},
        "required": ["a"],
    }
    assert run(structured.infer_schema([1])) == {"type": "array", "items": {"type": "integer"}}
    with pytest.raises(CallError, match="list of examples"):
        run(structured.infer_schema(1, many=True))
    with pytest.raises(CallError, match="text, lists and maps alone"):
        run(structured.infer_schema(b"x"))


def test_data_moves_to_a_new_schema(run, structured):
    old = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "string"}, "old": {}}}
    new = {
        "type": "object",
        "required": ["full_name", "tags"],
        "properties": {
            "full_name": {"type": "string", "x-was": "name"},
            "age": {"type": "integer"},
            "tags": {"type": "array", "default": []},
        },
    }
    moved = run(structured.migrate({"name": "Ada", "age": "36", "old": 1, "other": 2}, old, new))
    assert moved == {"full_name": "Ada", "age": 36, "other": 2, "tags": []}
    with pytest.raises(DoesNotFit, match=r"the migrated data .*\$\.age: must be an integer"):
        run(structured.migrate({"name": "Ada", "age": "many"}, old, new))


def test_schemas_become_components_of_openapi(run, structured):
    tree = {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}}
    made = run(structured.to_openapi({"tree": tree, "any": True, "self": {"items": {"$ref": "#"}}}, title="T"))
    assert (made["openapi"], made["info"]) == ("3.1.0", {"title": "T", "version": "1.0.0"})
    assert made["components"]["schemas"] == {
        "tree": {"$ref": "#/components/schemas/node"},
        "node": {"properties": {"next": {"$ref": "#/components/schemas/node"}}},
        "any": True,
        "self": {"items": {"$ref": "#/components/schemas/self"}},
    }


def test_versions_of_a_schema_are_kept(run, structured):
    assert run(structured.save("person", PERSON)) == 1
    assert run(structured.save("person", {"type": "string"})) == 2
    assert run(structured.versions("person")) == [1, 2]
    assert run(structured.get("person", version=1)) == PERSON
    assert run(structured.delete("person", version=2))
    assert run(structured.save("person", True)) == 3
    assert run(structured.versions("person")) == [1, 3]
    assert run(structured.validate(5, "person"))["valid"]
    assert run(structured.list()) == ["person"]
    assert run(structured.delete("person"))
    assert not run(structured.delete("person"))
    assert run(structured.list()) == []


def test_what_is_not_kept_is_told(run, structured):
    run(structured.save("person", PERSON))
    with pytest.raises(UnknownSchema, match="no schema 'persn' is kept; did you mean 'person'"):
        run(structured.validate(1, "persn"))
    with pytest.raises(UnknownSchema, match="has no version 2; it has 1"):
        run(structured.get("person", version=2))
    with pytest.raises(BadSchema, match=r"at \$\.type"):
        run(structured.save("bad", {"type": 5}))


def test_scopes_reach_as_far_as_those_of_state(run):
    shared = Shared()

    def cast(name):
        return StructuredBridge(Context("r", Spell("", manifest=Manifest(name)), shared=shared))

    first = cast("a")
    for scope in ("run", "spell", "shared"):
        run(first.save(scope, True, scope=scope))
    again, other = cast("a"), cast("b")
    assert [run(again.list(scope=s)) for s in ("run", "spell", "shared")] == [[], ["spell"], ["shared"]]
    assert [run(other.list(scope=s)) for s in ("run", "spell", "shared")] == [[], [], ["shared"]]
    assert run(again.validate(1, "spell"))["valid"]


@pytest.mark.parametrize(
    ("engine", "save", "use"),
    [
        (
            "lua",
            "return structured.save('order', {type = 'object', required = {'id'}}, {scope = 'spell'})",
            "local again = structured.save('order', {type = 'string'}, {scope = 'spell'})\n"
            "structured.delete('order', {version = 2, scope = 'spell'})\n"
            "return {structured.validate({}, 'order').valid, again, structured.versions('order', {scope = 'spell'})}",
        ),
        (
            "js",
            "return await structured.save('order', { type: 'object', required: ['id'] }, { scope: 'spell' })",
            "const again = await structured.save('order', { type: 'string' }, { scope: 'spell' })\n"
            "await structured.delete('order', { version: 2, scope: 'spell' })\n"
            "const versions = await structured.versions('order', { scope: 'spell' })\n"
            "return [(await structured.validate({}, 'order')).valid, again, versions]",
        ),
    ],
)
def test_a_later_run_finds_schemas_where_it_finds_its_state(tmp_path, engine, save, use):
    def cast(source):
        state = {"url": f"sqlite:///{tmp_path / 'state.db'}"}
        with Runner(isolation="inline", options={"state": state}) as runner:
            return runner.cast(Spell(source, "kept"), engine=engine).unwrap()

    assert cast(save) == 1
    assert cast(use) == [False, 2, [1]]


@pytest.mark.parametrize(
    ("engine", "source"),
    [
        ("lua", "state.set('schemas/order', 5, {scope = 'spell'}) return structured.get('order', {scope = 'spell'})"),
        (
            "js",
            "await state.set('schemas/order', 5, {scope: 'spell'})\n"
            "return await structured.get('order', {scope: 'spell'})",
        ),
    ],
)
def test_what_is_kept_there_and_is_no_schema_is_told(engine, source):
    with Runner(isolation="inline") as runner:
        result = runner.cast(source, engine=engine)
    assert "what state has under 'schemas/order' is no schema; delete it with state.delete" in str(result.error)


def test_a_saved_schema_is_used_by_those_who_may_read_it(run):
    context = Context("r", Spell("", "a"), guard=Guard(Policy.strict()))
    with pytest.raises(Denied, match="state:read:run:schemas/x"):
        run(StructuredBridge(context).validate(1, "x"))


def test_two_schemas_are_compared_and_merged(run, structured):
    other = {"type": "object", "required": ["n"], "properties": {"name": {"type": "integer"}, "m": True}}
    changes = run(structured.diff(PERSON, other))
    assert [(c["path"], c["change"], c["before"], c["after"]) for c in changes] == [
        ("$.required", "changed", ["name"], ["n"]),
        ("$.properties.name.type", "changed", "string", "integer"),
        ("$.properties.n", "removed", {"type": "integer"}, None),
        ("$.properties.m", "added", None, True),
    ]
    assert run(structured.merge(PERSON, other)) == {
        "type": "object",
        "required": ["name", "n"],
        "properties": {"name": {"type": "integer"}, "n": {"type": "integer"}, "m": True},
    }


@pytest.mark.slow
def test_a_costly_check_is_ended_off_the_loop(run, structured):
    parts = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(40)}
    schema = {"$defs": {**parts, "a40": False}, "$ref": "#/$defs/a0"}
    with pytest.raises(LimitExceeded, match="more than 500000 steps; use a simpler schema"):
        run(structured.validate(1, schema))
    assert run(structured.validate(list(range(5000)), {"items": {"type": "integer"}}))["valid"]
