"""Parameters, checked against what a manifest declares."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from llmspell_core.errors import ManifestError, ParameterError
from llmspell_core.parameters import check
from llmspell_core.spells import Manifest


def declare(**parameters: dict[str, Any]) -> Manifest:
    return Manifest(parameters=parameters)


def test_without_declarations_everything_goes() -> None:
    assert check(Manifest(), {"x": [1]}) == {"x": [1]}


def test_defaults_fill_what_is_not_given() -> None:
    manifest = declare(a={"type": "string", "default": "x"}, b={"type": "integer", "default": 1}, c={})
    assert check(manifest, {"b": 2}) == {"a": "x", "b": 2}


def test_what_fits_is_passed_as_it_is() -> None:
    manifest = declare(
        s={"type": "string"},
        i={"type": "integer", "minimum": 1, "maximum": 3},
        n={"type": "number"},
        b={"type": "boolean"},
        a={"type": "array", "items": {"type": "integer"}},
        o={"type": "object", "properties": {"x": {}}, "required": ["x"]},
        e={"enum": ["red", "blue"]},
    )
    given = {"s": "", "i": 3, "n": 1.5, "b": False, "a": [1], "o": {"x": None}, "e": "red"}
    assert check(manifest, given) == given


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer"}, "abc", "'x': 'abc' is not of type 'integer'"),
        ({"type": "integer"}, True, "'x': True is not of type 'integer'"),
        ({"type": "integer", "minimum": 1}, 0, "'x': 0 is less than the minimum of 1"),
        ({"enum": ["a", "b"]}, "c", r"'x': 'c' is not one of \['a', 'b'\]"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], r"'x': at \[1\]: 1 is not of type 'string'"),
        ({"type": "object", "required": ["k"]}, {}, "'x': 'k' is a required property"),
        ({"properties": {"k": {"type": "null"}}}, {"k": 1}, "'x': at k: 1 is not of type 'null'"),
    ],
)
def test_what_does_not_fit_is_named(schema: dict[str, Any], value: Any, said: str) -> None:
    with pytest.raises(ParameterError, match=f"parameter {said}"):
        check(declare(x=schema), {"x": value})


def test_all_wrong_parameters_are_named_at_once_with_what_the_spell_takes() -> None:
    manifest = declare(name={"type": "string", "required": True}, n={"type": "integer"})
    with pytest.raises(ParameterError) as raised:
        check(manifest, {"nam": "x", "n": "y"})
    assert str(raised.value) == (
        "unknown parameter 'nam'; did you mean 'name'?; parameter 'name' is missing; give it with -p name=...; "
        "parameter 'n': 'y' is not of type 'integer' (the spell takes name: string, n: integer)"
    )


def test_a_spell_that_declares_no_parameters_takes_none() -> None:
    with pytest.raises(ParameterError, match="the spell takes no parameters"):
        check(declare(), {"x": 1})


def test_required_is_the_word_of_the_manifest_and_of_json_schema() -> None:
    inner = {"type": "object", "required": ["k"]}
    assert check(declare(x={**inner, "required": True}), {"x": {}}) == {"x": {}}
    with pytest.raises(ParameterError, match="'k' is a required property"):
        check(declare(x=inner), {"x": {}})


def test_a_default_that_does_not_fit_is_wrong_too() -> None:
    with pytest.raises(ParameterError, match="'x' is not of type 'integer'"):
        check(declare(n={"type": "integer", "default": "x"}), {})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "text"}, "parameters.x: no valid JSON Schema: type: 'text' is not valid"),
        ({"$ref": "#/$defs/y"}, "parameters.x: the schema refers to '/\\$defs/y', which is not in it"),
        ({"$ref": "#"}, "nests too deeply"),
    ],
)
def test_a_declaration_that_is_no_schema_is_the_manifests_fault(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        check(declare(x=schema), {"x": 1})


TWICE = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(40)}


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"pattern": "^(a|a)*$"}, "a" * 40 + "b", "the pattern '.*' takes too long"),
        ({"items": {"pattern": "^a*a*a*a*a*b$"}}, ["a" * 150] * 1000, "takes too long"),
        ({"propertyNames": {"pattern": "^(a|a)*$"}}, {"a" * 40 + "b": 1}, "takes too long"),
        ({"pattern": "(?<=a*)b"}, "x", "takes too long|no valid JSON Schema|is no pattern"),
        ({"patternProperties": {"^(a|a)*$": {}}}, {"a" * 40 + "b": 1}, "patternProperties is not allowed"),
        ({"$ref": "#/$defs/d0", "$defs": {**TWICE, "d40": {}}}, 1, "takes too long to check"),
        ({"uniqueItems": True}, [*range(3000), "x"], "takes too long to check"),
    ],
)
def test_no_schema_holds_up_the_host(schema: dict[str, Any], value: Any, said: str) -> None:
    """A manifest is as untrusted as its spell, and brings both the schema and a default that is checked by it."""
    with pytest.raises(ManifestError, match=said):
        check(declare(x={**schema, "default": value}), {})


def test_a_schema_never_makes_the_host_fetch_anything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        with pytest.raises(ManifestError, match="refers to 'http://127"):
            check(declare(x={"$ref": url}), {"x": 1})
        with pytest.raises(BlockingIOError):
            server.accept()
