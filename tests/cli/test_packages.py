"""Spells as packages on the command line, and progress."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.cli import bar as bars
from llmspell_core.cli.bar import Bar, bar
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.templates import TEMPLATES

for engine in ("llmspell_lua", "llmspell_js", "llmspell_bridges"):
    pytest.importorskip(engine)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty as the user's own is."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LLMSPELL_PATH", raising=False)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def do(folder: str, manifest: str, source: str) -> Path:
        path = tmp_path / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / "spell.yaml").write_text(manifest)
        (path / "spell.lua").write_text(source)
        return path

    return do


@pytest.mark.parametrize("engine", ["lua", "js"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_runs_at_once_and_nothing_is_wrong_with_it(
    llmspell: Any, document: Any, here: Path, template: str, engine: str
) -> None:
    assert llmspell("new", "mine", "-t", template, "-e", engine).exit_code == 0
    ran = document("run", "mine", "--model", "demo", "--no-journal")
    assert (ran["ok"], ran["engine"]) == (True, engine), ran["error"]
    assert document("check", "mine")["ok"]
    assert json.loads((here / "mine" / "spell.schema.json").read_text())["additionalProperties"] is False
    assert "$schema=spell.schema.json" in (here / "mine" / "spell.yaml").read_text().splitlines()[0]


def test_a_spell_is_packed_installed_listed_and_run_by_its_name(llmspell: Any, document: Any, write: Any) -> None:
    source = write("work/hello", "name: hello\nversion: 1.0.0\npermissions: ['env:HOME']", "return 'hello'")
    packed = document("pack", source, "-o", "out")["package"]
    installed = document("install", packed["path"])["packages"][0]
    assert installed["sha256"] == packed["sha256"]
    assert [(row["name"], row["place"]) for row in document("list")["spells"]] == [("hello", "user")]
    assert document("run", "hello", "--no-journal")["value"] == "hello"
    told = llmspell("install", source)
    assert "was installed already" in told.stdout
    assert "it asks for env:HOME; nothing of that is granted" in told.stdout


def test_an_unknown_name_is_refused_with_the_nearest(llmspell: Any, write: Any) -> None:
    write("home/spells/summarize", "name: summarize\nversion: 1.0.0", "return 1")
    refused = llmspell("run", "sumarize", "--no-journal")
    assert refused.exit_code == Exit.USAGE
    assert "did you mean 'summarize'" in refused.stderr


@pytest.mark.parametrize("source", ["no.tar.gz", "folder/no", "missing"])
def test_what_is_not_there_cannot_be_installed(llmspell: Any, source: str) -> None:
    refused = llmspell("install", source)
    assert refused.exit_code == Exit.USAGE
    assert "llmspell list" in refused.stderr


def test_what_dependencies_ask_for_is_told_and_a_changed_one_is_wrong(
    llmspell: Any, document: Any, write: Any, tmp_path: Path
) -> None:
    other = write("home/spells/b", "name: b\nversion: 1.1.0\npermissions: ['net:a.example']", "return 1")
    mine = write("mine", "name: mine\nversion: 1.0.0\ndependencies: {b: ^1.0}", "return spell.run('b')")
    check = document("check", mine)
    assert check["dependencies"] == {"b": ["net:a.example"]}
    assert [finding["kind"] for finding in check["findings"]] == ["unlocked"]
    assert "b asks for: net:a.example" in llmspell("check", mine).stdout
    assert document("lock", mine)["spells"][0]["version"] == "1.1.0"
    assert document("check", mine)["findings"] == []
    told = document("info", mine)["spell"]
    assert told["dependencies"] == {"b": {"range": "^1.0", "version": "1.1.0", "permissions": ["net:a.example"]}}
    assert document("run", mine, "--no-journal")["value"] == 1
    (other / "spell.lua").write_text("return 2")
    assert document("run", mine, "--no-journal")["error"]["kind"] == "changed"
    check = document("check", mine)
    assert (check["ok"], [finding["kind"] for finding in check["findings"]]) == (False, ["dependency"])
    assert "has changed since it was locked" in document("info", mine)["spell"]["problems"][0]


def test_a_missing_plugin_is_told_before_anything_runs(document: Any, write: Any) -> None:
    mine = write("mine", "plugins: {no-such-plugin: '>=1'}", "print('ran')")
    refused = document("run", mine, "--no-journal")
    assert (refused["error"]["kind"], refused["output"]) == ("package", "")
    assert "pip install 'no-such-plugin>=1'" in refused["error"]["message"]
    assert [finding["kind"] for finding in document("check", mine)["findings"]] == ["plugin"]


def test_the_texts_of_a_strange_spell_give_the_terminal_no_orders(llmspell: Any, write: Any) -> None:
    write("here/spells/odd", 'name: odd\nversion: 1.0.0\ndescription: "a\\e[2Jb"', "return 1")
    for words in (("list",), ("info", "odd")):
        assert "\x1b" not in llmspell(*words).stdout


@pytest.mark.parametrize(
    ("source", "ok"), [("spell.library('own', {}) return require('own')", True), ("require('own')", False)]
)
def test_a_module_that_the_spell_makes_is_not_missing(document: Any, write: Any, source: str, ok: bool) -> None:
    assert document("check", write("mine", "name: mine", source))["ok"] is ok


def test_the_schema_is_printed(llmspell: Any) -> None:
    assert json.loads(llmspell("info", "--schema").stdout)["title"] == "The manifest of a spell"


def test_progress_is_a_line_of_json_for_programs_and_nothing_in_a_pipe(llmspell: Any, write: Any) -> None:
    mine = write("mine", "name: mine", "spell.progress(1, 4, 'reading') return 'done'")
    lines = llmspell("run", mine, "--output", "ndjson", "--run-id", "p1", "--no-journal").stdout.splitlines()
    told = {"type": "progress", "run": "p1", "spell": "mine", "done": 1.0, "total": 4.0, "note": "reading"}
    assert json.loads(lines[0]) == told
    plain = llmspell("run", mine, "--no-journal")
    assert (plain.stdout, plain.stderr) == ("done\n", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "_PAUSE", 0)
    terminal = Terminal()
    drawn = Bar(terminal)
    drawn.draw({"done": 1, "total": 2, "note": "half\x1b[2J"})
    drawn.wipe()
    first, last = terminal.getvalue().split("\r")[1:3]
    assert first == f"[{'#' * 15}{'-' * 15}]  50% half\\x1b[2J"
    assert last == " " * len(first)
    drawn.wipe()
    assert terminal.getvalue().count("\r") == 3


@pytest.mark.parametrize(
    ("done", "total", "line"),
    [(0, 1, f"[{'-' * 30}]   0%"), (9, 3, f"[{'#' * 30}] 100%"), (7, None, "7"), (1.5, None, "1.5")],
)
def test_bars(done: float, total: float | None, line: str) -> None:
    assert bar(done, total, "") == line
