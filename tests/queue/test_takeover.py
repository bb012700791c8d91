"""Workers that are killed, frozen or taken down: others go on where they were, and no effect is had twice.

A call that was under way when its worker died is made once more, and none that had ended is.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from llmspell_core.cli import main
from llmspell_core.journal.told import calls
from llmspell_core.queue import Ledger

pytestmark = pytest.mark.slow

JOBS, CALLS = 24, 12
SPELLS = {
    "lua": """
local total = 0
for i = 1, 6 do total = total + http.post(params.url .. "/one/" .. i).json.n end
local tasks = {}
for i = 1, 6 do tasks[i] = promise.spawn(function() return http.post(params.url .. "/two/" .. i).json.n end) end
for _, n in ipairs(promise.all(tasks):await()) do total = total + n end
return total
""",
    "js": """
let total = 0;
for (let i = 1; i <= 6; i++) total += (await http.post(`${params.url}/one/${i}`)).json.n;
const rest = Array.from({ length: 6 }, async (_, i) => (await http.post(`${params.url}/two/${i + 1}`)).json.n);
for (const n of await Promise.all(rest)) total += n;
return total;
""",
}


def answered(ledger: Ledger) -> set[str]:
    """The requests whose answers some journal holds."""
    told = [call for run in ledger.journal.runs(most=1000) for call in calls(ledger.journal.entries(run.id)) if call.ok]
    return {"/" + call.args.split("/", 3)[3].split('"')[0] for call in told}


def submit_load(ledger: Ledger, make_job: Any, world: Any) -> list[str]:
    made = []
    for number in range(JOBS):
        language = ("lua", "js")[number % 2]
        params = {"url": f"http://{world.host}/{number}"}
        made.append(ledger.submit(make_job(SPELLS[language], language, params=params)))
    return made


def check_load(ledger: Ledger, made: list[str], world: Any, allowed: dict[str, int]) -> None:
    for id in made:  # noqa: A001 - as the ledger calls it
        assert ledger.wait(id, 120).status == "ok"
        assert ledger.journal.run(id).value == 42
    assert len(world.counts) == JOBS * CALLS
    assert {path: count for path, count in world.counts.items() if count > allowed.get(path, 1)} == {}


def test_when_one_of_three_workers_is_killed_the_others_do_its_jobs(
    any_crew: Any, any_ledger: Ledger, make_job: Any, world: Any, wait_until: Any
) -> None:
    workers = [any_crew.begin("--at-once", "4") for _ in range(3)]
    for worker in workers:
        any_crew.until_ready(worker)
    made = submit_load(any_ledger, make_job, world)
    for doomed in workers[:2]:
        before = sum(world.counts.values())
        wait_until(lambda before=before: sum(world.counts.values()) > before + JOBS)
        any_crew.kill(doomed)
        world.settle()
        if doomed is workers[0]:
            done = answered(any_ledger)
            allowed: Counter[str] = Counter({path: n + (path not in done) for path, n in world.counts.items()})
        else:
            done = answered(any_ledger)
            for path, n in world.counts.items():
                if path not in done:
                    allowed[path] = max(allowed[path], n) + 1
    check_load(any_ledger, made, world, allowed)


def test_a_job_goes_on_within_seconds_of_its_workers_death(
    any_crew: Any, any_ledger: Ledger, make_job: Any, world: Any, wait_until: Any
) -> None:
    doomed = any_crew.start()
    source = 'http.post(params.url .. "/once/1") return http.post(params.url .. "/hold/2").json.n'
    made = any_ledger.submit(make_job(source, params={"url": f"http://{world.host}"}))
    wait_until(lambda: world.counts["/hold/2"])
    heir = any_crew.start()
    began = time.monotonic()
    any_crew.kill(doomed)
    wait_until(lambda: world.counts["/hold/2"] == 2)
    took = time.monotonic() - began
    world.free.set()
    state = any_ledger.wait(made, 60)
    assert (state.status, state.tries) == ("ok", 2)
    assert world.counts == {"/once/1": 1, "/hold/2": 2}
    assert "is dead" in heir.told.read_text()
    if report := os.environ.get("LLMSPELL_REPORT"):
        with Path(report).open("a") as file:
            file.write(f"taken over after {took:.2f} s\n")


def test_a_worker_that_wakes_up_finds_itself_fenced(
    any_crew: Any, any_ledger: Ledger, make_job: Any, world: Any, wait_until: Any
) -> None:
    source = """
http.post(params.url .. "/once/1")
http.post(params.url .. "/hold/2")
return http.post(params.url .. "/then/3").json.n
"""
    frozen = any_crew.start()
    made = any_ledger.submit(make_job(source, params={"url": f"http://{world.host}"}))
    wait_until(lambda: world.counts["/hold/2"])
    heir = any_crew.start()
    os.killpg(frozen.pid, signal.SIGSTOP)
    wait_until(lambda: world.counts["/hold/2"] == 2)
    world.free.set()
    assert any_ledger.wait(made, 60).status == "ok"
    more = any_ledger.submit(make_job("return 1"))
    os.killpg(frozen.pid, signal.SIGCONT)
    assert frozen.wait(60) == 1
    assert "gave no sign of life" in frozen.told.read_text()
    assert any_ledger.wait(more, 60).status == "ok"
    assert world.counts == {"/once/1": 1, "/hold/2": 2, "/then/3": 1}
    run = any_ledger.journal.run(made)
    assert (run.status, run.value, run.epoch) == ("ok", 3, 2)
    assert heir.poll() is None


def test_a_job_that_takes_its_workers_down_is_parked_and_takes_no_other_with_it(
    any_crew: Any, any_ledger: Ledger, make_job: Any, world: Any, wait_until: Any
) -> None:
    source = 'http.post(params.url .. "/once/1") return http.post(params.url .. "/hold/2").json.n'
    poison = any_ledger.submit(make_job(source, params={"url": f"http://{world.host}"}), id="poison", priority=1)
    honest = [
        any_ledger.submit(make_job("sleep(1) return 7", params={"n": n}), id=f"honest-{n}", priority=2)
        for n in range(3)
    ]
    for death in range(1, 5):
        worker = any_crew.start("--tries", "4")
        wait_until(lambda death=death: world.counts["/hold/2"] == death)
        any_crew.kill(worker)
    any_crew.start("--tries", "4")
    state = any_ledger.wait(poison, 60)
    assert state.status == "parked"
    assert [any_ledger.wait(each, 60).status for each in honest] == ["ok"] * 3
    assert world.counts["/hold/2"] == 4
    assert world.counts["/once/1"] == 1
    told = CliRunner().invoke(main, ["jobs", "show", "poison", "--journal", any_crew.url])
    assert "why: 4 tries came to no end, the last one after the answer to http.post" in told.stdout
    assert state.tries == 4
    world.free.set()
    any_ledger.retry(poison)
    assert any_ledger.wait(poison, 60).status == "ok"
