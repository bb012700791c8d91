"""values.py: what may cross, and how what may not is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from llmspell_core.errors import ConversionError
from llmspell_core.values import MAX_DEPTH, ErrorValue, is_plain, lower


def refuse(value: Any, path: str) -> Any:
    raise ConversionError(f"{type(value).__name__} is unknown", path)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [None, True, 0, -(2**53) + 1, 1.5, -0.0, "text", "\0", "🜂", [], {}, [{"a": [None]}], nested(MAX_DEPTH)]
)
def test_json_as_it_stands_is_plain(value: Any) -> None:
    assert is_plain(value)
    assert lower(value, refuse) == value


@pytest.mark.parametrize(
    "value",
    [2**53, math.nan, math.inf, b"x", {"$": 1}, {1: 2}, (1,), "\ud800", {"\ud800": 1}, [b"x"], nested(MAX_DEPTH + 1)],
)
def test_everything_else_is_not_plain(value: Any) -> None:
    assert not is_plain(value)


@pytest.mark.parametrize(
    ("value", "path", "problem"),
    [
        ({"a": {"b": [1, 2, 3, 2**63]}}, "$.a.b[3]", "64 bits"),
        ({"a key": ["\ud800"]}, '$["a key"][0]', "surrogate"),
        ([{3: 1}], "$[0]", "key must be text"),
        ([object()], "$[0]", "object is unknown"),
        (nested(MAX_DEPTH + 1), "$" + "[0]" * MAX_DEPTH, "nested deeper"),
    ],
)
def test_what_may_not_cross_is_refused_with_its_path(value: Any, path: str, problem: str) -> None:
    with pytest.raises(ConversionError, match=problem) as caught:
        lower(value, refuse)
    assert caught.value.path == path


def test_a_cycle_is_refused_and_does_not_hang() -> None:
    cycle: list[Any] = []
    cycle.append({"again": cycle})
    assert not is_plain(cycle)
    with pytest.raises(ConversionError, match="cycle"):
        lower(cycle, refuse)


def test_the_data_of_an_error_is_lowered_too() -> None:
    with pytest.raises(ConversionError) as caught:
        lower([ErrorValue("k", "m", data={"x": 2**70})], refuse)
    assert caught.value.path == "$[0].data.x"


@pytest.mark.parametrize(
    ("error", "path"),
    [
        (ErrorValue("k", "\ud800"), "$.message"),
        (ErrorValue("k", "m", traceback="\ud800"), "$.traceback"),
        (ErrorValue("k", "m", cause=ErrorValue("k", "m", {"x": 2**70})), "$.cause.data.x"),
    ],
)
def test_all_fields_of_an_error_and_its_causes_are_lowered(error: ErrorValue, path: str) -> None:
    with pytest.raises(ConversionError) as caught:
        lower(error, refuse)
    assert caught.value.path == path


def test_rich_data_of_a_cause_is_converted() -> None:
    error = ErrorValue("k", "m", cause=ErrorValue("k", "m", (1, 2)))
    lowered = lower(error, lambda v, _: list(v))
    assert lowered.cause.data == [1, 2]


def test_lowering_leaves_the_host_value_alone() -> None:
    value = {"a": (1, 2)}
    assert lower(value, lambda v, _: list(v)) == {"a": [1, 2]}
    assert value == {"a": (1, 2)}
