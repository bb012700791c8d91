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
        ({"type": "integer"}, "abc", "'x': must be an integer, not text 'abc'"),
        ({"type": "integer"}, True, "'x': must be an integer, not boolean True"),
        ({"type": "integer", "minimum": 1}, 0, "'x': must be at least 1, not 0"),
        ({"enum": ["a", "b"]}, "c", "'x': must be one of 'a', 'b', not text 'c'"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], r"'x': at \[1\]: must be text, not integer 1"),
        ({"type": "object", "required": ["k"]}, {}, "'x': at k: is missing"),
        ({"properties": {"k": {"type": "null"}}}, {"k": 1}, "'x': at k: must be nil, not integer 1"),
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
        "unknown parameter 'nam'; did you mean 'name'?; "
        "parameter 'name' is missing (on the command line: -p name=...); "
        "parameter 'n': must be an integer, not text 'y' (the spell takes name: string, n: integer)"
    )


def test_a_spell_that_declares_no_parameters_takes_none() -> None:
    with pytest.raises(ParameterError, match="the spell takes no parameters"):
        check(declare(), {"x": 1})


def test_required_is_the_word_of_the_manifest_and_of_json_schema() -> None:
    inner = {"type": "object", "required": ["k"]}
    assert check(declare(x={**inner, "required": True}), {"x": {}}) == {"x": {}}
    with pytest.raises(ParameterError, match="at k: is missing"):
        check(declare(x=inner), {"x": {}})


def test_a_default_that_does_not_fit_is_wrong_too() -> None:
    with pytest.raises(ParameterError, match="must be an integer, not text 'x'"):
        check(declare(n={"type": "integer", "default": "x"}), {})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "text"}, r"parameters.x: the schema is wrong at \$\.type: text 'text' is no type"),
        ({"$ref": "#/$defs/y"}, "parameters.x: .* refers to '#/\\$defs/y', which is not in it"),
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
        ({"pattern": "(?<=a*)b"}, "x", "the pattern '.*' cannot be used"),
        ({"pattern": "a{2000}"}, "x", "the pattern '.*' cannot be used"),
        ({"$ref": "#/$defs/d0", "$defs": {**TWICE, "d40": {}}}, 1, "takes more than 50000 steps"),
        ({"items": {"items": {"enum": [*range(100)]}}}, [[99] * 100] * 90, "takes more than 50000 steps"),
        ({"enum": [0] * 20_000}, 1, "more than 10000 parts"),
    ],
)
def test_no_schema_holds_up_the_host(schema: dict[str, Any], value: Any, said: str) -> None:
    """A manifest is as untrusted as its spell, and brings both the schema and a default that is checked by it."""
    with pytest.raises(ManifestError, match=said):
        check(declare(x={**schema, "default": value}), {})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a|a)*$"}, "a" * 10_000 + "b"),
        ({"items": {"pattern": "^a*a*a*a*a*b$"}}, ["a" * 150] * 1000),
        ({"propertyNames": {"pattern": "^(a|a)*$"}}, {"a" * 10_000 + "b": 1}),
        ({"patternProperties": {"^(a|a)*b$": {"type": "null"}}}, {"a" * 10_000 + "b": 1}),
        ({"uniqueItems": True}, [*range(3000), 1]),
    ],
)
def test_what_would_take_others_long_is_checked_in_time(schema: dict[str, Any], value: Any) -> None:
    with pytest.raises(ParameterError):
        check(declare(x={**schema, "default": value}), {})


def test_a_schema_never_makes_the_host_fetch_anything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        with pytest.raises(ManifestError, match="refers to 'http://127"):
            check(declare(x={"$ref": url}), {"x": 1})
        with pytest.raises(BlockingIOError):
            server.accept()
