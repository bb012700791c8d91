"""The command line with the real engines and bridges, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmspell_core.plugins import bridge_names, engine_names

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).parents[2] / "examples"
LANGUAGES = ("lua", "js")
ENDLESS = {
    "lua": "print('ready') sleep(0) while true do end",
    "js": "console.log('ready'); await sleep(0); while (true) {}",
}
PLACE: dict[str, list[str]] = {}
WRONG = {"lua": "local x = 1\nerror('no')", "js": "const x = 1\nthrow new Error('no')"}

pytestmark = pytest.mark.skipif(
    not {*LANGUAGES} <= {*engine_names()} or "llm" not in bridge_names(),
    reason="llmspell-lua, llmspell-js and llmspell-bridges are not all installed",
)


@pytest.fixture(params=["inline", *(["process"] if sys.platform == "linux" else [])], autouse=True)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test of this file is made in both places."""
    monkeypatch.setitem(PLACE, "run", ["--isolation", request.param])


def start(*words: str | Path) -> subprocess.Popen[str]:
    words = (words[0], *PLACE.get(str(words[0]), []), *words[1:])
    command = [sys.executable, "-c", "from llmspell_core.cli import main; main()", *map(str, words)]
    env = {name: value for name, value in os.environ.items() if name != "LLMSPELL_MODEL"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def call(*words: str | Path) -> tuple[int, str, str]:
    process = start(*words)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spell(tmp_path: Path, language: str) -> Callable[[dict[str, str]], Path]:
    """Write the spell of the language."""

    def write(sources: dict[str, str]) -> Path:
        path = tmp_path / f"spell.{language}"
        path.write_text(sources[language])
        return path

    return write


def test_the_first_example_greets_chunk_by_chunk(language: str) -> None:
    status, out, err = call("run", EXAMPLES / "hello" / f"spell.{language}", "--model", "demo", "--output", "ndjson")
    *chunks, last = map(json.loads, out.splitlines())
    assert (status, err, last["error"], last["usage"]["requests"]) == (0, "", None, 1)
    assert len(chunks) > 5
    assert "world" in last["output"]


def test_the_first_example_greets_whom_it_is_told(language: str) -> None:
    status, out, _ = call("run", EXAMPLES / "hello" / f"spell.{language}", "--model", "demo", "-p", "name=Merlin")
    assert (status, "merlin" in out.lower()) == (0, True)


def test_a_new_spell_runs_at_once(language: str, tmp_path: Path) -> None:
    assert call("new", tmp_path / "first", "-e", language)[0] == 0
    status, out, err = call("run", tmp_path / "first", "--model", "demo", "-p", "question=Why?")
    asked, answer = out.split("\n", 1)
    assert (status, err, asked) == (0, "", "You asked: Why?")
    assert answer.strip()


def test_an_error_is_told_by_file_and_line(language: str, spell: Callable[[dict[str, str]], Path]) -> None:
    status, out, err = call("run", spell(WRONG))
    assert (status, out) == (3, "")
    assert err.startswith(f"spell.{language}:2: runtime: no\n")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_spell_that_never_waits(
    spell: Callable[[dict[str, str]], Path], number: int, status: int
) -> None:
    process = start("run", spell(ENDLESS), "--output", "ndjson")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    out, _ = process.communicate(timeout=120)
    last = json.loads(out)
    assert (last["output"], last["error"]["kind"], process.returncode) == ("ready\n", "cancelled", status)


def test_the_time_limit_ends_a_spell_that_never_waits(spell: Callable[[dict[str, str]], Path]) -> None:
    status, out, _ = call("run", spell(ENDLESS), "--output", "json", "--timeout", "0.5")
    error = json.loads(out)["error"]
    told = (error["kind"], error["data"]["limit"], error["data"]["allowed"])
    assert (status, *told) == (4, "limit", "wall", 0.5)
