"""What those see who submit: jobs that wait, are cancelled, retried, pruned; schedules."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from llmspell_core.cli import main
from llmspell_core.database import open_database
from llmspell_core.errors import UsageError
from llmspell_core.journal import Journal
from llmspell_core.journal.pruning import BATCH
from llmspell_core.limits import Limits
from llmspell_core.queue import Ledger, NoJob
from llmspell_core.queue.settings import engine_of, table
from llmspell_core.queue.takeover import needed
from llmspell_core.runner import Runner


def test_a_job_waits_where_it_was_put(ledger: Ledger, make_job: Any) -> None:
    made = ledger.submit(make_job("return 1"), priority=7)
    state = ledger.find(made)
    assert (state.status, state.queue, state.spell, state.priority, state.tries) == (
        "waiting",
        "default",
        "job.lua",
        7,
        0,
    )
    assert abs(state.created - time.time()) < 3600
    assert not state.is_over


def test_jobs_are_listed_the_newest_first(ledger: Ledger, make_job: Any) -> None:
    for name, queue in (("a", "one"), ("b", "two"), ("c", "one")):
        ledger.submit(make_job("return 1", queue=queue), id=name, delay=60 if name == "c" else 0)
    assert {job.id for job in ledger.jobs()} == {"a", "b", "c"}
    assert [job.id for job in ledger.jobs(queue="two")] == ["b"]
    assert [job.id for job in ledger.jobs(status="delayed")] == ["c"]
    assert len(ledger.jobs(most=2)) == 2


def test_no_two_jobs_have_one_id(ledger: Ledger, make_job: Any) -> None:
    ledger.submit(make_job("return 1"), id="one")
    with pytest.raises(UsageError, match="--run-id"):
        ledger.submit(make_job("return 2"), id="one")


def test_a_job_does_not_take_the_id_of_a_run(ledger: Ledger, make_job: Any, url: str) -> None:
    with Runner(journal=url, isolation="inline", bridges={}) as runner:
        runner.cast("return 1", engine="lua", run_id="mine")
    with pytest.raises(UsageError, match="there is a run 'mine'"):
        ledger.submit(make_job("return 2"), id="mine")


def test_of_unique_jobs_there_is_one_at_a_time(ledger: Ledger, make_job: Any) -> None:
    first = ledger.submit(make_job("return 1"), unique="nightly")
    assert ledger.submit(make_job("return 2"), unique="nightly") == first
    ledger.cancel(first)
    assert ledger.submit(make_job("return 2"), unique="nightly") != first


def test_a_cancelled_job_can_be_retried(ledger: Ledger, make_job: Any) -> None:
    made = ledger.submit(make_job("return 1", queue="mine"))
    assert ledger.cancel(made).status == "waiting"
    assert (ledger.find(made).status, ledger.find(made).is_over) == ("cancelled", True)
    assert ledger.retry(made).status == "cancelled"
    state = ledger.find(made)
    assert (state.status, state.queue) == ("waiting", "mine")
    with pytest.raises(UsageError, match="needs no retry"):
        ledger.retry(made)


def test_what_is_not_there_is_named(ledger: Ledger) -> None:
    for act in (ledger.find, ledger.cancel, ledger.retry):
        with pytest.raises(NoJob, match="'nix'"):
            act("nix")
    assert ledger.jobs() == []


def test_waiting_for_a_job_has_an_end(ledger: Ledger, make_job: Any) -> None:
    assert ledger.wait(ledger.submit(make_job("return 1")), 0.2).status == "waiting"


def test_old_jobs_are_dropped_and_others_stay(ledger: Ledger, make_job: Any) -> None:
    old, new = ledger.submit(make_job("return 1")), ledger.submit(make_job("return 1"))
    ledger.cancel(old)
    assert ledger.prune(time.time() - 3600) == 0
    assert ledger.prune(time.time() + 3600) == 1
    assert [job.id for job in ledger.jobs()] == [new]


def test_old_runs_that_a_job_can_go_on_with_are_not_dropped(any_ledger: Ledger, make_job: Any) -> None:
    stopped = Limits(calls=1)
    ids = ("waiting", "stopped", "ended-waiting", "ended", "no-job")
    for name in ids[:-1]:
        any_ledger.submit(make_job("return 1"), id=name)
    with Runner(journal=any_ledger.url, isolation="inline") as runner:
        for name in ids:
            source = "return 1" if name.startswith("ended") else "sleep(0) sleep(0) sleep(0)"
            runner.cast(source, engine="lua", run_id=name, limits=stopped)
    for name in ("stopped", "ended"):
        any_ledger.cancel(name)
    journal = any_ledger.journal
    assert journal.run("waiting").status == "interrupted"
    assert journal.prune(time.time() + 3600, needed(journal.database)) == 2
    assert {run.id for run in journal.runs()} == {"waiting", "stopped", "ended-waiting"}


def test_where_there_are_no_jobs_no_run_is_needed(any_url: str) -> None:
    with Journal(any_url) as journal:
        assert needed(journal.database) is None


def test_old_jobs_and_their_runs_are_dropped_by_the_hundred(
    any_ledger: Ledger, make_job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Runner(journal=any_ledger.url, isolation="inline", bridges={}) as runner:
        for number in range(BATCH + 5):
            any_ledger.submit(make_job("return 1"), id=f"job-{number}")
            any_ledger.cancel(f"job-{number}")
        for number in (0, BATCH + 4):
            runner.cast("return 1", engine="lua", run_id=f"job-{number}")
    journal, dropped, drop = any_ledger.journal, [], any_ledger.journal.drop
    monkeypatch.setattr(journal, "drop", lambda ids: (dropped.append(len(ids)), drop(ids)))
    assert any_ledger.prune(time.time() + 3600) == BATCH + 5
    assert sorted(dropped) == [5, BATCH]
    assert (any_ledger.jobs(), journal.runs()) == ([], [])
    assert [journal.entries(f"job-{number}") for number in (0, BATCH + 4)] == [[], []]


def test_schedules_are_made_paused_and_dropped(ledger: Ledger, make_job: Any) -> None:
    ledger.schedule("nightly", "0 3 * * *", make_job("return 1"), zone="Europe/Berlin", priority=7)
    ledger.schedule("often", "*/2 * * * * *", make_job("return 1", queue="other"))
    nightly, often = ledger.schedules()
    assert (nightly.name, nightly.cron, nightly.zone, nightly.spell) == (
        "nightly",
        "0 3 * * *",
        "Europe/Berlin",
        "job.lua",
    )
    assert (often.queue, often.active, often.last) == ("other", True, None)
    assert (nightly.priority, often.priority) == (7, 100)
    ledger.pause("often")
    assert not ledger.schedules()[1].active
    ledger.go_on("often")
    assert ledger.schedules()[1].active
    ledger.unschedule("often")
    assert [each.name for each in ledger.schedules()] == ["nightly"]


def test_what_came_due_in_a_pause_is_not_submitted_afterwards(any_ledger: Ledger, make_job: Any) -> None:
    database = any_ledger.journal.database
    any_ledger.schedule("hourly", "0 * * * *", make_job("return 1"), backfill=True)
    any_ledger.pause("hourly")
    any_ledger.go_on("hourly")
    assert any_ledger.schedules()[0].last is None
    with database.transaction() as transaction:
        schedules = table(database.dialect, "workflow_schedules")
        transaction.change(f"UPDATE {schedules} SET last_fired_at = :at", at="2026-01-01T00:00:00+00:00")
    any_ledger.go_on("hourly")  # it had no pause, so that it is to submit what it has missed
    assert any_ledger.schedules()[0].last == "2026-01-01T00:00:00+00:00"
    any_ledger.pause("hourly")
    before = datetime.now(UTC)
    any_ledger.go_on("hourly")
    assert datetime.fromisoformat(any_ledger.schedules()[0].last or "") >= before


@pytest.mark.parametrize(
    ("name", "cron", "zone", "what"),
    [
        ("a", "whenever", "UTC", "names no times"),
        ("a", "0 0 31 2 *", "UTC", "never comes"),
        ("a", "R(0-5) 3 * * *", "UTC", "another time for each worker"),
        ("a", "0 3 * * *", "Mars/Base", "Mars"),
        ("a b", "0 3 * * *", "UTC", "'a b'"),
    ],
)
def test_a_schedule_that_is_none_is_refused(
    ledger: Ledger, make_job: Any, name: str, cron: str, zone: str, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        ledger.schedule(name, cron, make_job("return 1"), zone=zone)
    assert ledger.schedules() == []


def test_an_unknown_schedule_is_told_with_those_there_are(ledger: Ledger, make_job: Any) -> None:
    ledger.schedule("nightly", "0 3 * * *", make_job("return 1"))
    with pytest.raises(UsageError, match="there are nightly"):
        ledger.unschedule("daily")
    with pytest.raises(UsageError, match="a schedule 'nightly' already; `llmspell jobs schedules --drop nightly`"):
        ledger.schedule("nightly", "0 4 * * *", make_job("return 1"))


@pytest.mark.parametrize(
    ("url", "cure"), [("sqlite://", "sqlite:///FILE"), ("mysql://h/d", "postgresql://"), ("x", "no")]
)
def test_a_database_that_can_hold_no_queue_is_refused(url: str, cure: str) -> None:
    with pytest.raises(UsageError, match=cure):
        Ledger(url)


def test_the_file_is_its_owners_alone(ledger: Ledger, url: str) -> None:
    import os
    import stat

    assert stat.S_IMODE(os.stat(url.removeprefix("sqlite:///")).st_mode) == 0o600


@pytest.mark.parametrize("option", [["--name", "a"], ["--backfill"], ["--zone", "Europe/Berlin"]])
def test_what_is_of_a_schedule_is_refused_where_there_is_none(url: str, tmp_path: Path, option: list[str]) -> None:
    spell = tmp_path / "one.lua"
    spell.write_text("return 1")
    done = CliRunner().invoke(main, ["submit", str(spell), *option, "--journal", url])
    assert done.exit_code == 2
    assert f"{option[0]}" in done.output
    assert "are of a schedule; say --every too" in done.output


@pytest.mark.parametrize("option", ["--audit", "--trace", "--otel", "--metrics"])
def test_what_only_a_worker_can_heed_is_refused(url: str, tmp_path: Path, option: str) -> None:
    spell = tmp_path / "one.lua"
    spell.write_text("return 1")
    done = CliRunner().invoke(main, ["submit", str(spell), option, "9", "--journal", url])
    assert done.exit_code == 2
    assert f"{option} is for the machine that casts; say it to `llmspell worker`" in done.output


def test_sqlite_of_any_version_tells_the_time_as_dbos_asks_for_it(tmp_path: Path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/queue.db")) as database:
        engine = engine_of(database)
        with engine.connect() as connection:
            ((told,),) = connection.exec_driver_sql("SELECT unixepoch('subsec')").fetchall()
        engine.dispose()
    assert abs(told - time.time()) < 60
