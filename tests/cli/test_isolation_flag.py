"""``--isolation process`` and ``llmspell doctor``, end to end."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="locked processes are Linux's")


def llmspell(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "llmspell_core", *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("engine", "source"),
    [
        ("lua", "print(llm.chat('hi') ~= nil) return {#params.words, (pcall(error, 'x'))}"),
        ("js", "print((await llm.chat('hi')) !== null); return [params.words.length, false]"),
    ],
)
def test_a_spell_runs_in_a_process_of_its_own_as_it_does_here(engine: str, source: str) -> None:
    words = ("exec", "-e", engine, "--model", "demo", "--output", "json", "-p", "words=four", source)
    here, away = (json.loads(llmspell(*words, "--isolation", place).stdout) for place in ("inline", "process"))
    assert away["ok"], away
    assert (here["value"], here["output"]) == (away["value"], away["output"])


def test_a_loop_that_nothing_interrupts_is_killed_at_its_deadline() -> None:
    endless = "return (string.rep('a', 40) .. 'b'):find(string.rep('a?', 40) .. string.rep('a', 40) .. 'c')"
    done = llmspell("exec", "-e", "lua", "--isolation", "process", "--timeout", "0.5", "--output", "json", endless)
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["data"]["limit"] == "wall"


def test_doctor_names_every_layer() -> None:
    done = llmspell("doctor", "--output", "json")
    rows = json.loads(done.stdout)
    layers = {row["layer"]: row["state"] for row in (rows["layers"] if isinstance(rows, dict) else rows)}
    assert {"seccomp", "landlock", "no_new_privileges", "resources"} <= set(layers)
    assert done.returncode == (0 if set(layers.values()) == {"held"} else 1)
