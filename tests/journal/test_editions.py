"""Journals of other editions: an older one is brought up to date, a newer one refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from llmspell_core import Runner
from llmspell_core.cli import main
from llmspell_core.journal import Journal
from llmspell_core.journal.editions import NewerJournal
from llmspell_core.testing import FakeEngine

STEP = ("ALTER TABLE runs ADD COLUMN mood TEXT",)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/runs.db"
        return
    import psycopg

    server, name = request.getfixturevalue("postgres"), f"llmspell_editions_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An llmspell to come."""
    with monkeypatch.context() as made:
        made.setattr("llmspell_core.journal.editions._STEPS", (STEP,))
        yield made


def cast(url: str, id: str) -> None:
    with Runner(journal=url, engines={"fake": FakeEngine}, isolation="inline") as runner:
        runner.cast("def main(params):\n    return 1\n    yield", engine="fake", run_id=id).unwrap()


def moods(url: str) -> list[tuple[object, ...]]:
    with Journal(url) as journal, journal.database.transaction() as transaction:
        return transaction.execute("SELECT id, mood FROM runs ORDER BY id")


def test_an_older_journal_is_brought_up_to_date(url: str, newer: pytest.MonkeyPatch) -> None:
    newer.undo()
    cast(url, "old")
    newer.setattr("llmspell_core.journal.editions._STEPS", (STEP,))
    cast(url, "young")
    assert moods(url) == [("old", None), ("young", None)]


def test_a_journal_from_before_editions_is_the_first(url: str, newer: pytest.MonkeyPatch) -> None:
    newer.undo()
    cast(url, "old")
    with Journal(url) as journal, journal.database.transaction() as transaction:
        transaction.execute("DROP TABLE journal_editions")
    newer.setattr("llmspell_core.journal.editions._STEPS", (STEP,))
    assert moods(url) == [("old", None)]


def test_many_bring_a_journal_up_to_date_at_once(url: str, newer: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(moods, [url] * 8)) == [[]] * 8


def test_a_newer_journal_is_refused_and_left_as_it_is(url: str, newer: pytest.MonkeyPatch) -> None:
    cast(url, "young")
    newer.undo()
    with pytest.raises(NewerJournal, match="of edition 2, and this llmspell knows 1"):
        Journal(url)
    told = CliRunner().invoke(main, ["runs", "list", "--journal", url])
    assert (told.exit_code, "a newer one has used it" in told.stderr) == (2, True)
    newer.setattr("llmspell_core.journal.editions._STEPS", (STEP,))
    assert moods(url) == [("young", None)]
