from __future__ import annotations

from typing import Any

import pytest
from llmspell_conformance.cases import ExpectedError
from llmspell_conformance.matching import difference, error_difference

from llmspell_core.values import ErrorValue, Function, HandleRef

NAN = float("nan")


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (None, None),
        (1, 1),
        (3.0, 3),
        (0.0, 0),
        (NAN, NAN),
        (-0.0, -0.0),
        ([1, [NAN]], [1, [NAN]]),
        ({"a": 1, "b": None}, {"b": None, "a": 1}),
        (b"a", b"a"),
        (ErrorValue("k", "m"), ErrorValue("k", "m", file="f", line=3, traceback="t")),
        (HandleRef(3, "Counter", True), HandleRef(3)),
    ],
)
def test_equal_values_have_no_difference(expected: Any, found: Any) -> None:
    assert difference(expected, found) is None


@pytest.mark.parametrize(
    ("expected", "found", "path"),
    [
        (1, 1.0, "$"),
        (1, True, "$"),
        (0, False, "$"),
        (None, False, "$"),
        (0.0, -0.0, "$"),
        (-0.0, 0.0, "$"),
        (-0.0, 0, "$"),
        (NAN, None, "$"),
        (1e20, 10**20, "$"),
        (1.5, 1, "$"),
        ("a", b"a", "$"),
        ([], {}, "$"),
        ({}, [], "$"),
        ({}, None, "$"),
        ([1, 2], [1], "$"),
        ([1, [2]], [1, [3]], "$[1][0]"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "$['a']['b']"),
        ({"a": None}, {}, "$"),
        ({}, {"a": None}, "$"),
        (2**53 + 1, 2**53, "$"),
        (ErrorValue("k", "m", 1), ErrorValue("k", "m"), "$.data"),
        (ErrorValue("k", "m", cause=ErrorValue("k", "n")), ErrorValue("k", "m"), "$.cause"),
        (ErrorValue("k", "m", line=1), ErrorValue("k", "m", line=2), "$.line"),
        (HandleRef(3), HandleRef(4), "$"),
        (Function(1), None, "$"),
    ],
)
def test_different_values_differ_at_a_place(expected: Any, found: Any, path: str) -> None:
    said = difference(expected, found)

    assert said is not None
    assert said.startswith(f"{path}: expected ")


def test_functions_are_compared_by_the_numbers_they_had_before() -> None:
    numbers: dict[int, int] = {}

    assert difference([Function(1), Function(2)], [Function(70), Function(80)], functions=numbers) is None
    assert difference(Function(1), Function(70), functions=numbers) is None
    assert difference(Function(1), Function(80), functions=numbers) is not None


FOUND = ErrorValue("odd", "$.a[1]: it broke", {"n": 1}, ErrorValue("root", "why"), "lib/a.lua", 3, "in outer")


@pytest.mark.parametrize(
    "expected",
    [
        ExpectedError(),
        ExpectedError("odd", "broke", {"n": 1}, ExpectedError("root"), "lib/a", 3, "$.a[1]", "outer"),
        ExpectedError(message="/b.oke$/", lacks=("secret",)),
    ],
)
def test_an_error_fits_what_is_said_of_it(expected: ExpectedError) -> None:
    assert error_difference(expected, FOUND) is None


@pytest.mark.parametrize(
    ("expected", "problem"),
    [
        (ExpectedError("even"), "kind"),
        (ExpectedError(message="bent"), "message"),
        (ExpectedError(message="/^broke/"), "message"),
        (ExpectedError(data=None), "data"),
        (ExpectedError(data={"n": 2}), "data"),
        (ExpectedError(cause=ExpectedError("odd")), "kind"),
        (ExpectedError(cause=ExpectedError(cause=ExpectedError())), "no cause"),
        (ExpectedError(file="lib/b"), "file"),
        (ExpectedError(line=4), "line"),
        (ExpectedError(path="$.a"), "place"),
        (ExpectedError(path="a[1]"), "place"),
        (ExpectedError(traceback="inner"), "traceback"),
        (ExpectedError(lacks=("outer",)), "tells of"),
    ],
)
def test_an_error_that_does_not_fit_is_told_apart(expected: ExpectedError, problem: str) -> None:
    said = error_difference(expected, FOUND)

    assert said is not None
    assert problem in said
