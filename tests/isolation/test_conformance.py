"""The engines conform in a process as they do inline: the whole suite, each cast in a worker, each replay inline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from llmspell_conformance import trial
from llmspell_conformance.cases import Case, Row, load_all
from llmspell_conformance.targets import Target, targets

from llmspell_core.isolation.processes import Processes
from llmspell_core.runner import Runner

pytestmark = pytest.mark.slow

TARGETS = {target.info.name: target for target in targets(["lua", "lua55", "luajit", "js"], [], [])}
ROWS = [(name, case, row) for name in TARGETS for case in load_all() for row in case.rows]


@pytest.fixture(scope="module")
def shared() -> Iterator[Processes]:
    """The workers of all rows: a zygote for each engine, not for each row."""
    made = Processes({})
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nothing_is_left() -> None:
    """The zygotes stay for the next row."""


@pytest.fixture(autouse=True)
def in_processes(shared: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    class InProcesses(Runner):
        processes = shared

        def __init__(self, **options: Any) -> None:
            super().__init__(**options | {"isolation": "process"})

    monkeypatch.setattr(trial, "Runner", InProcesses)


def _lacks(target: Target, case: Case) -> bool:
    return bool(target.missing(case)) and case.otherwise is None


@pytest.mark.parametrize(("name", "case", "row"), ROWS, ids=lambda part: getattr(part, "name", part))
def test_a_row_of_the_suite_holds_in_a_process(name: str, case: Case, row: Row) -> None:
    target = TARGETS[name]
    if _lacks(target, case):
        pytest.skip(f"{name} has no {', '.join(target.missing(case))}")
    trial.try_row(case, row, target)
