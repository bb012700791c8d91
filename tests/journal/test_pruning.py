"""Old runs are dropped whole, with all that they have cast, and never many in one transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from llmspell_core.journal import Journal
from llmspell_core.journal.pruning import BATCH
from llmspell_core.journal.records import Entry
from llmspell_core.runner import Runner

LATER = time.time() + 86400


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param == "sqlite":
        with Journal(f"sqlite:///{tmp_path}/runs.db") as made:
            yield made
        return
    import psycopg

    server, name = request.getfixturevalue("postgres"), f"llmspell_pruning_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    with Journal(f"{server.rpartition('/')[0]}/{name}") as made:
        yield made
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def add(journal: Journal) -> Any:
    """Add runs like one that ended well, with an entry each."""
    with Runner(isolation="inline", bridges={}, journal=journal) as runner:
        runner.cast("return 1", engine="lua", run_id="first")
    pattern = journal.run("first")

    def add(id: str, parent: str | None = None, status: Any = "ok") -> None:
        entry = Entry(1, "fed", 0.0, "{}", None)
        journal.add(replace(pattern, id=id, parent=parent, status=status), [entry])

    return add


@contextmanager
def counted(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Yield how many statements each transaction of a journal has."""
    statements: list[int] = []
    begin = journal.database.transaction

    class Counting:
        def __init__(self, transaction: Any) -> None:
            self._transaction = transaction
            statements.append(0)

        def execute(self, sql: str, **values: Any) -> Any:
            statements[-1] += 1
            return self._transaction.execute(sql, **values)

        def change(self, sql: str, **values: Any) -> Any:
            statements[-1] += 1
            return self._transaction.change(sql, **values)

    @contextmanager
    def transaction() -> Iterator[Any]:
        with begin() as made:
            yield Counting(made)

    with monkeypatch.context() as patched:
        patched.setattr(journal.database, "transaction", transaction)
        yield statements


def test_many_runs_are_dropped_in_few_statements(journal: Journal, add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2 * BATCH):
        add(f"run-{number}")
    with counted(journal, monkeypatch) as statements:
        assert journal.prune(LATER) == 2 * BATCH + 1
    # To find them, their children, and to drop their rows in two tables; the last look finds none.
    assert statements[:4] == [4, 4, 4, 1]
    assert journal.runs() == []
    assert journal.entries("run-7") == []


def test_what_a_run_has_cast_goes_with_it(journal: Journal, add: Any) -> None:
    add("child", "first")
    add("grandchild", "child")
    add("other")
    journal.delete("first")
    assert [journal.find(run) for run in ("first", "child", "grandchild")] == [None] * 3
    assert journal.entries("grandchild") == []
    assert [run.id for run in journal.runs()] == ["other"]


def test_runs_at_work_and_newer_ones_stay(journal: Journal, add: Any) -> None:
    add("at-work", status="running")
    add("child", "at-work")
    assert journal.prune(journal.run("first").changed) == 0
    assert journal.prune(LATER) == 1
    assert {"at-work", "child"} == {run.id for run in [*journal.runs(), *journal.runs(parent="at-work")]}


def test_of_runs_to_drop_those_that_are_not_there_are_passed_over(journal: Journal, add: Any) -> None:
    add("second")
    journal.drop(["none", "first"])
    assert [run.id for run in journal.runs()] == ["second"]


def test_a_file_shrinks_when_runs_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    with Journal(f"sqlite:///{file}") as journal:
        fill(journal)
    before = file.stat().st_size
    with Journal(f"sqlite:///{file}") as journal:
        assert journal.prune(LATER) == 20
    assert file.stat().st_size < before / 4


def test_a_file_that_cannot_shrink_is_pruned_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE other (a TEXT)")
    with Journal(f"sqlite:///{file}") as journal:
        fill(journal)
        assert journal.prune(LATER) == 20


def fill(journal: Journal) -> None:
    """Add runs that take much room."""
    with Runner(isolation="inline", bridges={}, journal=journal) as runner:
        for _ in range(20):
            runner.cast("return ('x'):rep(200000)", engine="lua").unwrap()
