"""``llmspell runs``: what it tells of runs, and how it says what cannot be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.journal import Journal

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def damage(home: Path, run: str, entry: int) -> None:
    with Journal(f"sqlite:///{home}/runs.db") as journal, journal.database.transaction() as transaction:
        transaction.change(
            "UPDATE entries SET body = '[1,' WHERE run = :run AND number = :number", run=run, number=entry
        )


def test_what_a_bridge_declares_secret_is_not_shown(llmspell: Any) -> None:
    source = """
        auth.bearer("hidden-token-42", {hosts = {"a"}})
        auth.basic("ann", "hidden-word-42")
        pcall(http.get, "https://a.invalid", {headers = {Authorization = "hidden-token-43"}})
        pcall(auth.oauth2, {client_id = "me", client_secret = "hidden-word-44", token_url = "https://a.invalid"})
        pcall(http.get, "https://a.invalid/?token=hidden-token-42")
    """
    llmspell("exec", "--engine", "lua", "--isolation", "inline", "--run-id", "r", source)
    for words in (["show", "r"], ["show", "r", "--whole"], ["show", "r", "--output", "json"]):
        shown = llmspell("runs", *words).stdout
        assert "auth.bearer" in shown
        assert "ann" in shown
        assert "hidden" not in shown


def test_a_damaged_journal_is_shown_as_far_as_it_goes(llmspell: Any, home: Path) -> None:
    source = "for n = 1, 3 do sleep(0.001) end return 1"
    llmspell("exec", "--engine", "lua", "--isolation", "inline", "--run-id", "r", source)
    damage(home, "r", 5)

    shown = llmspell("runs", "show", "r")
    assert shown.exit_code == 1
    assert "host.sleep" in shown.stdout
    assert "damaged at entry 5" in shown.stderr
    assert "runs fork r --at 4" in shown.stderr
    document = json.loads(llmspell("runs", "show", "r", "--output", "json").stdout)
    assert (document["ok"], document["error"]["kind"], len(document["calls"])) == (False, "journal", 2)
    for words in (["export", "r"], ["diff", "r", "r"], ["replay", "r"]):
        told = llmspell("runs", *words)
        assert told.exit_code == 1
        assert "damaged at entry 5" in told.stderr
    assert llmspell("runs", "fork", "r", "--at", "4", "--isolation", "inline").stdout == "1\n"
