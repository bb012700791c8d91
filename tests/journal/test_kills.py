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
from llmspell_core.journal.told import calls

KILLS = int(os.environ.get("LLMSPELL_KILLS", "12"))

LUA = """
local total = 0
for i = 1, 20 do
  total = total + http.post(params.url .. "/one/" .. i).json.n
end
local tasks = {}
for i = 1, 20 do
  tasks[i] = promise.spawn(function() return http.post(params.url .. "/two/" .. i).json.n end)
end
for _, n in ipairs(promise.all(tasks):await()) do total = total + n end
print("done", total)
return {total = total, chance = math.random(1000000)}
"""
JS = """
let total = 0;
for (let i = 1; i <= 20; i++) total += (await http.post(`${params.url}/one/${i}`)).json.n;
const rest = Array.from({ length: 20 }, async (_, i) => (await http.post(`${params.url}/two/${i + 1}`)).json.n);
for (const n of await Promise.all(rest)) total += n;
print("done", total);
return { total, chance: Math.floor(Math.random() * 1000000) };
"""

WORKFLOW = """
const post = async (path) => (await http.post(`${params.url}/${path}`)).json.n;
const lua = (path) => ({ source: `return http.post(params.url .. "/${path}").json.n`, engine: "lua" });
const given = { url: params.url };
const five = await workflow.create("five", [
  { name: "one", run: () => post("flow/1") },
  { name: "two", spell: lua("flow/2"), params: given },
  await workflow.parallel([
    { name: "three", run: () => post("flow/3") },
    { name: "four", spell: lua("flow/4"), params: given },
  ], { name: "both" }),
  { name: "five", run: async (both) => both.three + both.four + await post("flow/5") },
]);
const total = await five.run();
print("done", total);
return { total };
"""
SPELLS = {
    "lua": ("forty.lua", LUA, 420, 40),
    "js": ("forty.js", JS, 420, 40),
    "workflow": ("five.js", WORKFLOW, 12, 5),
}
"""By what is killed: the file, its source, the total that it comes to, and how many requests it makes."""


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


def answered(journal: Journal, run: str) -> set[str]:
    """The requests whose answers the journal holds."""
    if journal.find(run) is None:
        return set()
    family = [run, *(child.id for child in journal.runs(parent=run))]
    told = [call for each in family for call in calls(journal.entries(each)) if call.name == "http.post" and call.ok]
    return {"/" + json.loads(f"[{call.args}]")[0].split("/", 3)[3] for call in told}


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
            assert process.returncode == 0, wrong
            result = json.loads(printed)
            assert result["value"]["total"] == total
            assert result["output"].split() == ["done", str(total)]
            assert len(world.counts) == requests
            assert {path: count for path, count in world.counts.items() if count > allowed.get(path, 1)} == {}
            journal.delete(run)
    finally:
        journal.close()
    assert killed >= KILLS
