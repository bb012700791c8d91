"""What a worker makes of jobs, as whoever submitted them sees it."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from llmspell_core.cli import main
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.queue import Ledger
from llmspell_core.queue.settings import table

POST = "return http.post(params.url).json.n"


class Station:
    """One worker for the tests of this file, and what they ask it."""

    def __init__(self, url: str, ledger: Ledger) -> None:
        self.url, self.ledger = url, ledger

    def said(self, *words: str) -> dict[str, Any]:
        """Call ``llmspell ... --output json``, and return the document with the status."""
        done = CliRunner().invoke(main, [*words, "--journal", self.url, "--output", "json"])
        return {**json.loads(done.stdout), "status": done.exit_code}


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory, make_crew: Any) -> Iterator[Station]:
    home = tmp_path_factory.mktemp("station")
    url = f"sqlite:///{home}/queue.db"
    crew = make_crew(url, home)
    try:
        worker = crew.start("--deny-env", "--timeout", "50")
        with Ledger(url) as ledger:
            yield Station(url, ledger)
        assert worker.poll() is None, worker.told.read_text()
    finally:
        crew.end()


@pytest.mark.parametrize(
    ("engine", "source"),
    [("lua", 'print("hi") return {n = params.n * 2}'), ("js", 'print("hi"); return {n: params.n * 2}')],
)
def test_a_job_is_cast_and_its_run_kept(station: Station, make_job: Any, engine: str, source: str) -> None:
    made = station.ledger.submit(make_job(source, engine, params={"n": 21}))
    state = station.ledger.wait(made, 60)
    assert (state.status, state.tries, state.error) == ("ok", 1, None)
    run = station.ledger.journal.run(made)
    assert (run.status, run.value, run.output, run.isolation) == ("ok", {"n": 42}, "hi\n", "process")


def test_a_spell_that_fails_fails_its_job(station: Station, make_job: Any) -> None:
    made = station.ledger.submit(make_job('error("no luck")'))
    state = station.ledger.wait(made, 60)
    assert state.status == "failed"
    assert state.error is not None
    assert (state.error["kind"], "no luck" in state.error["message"]) == ("runtime", True)
    told = station.said("jobs", "result", made)
    assert (told["ok"], told["error"]["kind"], told["status"]) == (False, "runtime", 3)
    assert "no luck" in station.said("jobs", "show", made)["job"]["why"]


def test_a_job_whose_run_was_dropped_has_no_result(station: Station, make_job: Any) -> None:
    made = station.ledger.submit(make_job("return 1"))
    assert station.ledger.wait(made, 60).status == "ok"
    station.ledger.journal.delete(made)
    told = station.said("jobs", "result", made)
    assert (told["error"]["kind"], told["status"]) == ("usage", 2)
    assert "has ended well, and its run was dropped" in told["error"]["message"]


def test_a_job_that_cannot_begin_is_told_why(station: Station, make_job: Any) -> None:
    made = station.ledger.submit(make_job("return 1", engine="cobol"))
    assert station.ledger.wait(made, 60).status == "failed"
    told = station.said("jobs", "result", made)
    assert (told["error"]["kind"], told["status"]) == ("not_installed", 7)


def test_a_worker_gives_no_more_than_it_may(station: Station, make_job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    granted = make_job('return env.get("HOME")', policy=Policy.trusted())
    state = station.ledger.wait(station.ledger.submit(granted), 60)
    assert state.error is not None
    assert state.error["kind"] == "denied"
    made = station.ledger.submit(make_job("return 1", limits=Limits(wall=1000.0)))
    station.ledger.wait(made, 60)
    assert station.ledger.journal.run(made).limits.wall == 50


def test_a_job_has_no_more_than_it_was_granted(station: Station, make_job: Any, world: Any) -> None:
    made = make_job(POST, params={"url": f"http://{world.host}/a/1"}, policy=Policy.standard())
    state = station.ledger.wait(station.ledger.submit(made), 60)
    assert state.error is not None
    assert state.error["kind"] == "denied"
    assert not world.counts


def test_a_job_at_work_is_cancelled_and_goes_on_when_retried(
    station: Station, make_job: Any, world: Any, wait_until: Any
) -> None:
    source = 'http.post(params.url .. "/once/1") return http.post(params.url .. "/hold/2").json.n'
    made = station.ledger.submit(make_job(source, params={"url": f"http://{world.host}"}))
    wait_until(lambda: world.counts["/hold/2"])
    assert station.ledger.cancel(made).status == "running"
    wait_until(lambda: station.ledger.journal.run(made).status == "interrupted")
    told = station.said("jobs", "result", made)
    assert (told["error"]["kind"], "retry" in told["error"]["message"]) == ("cancelled", True)
    world.free.set()
    station.ledger.retry(made)
    assert station.ledger.wait(made, 60).status == "ok"
    assert station.ledger.journal.run(made).value == 2
    assert world.counts == {"/once/1": 1, "/hold/2": 2}
    with pytest.raises(Exception, match="nothing to cancel"):
        station.ledger.cancel(made)


def test_a_job_that_met_its_time_limit_goes_on_when_retried(station: Station, make_job: Any, world: Any) -> None:
    source = 'http.post(params.url .. "/once/1") return http.post(params.url .. "/hold/2").json.n'
    made = station.ledger.submit(make_job(source, params={"url": f"http://{world.host}"}, limits=Limits(wall=1.5)))
    state = station.ledger.wait(made, 60)
    assert state.error is not None
    assert state.error["kind"] == "limit"
    world.free.set()
    station.ledger.retry(made)
    assert station.ledger.wait(made, 60).status == "ok"
    assert world.counts["/once/1"] == 1


def test_a_schedule_submits_again_and_again(station: Station, make_job: Any, wait_until: Any) -> None:
    station.ledger.schedule("ticking", "* * * * * *", make_job("return 5"), priority=7)
    try:
        done = wait_until(lambda: [job for job in station.ledger.jobs(status="ok") if job.schedule == "ticking"][1:])
    finally:
        station.ledger.unschedule("ticking")
    assert all(station.ledger.journal.run(job.id).value == 5 for job in done)
    assert len({job.id for job in done}) == len(done)
    assert {(job.spell, job.priority) for job in done} == {("job.lua", 7)}


def test_the_command_line_submits_and_tells(station: Station, tmp_path: Path) -> None:
    spell = tmp_path / "double.lua"
    spell.write_text(
        "-- ---\n-- parameters: {n: {type: integer, required: true}}\n-- ---\nprint('hm') return params.n * 2"
    )
    told = station.said("submit", str(spell), "-p", "n=4", "--run-id", "eight", "--wait")
    assert (told["ok"], told["value"], told["output"], told["run"], told["status"]) == (True, 8, "hm\n", "eight", 0)
    assert station.said("jobs", "result", "eight")["value"] == 8
    assert [
        job["id"] for job in station.said("jobs", "list", "--status", "ok")["jobs"] if job["spell"] == "double.lua"
    ] == ["eight"]
    shown = station.said("jobs", "show", "eight")["job"]
    assert (shown["status"], shown["why"]) == ("ok", "")


def test_what_jobs_keep_is_there_for_other_workers_and_for_the_command_line(
    station: Station, make_job: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = station.ledger.submit(
        make_job('state.set("k", "kept", {scope = "shared"})', policy=Policy.standard().allow("state"))
    )
    assert station.ledger.wait(made, 60).status == "ok"
    monkeypatch.setenv("LLMSPELL_HOME", str(Path(station.url.removeprefix("sqlite:///")).parent))
    spell = tmp_path / "read.lua"
    spell.write_text('return state.get("k", {scope = "shared"})')
    assert station.said("run", str(spell), "--allow-state")["value"] == "kept"


@pytest.mark.slow
@pytest.mark.parametrize("any_url", ["postgresql"], indirect=True)
def test_a_worker_holds_no_more_connections_than_it_is_told(
    any_url: str, any_ledger: Ledger, make_crew: Any, make_job: Any, tmp_path: Path
) -> None:
    crew = make_crew(f"{any_url}?application_name=watched", tmp_path)
    seen = set()
    try:
        crew.start("--connections", "3")
        made = [any_ledger.submit(make_job('for i = 1, 20 do log.info("x") sleep(0.05) end')) for _ in range(12)]
        while not all(any_ledger.find(job).is_over for job in made):
            with any_ledger.journal.database.transaction() as transaction:
                held = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'watched'"
                seen.add(transaction.execute(held)[0][0])
    finally:
        crew.end()
    assert {any_ledger.find(job).status for job in made} == {"ok"}
    assert max(seen) == 3


@pytest.mark.slow
def test_a_worker_whose_hooks_are_broken_takes_no_jobs(
    ledger: Ledger, crew: Any, make_job: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = ledger.submit(make_job("return 1"))
    metadata = tmp_path / "guard-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[llmspell.hooks]\nguard = guard_of_nothing\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    worker = crew.begin()
    assert worker.wait(60) == 7
    assert "the hook 'guard' is broken: guard_of_nothing does not import" in worker.told.read_text()
    assert (ledger.find(made).status, ledger.find(made).tries) == ("waiting", 0)


@pytest.mark.slow
def test_a_worker_serves_metrics_of_its_jobs(ledger: Ledger, crew: Any, make_job: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    crew.start("--metrics", str(port))
    assert ledger.wait(ledger.submit(make_job("return 1")), 60).status == "ok"
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert "llmspell_run_duration_seconds_count" in answer.read().decode()


@pytest.mark.slow
def test_jobs_begin_by_priority_and_no_faster_than_the_queues_rate(
    station: Station, make_job: Any, make_crew: Any, world: Any, wait_until: Any, tmp_path: Path
) -> None:
    for number, priority in ((1, 30), (2, 10), (3, 40), (4, 20)):
        made = make_job(POST, params={"url": f"http://{world.host}/p/{number}"}, queue="narrow")
        station.ledger.submit(made, id=f"narrow-{number}", priority=priority)
    crew = make_crew(station.url, tmp_path)
    try:
        worker = crew.start("--at-once", "1", "--queue-rate", "3/h", queue="narrow")
        assert station.ledger.wait("narrow-1", 60).status == "ok", worker.told.read_text()
        assert world.order == ["/p/2", "/p/4", "/p/1"]
        assert station.ledger.wait("narrow-3", 1).status == "waiting"
        station.ledger.set_rate("narrow", None)
        assert station.ledger.wait("narrow-3", 60).status == "ok"
    finally:
        crew.end()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_to_stop_ends_its_jobs_first(
    number: signal.Signals, ledger: Ledger, crew: Any, make_job: Any, world: Any, wait_until: Any
) -> None:
    first = ledger.submit(make_job(POST, params={"url": f"http://{world.host}/hold/1"}))
    worker = crew.start("--grace", "60")
    wait_until(lambda: world.counts["/hold/1"])
    worker.send_signal(number)
    wait_until(lambda: "takes no more" in worker.told.read_text())
    second = ledger.submit(make_job("return 1"))
    world.free.set()
    assert worker.wait(60) == 0, worker.told.read_text()
    assert (ledger.find(first).status, ledger.find(second).status) == ("ok", "waiting")


@pytest.mark.slow
def test_a_worker_without_time_gives_its_jobs_back_and_another_goes_on(
    ledger: Ledger, crew: Any, make_job: Any, world: Any, wait_until: Any
) -> None:
    source = 'http.post(params.url .. "/once/1") return http.post(params.url .. "/hold/2").json.n'
    made = ledger.submit(make_job(source, params={"url": f"http://{world.host}"}))
    worker = crew.start("--grace", "60")
    wait_until(lambda: world.counts["/hold/2"])
    worker.send_signal(signal.SIGTERM)
    wait_until(lambda: "takes no more" in worker.told.read_text())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0, worker.told.read_text()
    state = ledger.find(made)
    assert (state.status, state.tries) == ("waiting", 0)
    assert ledger.journal.run(made).status == "interrupted"
    world.free.set()
    crew.start()
    assert ledger.wait(made, 60).status == "ok"
    assert world.counts == {"/once/1": 1, "/hold/2": 2}


@pytest.mark.slow
def test_a_job_that_its_worker_has_never_heard_of_goes_back(
    any_ledger: Ledger, any_crew: Any, make_job: Any, wait_until: Any
) -> None:
    worker = any_crew.start()
    made = any_ledger.submit(make_job("return 1"), delay=3600)
    database = any_ledger.journal.database
    name = worker.told.read_text().split()[1]
    with database.transaction() as transaction:
        sql = f"UPDATE {table(database.dialect)} SET status = 'PENDING', executor_id = :name, recovery_attempts = 1"
        transaction.change(f"{sql} WHERE workflow_uuid = :made", name=name, made=made)
    state = any_ledger.wait(made, 60)
    assert (state.status, state.tries) == ("ok", 1), worker.told.read_text()
    assert "was left lying" in worker.told.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("any_url", ["postgresql"], indirect=True)
def test_a_job_waits_for_a_server_that_has_no_room(
    any_ledger: Ledger, any_crew: Any, make_job: Any, wait_until: Any
) -> None:
    database = any_ledger.journal.database
    with database.transaction() as transaction:
        transaction.execute(
            "CREATE FUNCTION no_room() RETURNS trigger AS"
            " $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql"
        )
        transaction.execute("CREATE TRIGGER no_room BEFORE INSERT ON runs EXECUTE FUNCTION no_room()")
    worker = any_crew.start("--tries", "1")
    made = any_ledger.submit(make_job("return 1"))
    wait_until(lambda: worker.told.read_text().count("goes back into the queue") >= 3)
    with database.transaction() as transaction:
        transaction.execute("DROP TRIGGER no_room ON runs")
    state = any_ledger.wait(made, 60)
    assert (state.status, state.tries) == ("ok", 1)


@pytest.mark.slow
@pytest.mark.parametrize("any_url", ["postgresql"], indirect=True)
def test_a_worker_that_is_told_twice_to_stop_does_not_wait_for_a_database_that_is_silent(
    any_url: str, any_ledger: Ledger, any_crew: Any, make_job: Any, wait_until: Any
) -> None:
    import psycopg

    made = any_ledger.submit(make_job("sleep(600)"))
    worker = any_crew.start()
    # A job is running from when it is claimed, and at work from a little later on.
    wait_until(lambda: any_ledger.journal.find(made))
    with psycopg.connect(any_url) as connection:
        connection.execute("LOCK TABLE queue_workers, dbos.workflow_status")
        worker.send_signal(signal.SIGTERM)
        wait_until(lambda: "takes no more" in worker.told.read_text())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(25) == 1
    assert "does not answer" in worker.told.read_text()
    any_crew.start()
    wait_until(lambda: any_ledger.find(made).tries == 2)
