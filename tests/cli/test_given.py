"""Parameters as the command line gives them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.cli.given import parameters
from llmspell_core.errors import ParameterError
from llmspell_core.spells import Manifest

if TYPE_CHECKING:
    from pathlib import Path

FREE = Manifest()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("9223372036854775807", 2**63 - 1),
        ("1.5", 1.5),
        ("-0.0", -0.0),
        ("2e3", 2000.0),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("null", "null"),
        ("a=b", "a=b"),
        ("", ""),
        ("nan", "nan"),
    ],
)
def test_undeclared_text_becomes_what_it_looks_like(text: str, value: Any) -> None:
    given = parameters(FREE, [f"x={text}"], None)["x"]
    assert (given, type(given)) == (value, type(value))


def test_an_integer_beyond_64_bits_stays_text() -> None:
    assert parameters(FREE, ["x=9223372036854775808"], None) == {"x": "9223372036854775808"}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "3", "3"),
        ({"type": "string"}, "true", "true"),
        ({"type": "integer"}, "3", 3),
        ({"type": "integer"}, "3.5", "3.5"),
        ({"type": "number"}, "3", 3),
        ({"type": "number"}, "3.5", 3.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "yes", "yes"),
        ({"type": "array"}, "[1, 2]", [1, 2]),
        ({"type": "array"}, '{"a": 1}', '{"a": 1}'),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": ["integer", "null"]}, "3", 3),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["string", "integer"]}, "3", 3),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["1", "2"]}, "2", "2"),
        ({}, "2", 2),
    ],
)
def test_declared_text_becomes_what_is_declared_or_stays_for_the_check(
    schema: dict[str, Any], text: str, value: Any
) -> None:
    given = parameters(Manifest(parameters={"x": schema}), [f"x={text}"], None)["x"]
    assert (given, type(given)) == (value, type(value))


@pytest.mark.parametrize(
    ("pairs", "value"),
    [
        (["x=a"], ["a"]),
        (["x=a", "x=b"], ["a", "b"]),
        (['x=["a", "b"]'], ["a", "b"]),
        (["x=a", 'x=["b"]'], ["b"]),
        (['x=["a", '], '["a", '),
        (['x:=["a"]', "x=b"], ["b"]),
    ],
)
def test_a_declared_list_is_given_whole_or_item_by_item(pairs: list[str], value: Any) -> None:
    manifest = Manifest(parameters={"x": {"type": "array", "items": {"type": "string"}}})
    assert parameters(manifest, pairs, '{"x": ["old"]}') == {"x": value}


def test_the_items_of_a_list_are_read_as_they_are_declared() -> None:
    manifest = Manifest(parameters={"x": {"type": "array", "items": {"type": "integer"}}})
    assert parameters(manifest, ["x=1", "x=two"], None) == {"x": [1, "two"]}


def test_exact_values_are_json_whatever_is_declared() -> None:
    manifest = Manifest(parameters={"x": {"type": "string"}})
    assert parameters(manifest, ['x:=[1, "a", null]'], None) == {"x": [1, "a", None]}


def test_single_parameters_come_after_the_document_and_the_last_one_counts() -> None:
    assert parameters(FREE, ["a=2", "a=3"], '{"a": 1, "b": 1}') == {"a": 3, "b": 1}


def test_the_document_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"x": 1e400}')
    assert math.isinf(parameters(FREE, [], f"@{tmp_path}/p.json")["x"])


@pytest.mark.parametrize(
    ("pairs", "document", "said"),
    [
        (["x"], None, "cannot read -p x; write -p name=value"),
        (["=x"], None, "cannot read -p =x"),
        ([":=x"], None, "cannot read -p :=x"),
        (["x:={"], None, "-p x:={: not valid JSON"),
        ([], "{", "--params: not valid JSON"),
        ([], "[1]", "--params: parameters are a JSON object"),
        ([], "@/nope.json", "cannot read '/nope.json'"),
        ([], "[" * 100_000, "--params: not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_told(pairs: list[str], document: str | None, said: str) -> None:
    with pytest.raises(ParameterError) as raised:
        parameters(FREE, pairs, document)
    assert str(raised.value).startswith(said)
