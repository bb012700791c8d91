"""SIGKILL at any moment: what had ended stays, what was under way is done at most once more, and the end is the same.

``LLMSPELL_KILLS`` says how many moments are tried of each kind.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from llmspell_core.journal import Journal
from tests.kills import KILLS, SPELLS, answered


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/runs.db"
    url: str = request.getfixturevalue("postgres")
    return url


def llmspell(*words: str, home: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "LLMSPELL_HOME": str(home)}
    command = [sys.executable, "-m", "llmspell_core", *words]
    # A group of its own, so that nothing of it survives the kill.
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("what", SPELLS)
def test_a_run_that_is_killed_at_any_moment_goes_on(what: str, url: str, world: Any, tmp_path: Path) -> None:
    file, source, total, requests = SPELLS[what]
    spell = tmp_path / file
    spell.write_text(source)
    chance = random.Random(what + url)
    journal = Journal(url)
    more = ["--journal", url, "--output", "json"]
    whole = 100.0  # the first one is not killed, and tells how long one takes
    killed = 0
    try:
        while killed < KILLS:
            run = f"kill-{uuid4().hex}"
            world.counts.clear()
            allowed: dict[str, int] = {}
            given = ["-p", f"url=http://{world.host}", f"--allow-net={world.host}", "--seed", "7", "--run-id", run]
            began, kills = time.monotonic(), 0
            process = llmspell("run", str(spell), *given, *more, home=tmp_path)
            while True:
                try:
                    moment = chance.uniform(0.2, 1.0) * whole
                    printed, wrong = process.communicate(timeout=moment if kills < 3 and killed < KILLS else 120)
                    break
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.communicate()
                world.settle()
                kills, killed = kills + 1, killed + 1
                done = answered(journal, run)
                allowed = {path: count + (path not in done) for path, count in world.counts.items()}
                found = journal.find(run)
                if found is None:
                    again = ["run", str(spell), *given, *more]
                else:
                    # One that ended before it was killed has but to be told.
                    again = ["runs", "replay" if found.status == "ok" else "resume", run, *more]
                process = llmspell(*again, home=tmp_path)
            whole = min(whole, time.monotonic() - began) if not kills else whole
            assert process.returncode == 0, wrong + printed
            result = json.loads(printed)
            assert result["value"]["total"] == total
            assert result["output"].split() == ["done", str(total)]
            assert len(world.counts) == requests
            assert {path: count for path, count in world.counts.items() if count > allowed.get(path, 1)} == {}
            journal.delete(run)
    finally:
        journal.close()
    assert killed >= KILLS
