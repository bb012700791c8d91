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


LONG = "local n = 0 for i = 1, 3 do sleep(0.001) n = n + i end return n"


def test_a_run_that_was_stopped_names_the_command_that_goes_on(llmspell: Any, tmp_path: Path) -> None:
    words = ["exec", "--engine", "lua", "--isolation", "inline", "--max-calls", "2", "--run-id", "r", LONG]
    assert "go on with it: llmspell runs resume r\n" in llmspell(*words).stderr
    assert llmspell("runs", "resume", "r", "--max-calls", "9").stdout == "6\n"
    other = f"sqlite:///{tmp_path}/other.db"
    assert f"llmspell runs resume r --journal {other}\n" in llmspell(*words, "--journal", other).stderr
    assert "go on" not in llmspell(*words, "--no-journal").stderr
    assert "go on" not in llmspell("exec", "--engine", "lua", "error('x')").stderr


@pytest.mark.parametrize("id", ["a b", "a\nb", "a\x1b[31m", "a" * 65])
def test_a_name_that_no_run_can_have_is_refused(llmspell: Any, id: str) -> None:
    told = llmspell("exec", "--engine", "lua", "--run-id", id, "return 1")
    assert told.exit_code == 2
    assert "is no id of a run" in told.stderr
    assert llmspell("runs", "fork", "r", "--at", "0", "--run-id", id).exit_code == 2


def test_a_run_travels_in_a_file_that_only_its_owner_can_read(llmspell: Any, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    llmspell("exec", "--engine", "lua", "--isolation", "inline", "--run-id", "r", "return 1")
    assert llmspell("runs", "export", "r", file).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert llmspell("runs", "export", "r").stdout == file.read_text()
    again = llmspell("runs", "import", file)
    assert again.exit_code == 2
    assert "`llmspell runs prune r` drops it" in again.stderr
    llmspell("runs", "prune", "r")
    assert llmspell("runs", "import", file).stdout == "added r\n"
    assert "cannot write" in llmspell("runs", "export", "r", tmp_path / "none" / "r.jsonl").stderr


def test_a_run_that_travels_without_its_caller_is_listed_and_dropped_like_any(llmspell: Any, tmp_path: Path) -> None:
    (tmp_path / "spell.yaml").write_text("name: two\nengine: lua\nentry: main.lua\n")
    (tmp_path / "main.lua").write_text('return spell.run("child.lua")')
    (tmp_path / "child.lua").write_text("return 7")
    llmspell("run", tmp_path, "--run-id", "two")
    both, one = tmp_path / "both.jsonl", tmp_path / "one.jsonl"
    llmspell("runs", "export", "two", both)
    llmspell("runs", "export", "two.1.1", one)
    llmspell("runs", "prune", "two")

    assert llmspell("runs", "import", both).stdout == "added two, two.1.1\n"
    assert "two.1.1" not in llmspell("runs", "list").stdout
    llmspell("runs", "prune", "two.1.1")
    llmspell("runs", "import", one)
    assert "two.1.1" in llmspell("runs", "list", "--parent", "two").stdout
    llmspell("runs", "prune", "two")
    llmspell("runs", "import", one)
    assert "two.1.1" in llmspell("runs", "list").stdout
    assert llmspell("runs", "prune", "--older-than", "0").stdout == "dropped 1 runs\n"


@pytest.mark.parametrize(
    ("words", "granted"), [((), True), (("--policy", "standard"), False), (("--allow-all",), True)]
)
def test_a_run_goes_on_with_what_it_was_granted_where_no_policy_is_said(
    llmspell: Any, words: tuple[str, ...], granted: bool
) -> None:
    source = 'sleep(0) sleep(0) return (pcall(fs.list, "/"))'
    llmspell("exec", "--engine", "lua", "--policy", "trusted", "--max-calls", "1", "--run-id", "r", source)
    told = llmspell("runs", "resume", "r", "--max-calls", "9", *words)
    assert (told.exit_code, told.stdout.strip() == "true") == (0, granted)


def test_the_runs_of_workflows_and_of_spells_go_on_by_commands_of_their_own(llmspell: Any, tmp_path: Path) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text("name: flow\nsteps:\n  - {name: rest, wait: 0.01}\n")
    told = llmspell("workflow", "run", flow, "--max-calls", "1", "--run-id", "w")
    assert "go on with it: llmspell workflow resume w\n" in told.stderr
    for words in (["resume", "w"], ["replay", "w"], ["fork", "w", "--at", "1"]):
        told = llmspell("runs", *words)
        assert told.exit_code == 2
        assert "`llmspell workflow resume w` goes on with it" in told.stderr
    assert llmspell("workflow", "resume", "w", "--max-calls", "9").exit_code == 0
    llmspell("exec", "--engine", "lua", "--run-id", "r", "return 1")
    assert "`llmspell runs resume r` goes on with it" in llmspell("workflow", "resume", "r").stderr
