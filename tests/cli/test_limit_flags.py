"""Limits on the command line: flags over the environment over the config file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.cli.limits import FLAGS
from llmspell_core.limits import Limits

if TYPE_CHECKING:
    from click.testing import Result
    from conftest import Llmspell

CALLS = "for i in range(50): yield sleep(0)"
DONE = "def main(params):\n    yield"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's config folder, with no file in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("LLMSPELL_HOME", str(folder))
    return folder


def main(body: str) -> str:
    return f"def sleeper():\n    yield sleep(9)\ndef main(params):\n    {body}\n"


def data(result: Result) -> Any:
    return json.loads(result.stdout)["error"]["data"]


def test_every_limit_has_a_flag() -> None:
    assert FLAGS.keys() == set(Limits.__match_args__)


@pytest.mark.parametrize(
    ("source", "flags", "limit", "allowed"),
    [
        (CALLS, ["--max-calls", "3"], "calls", 3),
        ("for i in range(9): spawn(sleeper())\n    yield", ["--max-concurrent-calls", "3"], "concurrent_calls", 3),
        ("show('x' * 9999)\n    yield", ["--max-output", "1KB"], "output", 1000),
        ("yield sleep(9)", ["--timeout", "0.05"], "wall", 0.05),
        ("for i in range(2000): yield sleep(0)", ["--limits", "strict"], "calls", 1000),
        (CALLS, ["--limits", "relaxed", "--max-calls", "4"], "calls", 4),
    ],
)
def test_a_flag_bounds_the_cast(llmspell: Llmspell, source: str, flags: list[str], limit: str, allowed: float) -> None:
    result = llmspell("exec", "-e", "fake", "--output", "json", *flags, main(source))
    assert result.exit_code == 4, result.output
    assert (data(result)["limit"], data(result)["allowed"]) == (limit, allowed)


def test_flag_wins_over_environment_over_config_file(llmspell: Llmspell, home: Path) -> None:
    (home / "config.toml").write_text("[limits]\ncalls = 5\n")
    words = ["exec", "-e", "fake", "--output", "json"]
    assert data(llmspell(*words, main(CALLS)))["allowed"] == 5
    assert data(llmspell(*words, main(CALLS), LLMSPELL_MAX_CALLS="7"))["allowed"] == 7
    assert data(llmspell(*words, "--max-calls", "9", main(CALLS), LLMSPELL_MAX_CALLS="7"))["allowed"] == 9
    assert llmspell(*words, "--limits", "standard", main(CALLS)).exit_code == 0


def test_a_config_file_may_be_named(llmspell: Llmspell, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("limits = {calls = 2}\n")
    words = ["exec", "-e", "fake", "--output", "json"]
    assert data(llmspell(*words, "--config", other, main(CALLS)))["allowed"] == 2
    assert data(llmspell(*words, main(CALLS), LLMSPELL_CONFIG=str(other)))["allowed"] == 2


def test_a_wrong_config_file_is_a_usage_error(llmspell: Llmspell, home: Path) -> None:
    (home / "config.toml").write_text("\n[limits]\ncals = 5\n")
    result = llmspell("exec", "-e", "fake", DONE)
    assert result.exit_code == 2
    assert "config.toml:3: limits: there is no limit 'cals'; did you mean 'calls'" in result.stderr


def test_the_config_file_grants_and_denies(llmspell: Llmspell, home: Path) -> None:
    (home / "config.toml").write_text('allow = ["net"]\nisolation = "inline"\nmodel = "demo"\n[budget]\nrequests = 1\n')
    assert llmspell("exec", "-e", "fake", DONE).exit_code == 0


@pytest.mark.parametrize("flags", [["--memory", "64XB"], ["--max-calls", "-1"], ["--limits", "tiny"], ["--cpu", "0"]])
def test_a_wrong_flag_is_a_usage_error(llmspell: Llmspell, flags: list[str]) -> None:
    assert llmspell("exec", "-e", "fake", *flags, DONE).exit_code == 2


def test_a_limit_is_told_on_one_line_and_how_to_go_on_on_another(llmspell: Llmspell) -> None:
    result = llmspell("exec", "-e", "fake", "--max-calls", "3", "--run-id", "r", main(CALLS))
    first, second = result.stderr.splitlines()
    assert first == "llmspell: limit: limit calls of 3 was reached (4 used)"
    assert second == "go on with it: llmspell runs resume r"
