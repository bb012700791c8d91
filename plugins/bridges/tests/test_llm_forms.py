"""Data by a schema, vectors, prompts from templates: from both languages, with what goes wrong."""

from __future__ import annotations

import json
from random import Random

import pytest
from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.sample import sample
from llmspell_bridges.llm.templates import MissingVariable, Text
from llmspell_bridges.llm.vectors import DIMENSIONS, vector
from llmspell_bridges.structured.schema import check

from llmspell_core.budget import Budget
from llmspell_core.errors import BadArgument, BudgetSpent, CallError, LimitExceeded
from llmspell_core.runner import Runner

BOTH = pytest.mark.parametrize("engine", ["lua", "js"])
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
STRUCTURED = {
    "lua": "return llm.structured('A person', params.schema, {retries = params.retries})",
    "js": "return await llm.structured('A person', params.schema, { retries: params.retries })",
}
FAULTS = {
    "lua": """
local ok, e = pcall(llm.structured, 'A person', params.schema, {retries = 1})
return {ok = ok, kind = e.kind, reason = e.data.reason, path = e.data.errors[1].path, message = e.message}
""",
    "js": """
const e = await llm.structured('A person', params.schema, { retries: 1 }).catch(e => e)
return { ok: !(e instanceof Error), kind: e.kind, reason: e.data.reason, path: e.data.errors[0].path,
         message: e.message }
""",
}
EMBED = {
    "lua": """
local v = llm.embed({'a red apple', 'an apple, red', 'quantum chromodynamics'}, {model = 'demo', timeout = 5})
local function near(a, b) local sum = 0 for i = 1, #a do sum = sum + a[i] * b[i] end return sum end
return {#v, #v[1], near(v[1], v[2]) > near(v[1], v[3]), #llm.embed('one')}
""",
    "js": """
const v = await llm.embed(['a red apple', 'an apple, red', 'quantum chromodynamics'], { model: 'demo', timeout: 5 })
const near = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0)
return [v.length, v[0].length, near(v[0], v[1]) > near(v[0], v[2]), (await llm.embed('one')).length]
""",
}
TEMPLATE = {
    "lua": """
local t = llm.template({system = 'Be {{tone}}.', user = 'Tell {{user.name}} of {{list}}; \\\\{{raw}}'},
                       {variables = {tone = 'brief'}})
local one = llm.template('Hello {{name}}')
local ok, e = pcall(one.render, one, {nam = 1})
return {
  t = t:render{user = {name = '{{tone}}'}, list = {1, 2}}, names = t:variables(), one = one:render{name = 'you'},
  chat = #one:chat({name = 'you'}, {max_tokens = 3}) > 0,
  finish = one:complete({name = 'x'}, {max_tokens = 2}).finish_reason,
  kind = e.kind, message = e.message, variable = e.data.variable,
}
""",
    "js": """
const t = await llm.template({ system: 'Be {{tone}}.', user: 'Tell {{user.name}} of {{list}}; \\\\{{raw}}' },
                             { variables: { tone: 'brief' } })
const one = await llm.template('Hello {{name}}')
const e = await one.render({ nam: 1 }).catch(e => e)
return {
  t: await t.render({ user: { name: '{{tone}}' }, list: [1, 2] }), names: await t.variables(),
  one: await one.render({ name: 'you' }), chat: (await one.chat({ name: 'you' }, { max_tokens: 3 })).length > 0,
  finish: (await one.complete({ name: 'x' }, { max_tokens: 2 })).finish_reason,
  kind: e.kind, message: e.message, variable: e.data.variable,
}
""",
}


@pytest.fixture
def mocked(tmp_path):
    def make(*replies):
        path = tmp_path / "replies.json"
        path.write_text(json.dumps(list(replies)))
        return f"mock:{path}"

    return make


def cast(engine, source, model="demo", **more):
    with Runner(isolation="inline", model=model, options={"llm": {"demo_pause": 0}}, **more) as runner:
        return runner.cast(source[engine], engine=engine, params={"schema": PERSON, "retries": 2})


@BOTH
def test_the_demo_answers_with_data_that_fits(engine):
    result = cast(engine, STRUCTURED)
    assert check(result.unwrap(), PERSON) == []
    assert result.usage.requests == 1


@BOTH
def test_sloppy_json_is_mended_and_what_does_not_fit_is_asked_for_again(engine, mocked):
    replies = ["I would rather not.", "{'name': 'Ada', age: 3,}", 'Here:\n```json\n{"name": "Ada", "age": 36}\n```']
    result = cast(engine, STRUCTURED, mocked(*replies))
    assert result.unwrap() == {"name": "Ada", "age": 36}
    assert result.usage.requests == 3


@BOTH
def test_when_no_answer_fits_the_error_has_the_paths(engine, mocked):
    said = cast(engine, FAULTS, mocked('{"name": "Ada"}', '{"name": "Ada", "age": 3}')).unwrap()
    assert (said["ok"], said["kind"], said["reason"], said["path"]) == (False, "provider", "bad_answer", "$.age")
    assert "after 2 attempts" in said["message"]


def test_the_model_is_told_what_was_wrong_by_its_path(llm, run, mocked):
    bridge, asked = llm(mocked('{"name": 1, "age": 20}', '{"name": "Ada", "age": 20}')), []
    complete = bridge._calls.complete

    async def watched(messages, *rest):
        asked.append([(message.role, message.content) for message in messages])
        return await complete(messages, *rest)

    bridge._calls.complete = watched
    assert run(bridge.structured("x", PERSON, retries=1))["age"] == 20
    assert [role for role, _ in asked[1]] == ["system", "user", "assistant", "user"]
    assert '"additionalProperties": false' in asked[0][0][1]
    assert asked[1][2][1] == '{"name": 1, "age": 20}'
    assert "- $.name: must be" in asked[1][3][1]


def test_each_attempt_is_paid_for(context, run, mocked):
    from llmspell_bridges.llm.bridge import LlmBridge

    bridge = LlmBridge(context(mocked("no", "no", "no"), Budget(requests=2)))
    with pytest.raises(BudgetSpent):
        run(bridge.structured("x", PERSON, retries=5))
    assert bridge.usage()["requests"] == 2


def test_a_schema_that_is_none_is_refused_before_anything_is_asked(llm, run):
    bridge = llm()
    with pytest.raises(CallError, match="the schema is wrong"):
        run(bridge.structured("x", {"type": "objct"}))
    with pytest.raises(BadArgument, match="retries"):
        run(bridge.structured("x", PERSON, retries=-1))
    assert bridge.usage()["requests"] == 0


@pytest.mark.parametrize(
    "schema",
    [
        PERSON,
        {"type": "array", "items": {"type": "string", "minLength": 30, "maxLength": 40}, "minItems": 3},
        {"enum": ["a", "b"]},
        {"type": "string", "format": "email"},
        {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
        {"type": "number", "minimum": -2, "maximum": -1},
        {"type": "integer", "multipleOf": 7, "minimum": 50},
        {"type": ["null", "boolean"]},
        {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}, {"required": ["b"]}]},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"type": "object", "minProperties": 3, "additionalProperties": {"type": "boolean"}},
        {
            "$ref": "#/$defs/tree",
            "$defs": {
                "tree": {
                    "type": "object",
                    "properties": {
                        "v": {"type": "integer"},
                        "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
                    },
                    "required": ["v", "kids"],
                }
            },
        },
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 2},
    ],
)
def test_made_up_data_fits(schema):
    for seed in range(20):
        assert check(sample(schema, Random(seed), ["tea", "coffee"]), schema) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": 10**9},
        {"type": "object", "minProperties": 10**9},
        {"type": "integer", "minimum": float("inf")},
        {"type": "number", "multipleOf": 1e-300, "minimum": 1e300},
        {"$ref": "#"},
        {"type": "object", "properties": {c: {"$ref": "#"} for c in "abcdefgh"}, "required": list("abcdefgh")},
    ],
    ids=["items", "length", "properties", "infinite", "step", "itself", "wide"],
)
def test_a_hostile_schema_holds_nobody_up(llm, run, schema):
    with pytest.raises((ProviderFailed, CallError)):
        run(llm().structured("x", schema, retries=0))


@BOTH
def test_texts_become_vectors_in_their_order(engine):
    result = cast(engine, EMBED)
    assert result.unwrap() == [3, DIMENSIONS, True, 1]
    assert result.usage.requests == 2
    assert result.usage.input_tokens > 0


def test_vectors_of_the_demo_are_the_same_everywhere_and_of_length_one():
    first = vector("Lighthouses at night")
    assert first == vector("Lighthouses at night")
    assert sum(value * value for value in first) == pytest.approx(1)
    assert vector("") == [1.0, *[0.0] * (DIMENSIONS - 1)]


def test_many_texts_go_in_several_requests(llm, run):
    bridge = llm()
    found = run(bridge.embed([f"text {i}" for i in range(300)]))
    assert [list(each) for each in found] == [vector(f"text {i}") for i in range(300)]
    assert bridge.usage()["requests"] == 3


def test_no_texts_are_no_request(llm, run):
    bridge = llm()
    assert run(bridge.embed([])) == []
    assert bridge.usage()["requests"] == 0


@BOTH
def test_a_template_is_filled_and_asked(engine):
    said = cast(engine, TEMPLATE).unwrap()
    assert said["t"] == {"system": "Be brief.", "user": "Tell {{tone}} of [1, 2]; {{raw}}"}
    assert said["names"] == ["tone", "user.name", "list"]
    assert said["one"] == "Hello you"
    assert said["chat"]
    assert said["finish"] == "length"
    assert (said["kind"], said["variable"]) == ("template", "name")
    assert "needs a value for 'name'; did you mean 'nam'" in said["message"]


def test_a_value_of_null_is_missing_and_false_is_not():
    text = Text("{{ a }}")
    assert text.filled({"a": False}) == "false"
    with pytest.raises(MissingVariable):
        text.filled({"a": None})
    with pytest.raises(MissingVariable):
        Text("{{a.b}}").filled({"a": "text"})


@pytest.mark.parametrize("source", ["{{}}", "{{a b}}", "{{1}}", "{{a.}}", "{{#each x}}"])
def test_a_place_that_names_nothing_is_told_at_once(source):
    with pytest.raises(CallError, match="names no variable"):
        Text(source)


def test_braces_that_are_no_place_stay(llm):
    assert Text("{a} } { {{b}} \\{{c}}").filled({"b": 1}) == "{a} } { 1 {{c}}"


@pytest.mark.parametrize("source", ["{{" + " " * 50_000, "{{" * 50_000 + "a", "{{ a" + "\n" * 50_000])
def test_what_is_almost_a_place_takes_no_longer_than_it_is_long(source):
    assert Text(source).filled({}) == source


def test_what_a_template_comes_to_is_bounded():
    assert len(Text("{{a}}" * 60).filled({"a": "x" * 2**20})) == 60 * 2**20
    with pytest.raises(LimitExceeded, match="more than 67108864 characters"):
        Text("{{a}}" * 70).filled({"a": "x" * 2**20})
