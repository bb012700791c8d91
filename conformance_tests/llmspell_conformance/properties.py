"""Round trips of random values: what a script was given comes back equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from llmspell_conformance.cases import CASES, Case, load
from llmspell_conformance.items import wanted
from llmspell_conformance.matching import difference
from llmspell_conformance.probe import ProbeBridge
from llmspell_conformance.witness import Witness
from llmspell_core.engine import Feature
from llmspell_core.runner import Runner
from llmspell_core.values import INT_MAX, INT_MIN, SAFE_INT, ErrorValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_conformance.targets import Target


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Called by pytest; runs each property on each engine."""
    found = wanted(metafunc.config)
    metafunc.parametrize("target", found, ids=[target.info.name for target in found], scope="module")


@pytest.fixture(autouse=True)
def _reported(request: pytest.FixtureRequest, target: Target) -> None:
    name = request.function.__name__
    request.node.user_properties += [("engine", target.info.name), ("case", "properties"), ("row", name)]


@pytest.fixture(scope="module")
def cast(target: Target) -> Iterator[_Cast]:
    """Return what casts a case's spell with a value as ``params.x``."""
    with Runner(
        bridges={"probe": ProbeBridge},
        engines={target.info.name: target.engine},
        options={"probe": {"witness": Witness()}},
        isolation="inline",
    ) as runner:
        yield _Cast(runner, target)


class _Cast:
    """Casts the spell of a case."""

    def __init__(self, runner: Runner, target: Target) -> None:
        self._runner, self._target = runner, target
        self._cases: dict[str, Case] = {}

    def __call__(self, case: str, value: object) -> Any:
        if case not in self._cases:
            self._cases[case] = load(CASES / case / "case.yaml")
        spell = self._target.spell(self._cases[case])
        return self._runner.cast(spell, engine=self._target.info.name, params={"x": value}).unwrap()

    def holds(self, value: object) -> bool:
        """Tell whether the engine has the integers in a value, all of which it may refuse."""
        return Feature.INT64 in self._target.info.features or _is_safe(value)


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_key = _text | st.sampled_from(["$", "__proto__", "__index", "then", "1", ""])
_number = st.integers(INT_MIN, INT_MAX) | st.integers(-SAFE_INT, SAFE_INT) | st.integers(-9, 9) | st.floats()
_leaf = st.none() | st.booleans() | _number | _text | st.binary(max_size=12)
_value = st.recursive(_leaf, lambda inner: st.lists(inner) | st.dictionaries(_key, inner), max_leaves=12)
_error = st.builds(ErrorValue, _text, _text, _value, st.none() | st.builds(ErrorValue, _text, _text, _value))
# The engine is the same for all examples, and a session is made anew for each.
_settings = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@_settings
@given(value=_value)
@example(value={"a": [None, [], {}, -0.0, b"", "\0", 2**53 - 1]})
def test_a_value_given_and_returned_is_equal(cast: _Cast, value: object) -> None:
    """A spell that returns its parameter gives back what it was given."""
    if cast.holds(value):
        assert difference(value, cast("values-list-or-map", value)) is None


@_settings
@given(value=_value)
@example(value=[{"$": [{"$": None}]}, float("nan"), b"\xff", "\U0010ffff"])
def test_a_value_sent_through_a_bridge_is_equal(cast: _Cast, value: object) -> None:
    """A spell that sends its parameter to a bridge and returns the answer gives back what it was given."""
    if cast.holds(value):
        assert difference(value, cast("values-list-kept", value)) is None


@_settings
@given(value=_error)
def test_an_error_sent_through_a_bridge_is_equal(cast: _Cast, value: ErrorValue) -> None:
    """An error is a value like any other."""
    if cast.holds([value.data, value.cause and value.cause.data]):
        assert difference(value, cast("values-error-kept", value)) is None


@_settings
@given(a=_text, b=_text)
def test_joined_text_is_whole(cast: _Cast, a: str, b: str) -> None:
    """Text that the script takes apart and puts together is the same text."""
    assert cast("values-list-or-map", [a, b, a + b]) == [a, b, a + b]


def _is_safe(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_safe(item) for item in value)
    if isinstance(value, dict):
        return all(_is_safe(item) for item in value.values())
    return not isinstance(value, int) or -SAFE_INT <= value <= SAFE_INT
