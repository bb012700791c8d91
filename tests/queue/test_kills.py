"""SIGKILL of workers at any moment, one or three of them: what had ended stays, and the end is as if none had died.

``LLMSPELL_KILLS`` says how many moments are tried of each kind; spells and allowances are those of ``tests/kills.py``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from llmspell_core.queue import Ledger
from tests.kills import SPELLS, WORKER_KILLS, answered

AT_ONCE = 4
"""Jobs that are under way while workers die."""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("what", SPELLS)
def test_jobs_whose_workers_are_killed_at_any_moment_end_as_if_none_was(
    what: str, workers: int, any_crew: Any, any_ledger: Ledger, make_job: Any, world: Any
) -> None:
    file, source, total, requests = SPELLS[what]
    chance = random.Random(f"{what}{workers}")
    killed = 0
    # What kills workers here is the test, and no job is to be parked for it.
    crew = [any_crew.start("--tries", "1000") for _ in range(workers)]
    while killed < WORKER_KILLS:
        world.counts.clear()
        urls = [f"http://{world.host}/{number}" for number in range(AT_ONCE)]
        made = [
            any_ledger.submit(make_job(source, file.rpartition(".")[2], params={"url": url}, seed=7)) for url in urls
        ]
        allowed: dict[str, int] = {}
        kills = 0
        while kills < 5 and killed < WORKER_KILLS:
            # By what has been done rather than by the clock, so that every kill meets jobs under way.
            until = sum(world.counts.values()) + chance.randrange(1, AT_ONCE * requests // 4 + 2)
            if not _has_come_to(until, world.counts, any_ledger, made):
                break
            any_crew.kill(crew.pop(0))
            world.settle()
            kills, killed = kills + 1, killed + 1
            done = {path for job in made for path in answered(any_ledger.journal, job)}
            for path, count in world.counts.items():
                if path not in done:
                    allowed[path] = count + 1
            crew.append(any_crew.begin("--tries", "1000"))
        for job in made:
            state = any_ledger.wait(job, 120)
            assert state.status == "ok", state
            run = any_ledger.journal.run(job)
            assert run.value["total"] == total
            assert run.output.split() == ["done", str(total)]
        assert len(world.counts) == requests * AT_ONCE
        assert {path: count for path, count in world.counts.items() if count > allowed.get(path, 1)} == {}
    assert killed >= WORKER_KILLS


def _has_come_to(wanted: int, counts: Mapping[str, int], ledger: Ledger, jobs: Sequence[str]) -> bool:
    """Wait until so many requests were made, and tell whether a job is under way then."""
    turn, given_up = 0, time.monotonic() + 90
    while sum(counts.values()) < wanted:
        assert time.monotonic() < given_up, "the workers make no requests"
        time.sleep(0.002)
        turn += 1
        # The database has work to do: it is asked less often.
        if turn % 25 == 0 and all(ledger.find(job).is_over for job in jobs):
            return False
    return not all(ledger.find(job).is_over for job in jobs)
