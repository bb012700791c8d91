from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from llmspell_conformance.report import EngineReport, Report

SPEC = importlib.util.spec_from_file_location("broken_engines", Path(__file__).with_name("broken_engines.py"))
assert SPEC is not None
assert SPEC.loader is not None
broken_engines = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(broken_engines)
BREAKS: dict[str, str] = broken_engines.BREAKS

THOROUGH = "CutsTextAtNul"
"""The broken engine that is tried on every case here."""


@pytest.fixture(scope="module")
def engines(report_of: Callable[..., Report]) -> dict[str, EngineReport]:
    """Return how the cases of the broken rules end on every broken engine, and on one that is not broken."""
    classes = ["WrappedEngine", *(f"{name}Engine" for name in BREAKS)]
    wanted = [arg for name in classes for arg in ("--engine-class", f"broken_engines:{name}")]
    pairs = " or ".join(f"({engine} and {case})" for engine, case in BREAKS.items())
    report = report_of(*wanted, "-k", f"unbroken or {THOROUGH} or {pairs}", cases=set(BREAKS.values()))
    return {engine.name: engine for engine in report.engines}


@pytest.mark.parametrize(("engine", "case"), BREAKS.items())
def test_the_suite_finds_out_an_engine_that(engines: dict[str, EngineReport], engine: str, case: str) -> None:
    assert case in {row.case for row in engines[engine].rows if row.outcome == "failed"}


def test_a_failure_names_the_case_the_row_and_the_rule(engines: dict[str, EngineReport]) -> None:
    failed = next(row for row in engines["EmptiesMapsIntoLists"].rows if row.outcome == "failed")

    first, second = failed.reason.splitlines()[:2]
    rule = "an empty list and an empty map stay apart (values.md#list, values.md#map)"
    assert first == f"EmptiesMapsIntoLists: not so: {rule}"
    assert second.startswith(f"values-list-or-map, {failed.row}: ")


def test_the_same_wrapper_passes_where_nothing_is_broken(engines: dict[str, EngineReport]) -> None:
    rows = engines["unbroken"].rows

    assert {row.case for row in rows} == set(BREAKS.values())
    assert [row for row in rows if row.outcome != "passed"] == []


def test_a_broken_engine_passes_the_cases_of_other_rules(engines: dict[str, EngineReport]) -> None:
    failed = {row.case for row in engines[THOROUGH].rows if row.outcome == "failed"}

    assert failed == {BREAKS[THOROUGH]}


def test_an_engine_that_raises_what_it_may_not_is_shown_with_its_traceback(engines: dict[str, EngineReport]) -> None:
    [row] = engines["Crashes"].rows

    assert "values-nothing, after a call: raised ZeroDivisionError: the VM divided by zero" in row.reason
    assert 'raise ZeroDivisionError("the VM divided by zero")' in row.reason
