"""Every method of the bridge structured, called from each language, inline and in a process of its own."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.runner import Isolation, Runner

if not all(importlib.util.find_spec(name) for name in ("genson", "json_repair", "re2", "llmspell_lua", "llmspell_js")):
    pytest.skip("llmspell-bridges[tools] or a language is not installed", allow_module_level=True)

STRUCTURED = {
    "lua": """
local person = {
  type = "object", required = {"name"}, additionalProperties = false,
  properties = {name = {type = "string"}, age = {type = "integer", ["x-check"] = "grown"}, tags = {default = list({})}},
}
structured.validator("grown", function(value) if value < 18 then return "is too young" end end)
structured.save("person", person)
local v1, v2 = structured.get("person"), structured.merge("person", {title = "Person"})
local number = structured.save("person", v2)
local wrong = structured.validate({nam = "Ada", age = "x"}, "person")
local young = structured.validate({name = "Ada", age = 5}, "person")
local found = structured.extract("Sure:\\n```json\\n{name: 'Ada',}\\n```", "person")
local same = structured.extract_structured("[1, 2]")
local changes = structured.diff(v1, v2)
local moved = structured.migrate({name = "Ada"}, "person",
  {type = "object", properties = {full = {type = "string", ["x-was"] = "name"}}})
local api = structured.to_openapi({person = person}, {title = "API", version = "2"})
local ok, e = pcall(structured.validate, 1, {["$ref"] = "http://127.0.0.1/"})
local told, d = pcall(structured.extract, "[1]", person)
return {
  number, structured.list(), structured.versions("person"), wrong.valid, wrong.errors, young.errors, found, same,
  {changes[1].path, changes[1].change}, moved, api.openapi, structured.infer_schema({a = {1}}).properties.a.type,
  structured.delete("person"), {ok, e.kind, e.data.path}, {told, d.kind, d.data.errors[1].message},
}
""",
    "js": """
const person = {
  type: "object", required: ["name"], additionalProperties: false,
  properties: { name: { type: "string" }, age: { type: "integer", "x-check": "grown" }, tags: { default: [] } },
};
await structured.validator("grown", (value) => (value < 18 ? "is too young" : undefined));
await structured.save("person", person);
const v1 = await structured.get("person"), v2 = await structured.merge("person", { title: "Person" });
const number = await structured.save("person", v2);
const wrong = await structured.validate({ nam: "Ada", age: "x" }, "person");
const young = await structured.validate({ name: "Ada", age: 5 }, "person");
const found = await structured.extract("Sure:\\n```json\\n{name: 'Ada',}\\n```", "person");
const same = await structured.extractStructured("[1, 2]");
const changes = await structured.diff(v1, v2);
const moved = await structured.migrate({ name: "Ada" }, "person",
  { type: "object", properties: { full: { type: "string", "x-was": "name" } } });
const api = await structured.toOpenapi({ person }, { title: "API", version: "2" });
let e, d;
try { await structured.validate(1, { $ref: "http://127.0.0.1/" }) } catch (error) { e = error }
try { await structured.extract("[1]", person) } catch (error) { d = error }
return [
  number, await structured.list(), await structured.versions("person"), wrong.valid, wrong.errors, young.errors, found,
  same, [changes[0].path, changes[0].change], moved, api.openapi,
  (await structured.inferSchema({ a: [1] })).properties.a.type, await structured.delete("person"),
  [false, e.kind, e.data.path], [false, d.kind, d.data.errors[0].message],
];
""",
}


def cast(language: str, source: str, isolation: Isolation) -> Any:
    with Runner(isolation=isolation) as runner:
        return runner.cast(source, engine=language).unwrap()


@pytest.mark.parametrize("isolation", ["inline", "process"])
@pytest.mark.parametrize("language", STRUCTURED)
def test_data_gets_a_form(language: str, isolation: Isolation) -> None:
    value = cast(language, STRUCTURED[language], isolation)
    errors = sorted((error["path"], error["message"]) for error in value[4])
    value[4] = errors
    assert value == [
        2,
        ["person"],
        [1, 2],
        False,
        [
            ("$.age", "must be an integer, not text 'x'"),
            ("$.nam", "is not known; did you mean 'name'?"),
            ("$.name", "is missing"),
        ],
        [{"path": "$.age", "message": "is too young"}],
        {"name": "Ada", "tags": []},
        [1, 2],
        ["$.title", "added"],
        {"full": "Ada"},
        "3.1.0",
        "array",
        True,
        [False, "schema", '$["$ref"]'],
        [False, "validation", "must be a map, not list"],
    ]


@pytest.mark.parametrize("language", STRUCTURED)
def test_no_method_is_left_out(language: str) -> None:
    for name in exposed_methods(plugins.bridge_class("structured")):
        spelled = name if language == "lua" else re.sub(r"_(\w)", lambda found: found[1].upper(), name)
        assert re.search(rf"structured\.{spelled}\b", STRUCTURED[language]), name
