"""The commands besides ``run`` and ``exec``, and the group that holds them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core import __version__, declarations, plugins
from llmspell_core.cli import COMMANDS
from llmspell_core.cli.listing import table

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_core.spells import Spell

BROKEN = "[llmspell.engines]\nwand = llmspell_wand\n"

ODD = """
from llmspell_core.bridge import Bridge, expose
from llmspell_core.hookspecs import hookimpl


class Odd(Bridge):
    name = "odd"

    @expose
    def say(self, what: "Nowhere") -> None: ...


@hookimpl
def llmspell_bridges():
    return [Odd]
"""


@pytest.fixture
def broken(site: Path, install: Any) -> None:
    """Install a plugin that does not import."""
    install("llmspell_wand", "raise ImportError('no wood')", BROKEN)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_short_help_that_the_list_shows(name: str) -> None:
    command = import_module(f"llmspell_core.cli.{name}").command
    assert command.help
    assert COMMANDS[name].endswith(".")


def test_help_lists_the_commands_of_plugins_too_and_runs_them(llmspell: Any) -> None:
    result = llmspell("--help")
    assert all(line in result.stdout for line in COMMANDS.values())
    assert "wave         Added by llmspell-fake." in result.stdout
    assert llmspell("wave").stdout == "hello\n"


def test_an_unknown_command_is_told_with_the_nearest(llmspell: Any) -> None:
    result = llmspell("wav")
    assert result.exit_code == 2
    assert "no command 'wav'; did you mean 'wave'?" in result.stderr


def _imported(site: Path, *words: str, **env: str) -> tuple[str, set[str]]:
    """What ``llmspell`` prints in a fresh process, and the modules that it imported."""
    show = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    command = [sys.executable, "-c", f"{show}; from llmspell_core.cli import main; main()", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(site), **env}, check=True
    )
    return done.stdout, set(done.stderr.split())


def test_help_and_completion_of_the_group_import_no_command(site: Path) -> None:
    words = {"_LLMSPELL_COMPLETE": "bash_complete", "COMP_WORDS": "llmspell ", "COMP_CWORD": "1"}
    for printed, modules in (_imported(site, "--help"), _imported(site, **words)):
        assert all(name in printed for name in (*COMMANDS, "wave"))
        assert not modules & {"llmspell_fake", *(f"llmspell_core.cli.{name}" for name in COMMANDS)}


@pytest.mark.parametrize("word", ["run", "exec", "conformance"])
def test_engines_are_completed_without_importing_any(site: Path, word: str) -> None:
    words = {"_LLMSPELL_COMPLETE": "bash_complete", "COMP_WORDS": f"llmspell {word} --engine fa", "COMP_CWORD": "3"}
    printed, modules = _imported(site, **words)
    assert printed == "plain,fake\n"
    assert "llmspell_fake" not in modules


def test_models_are_completed_with_the_one_in_use(site: Path) -> None:
    words = {"_LLMSPELL_COMPLETE": "bash_complete", "COMP_WORDS": "llmspell run --model ", "COMP_CWORD": "3"}
    assert _imported(site, **words, LLMSPELL_MODEL="a:b")[0] == "plain,a:b\nplain,demo\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_completion_script(llmspell: Any, shell: str) -> None:
    assert f"_LLMSPELL_COMPLETE={shell}_complete" in llmspell("completion", shell).stdout


def test_plugins_are_listed_and_a_broken_one_is_told_with_cause_and_cure(llmspell: Any, broken: None) -> None:
    result = llmspell("plugins")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["group", "name", "distribution", "version", "status"]
    assert ["engines", "fake", "llmspell-fake", "1.0", "ok"] in rows
    assert ["engines", "wand", "llmspell-wand", "1.0", "broken"] in rows
    assert "engines: wand: " in result.stderr
    assert "no wood" in result.stderr
    assert result.exit_code == 7


def test_plugins_are_listed_for_programs(document: Any, broken: None) -> None:
    told = document("plugins")
    (wand,) = [row for row in told["plugins"] if row["name"] == "wand"]
    assert (wand["status"], wand["group"], told["ok"], told["status"]) == ("broken", "engines", True, 7)
    assert "no wood" in wand["cause"]
    assert wand["cure"]


def test_engines_are_listed_and_a_broken_one_hides_no_other(llmspell: Any, broken: None) -> None:
    result = llmspell("engines")
    assert ["fake", "fake", "1", ".fake", "cpu_limit", "int64", "memory_limit"] in [
        line.split() for line in result.stdout.splitlines()
    ]
    assert "the engine 'wand' is broken" in result.stderr
    assert result.exit_code == 7


def test_engines_are_listed_for_programs(document: Any) -> None:
    (fake,) = [row for row in document("engines")["engines"] if row["name"] == "fake"]
    assert (fake["language"], fake["extensions"]) == ("fake", [".fake"])


def test_bridges_are_listed_with_their_methods(llmspell: Any, document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmspell_core.bridge import Bridge, expose

    class Wave(Bridge):
        """Wave at people."""

        name = "wave"

        @expose(aliases=("greet",))
        def hello(self) -> None:
            """Wave."""

    monkeypatch.setattr(plugins, "bridge_names", lambda: ["wave"])
    monkeypatch.setattr(plugins, "bridge_class", lambda name: Wave)
    assert llmspell("bridges").stdout == "name  about            methods  aliases\nwave  Wave at people.  1\n"
    assert document("bridges")["bridges"] == [
        {"name": "wave", "about": "Wave at people.", "methods": ["hello"], "aliases": []}
    ]


def test_where_nothing_is_installed_lists_say_what_to_install(llmspell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "engine_names", list)
    monkeypatch.setattr(plugins, "bridge_names", list)
    assert "pip install llmspell-lua" in llmspell("engines").stdout
    assert "pip install llmspell-bridges" in llmspell("bridges").stdout


def test_versions_are_told_to_people_and_programs(llmspell: Any, document: Any) -> None:
    lines = dict(line.rsplit(maxsplit=1) for line in llmspell("version").stdout.splitlines())
    assert lines["llmspell-core"] == __version__
    assert (lines["llmspell-fake"], lines["engine fake"]) == ("1.0", "1")
    told = document("version")
    assert (told["core"], told["python"]) == (__version__, platform.python_version())
    assert (told["plugins"]["llmspell-fake"], told["engines"]["fake"]) == ("1.0", "1")


@pytest.mark.parametrize(("words", "kind"), [([], "stubs"), (["--docs"], "reference")])
def test_stubs_are_written_and_checked(
    llmspell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], kind: str
) -> None:
    def write(folder: Path, *_: object) -> list[Path]:
        (folder / "x").write_text(kind)
        return [folder / "x"]

    def check(folder: Path, *_: object) -> list[str]:
        return [] if (folder / "x").exists() else ["x is missing"]

    monkeypatch.setattr(declarations, f"write_{kind}", write)
    monkeypatch.setattr(declarations, f"check_{kind}", check)
    missing = llmspell("stubs", *words, "-o", tmp_path, "--check")
    assert (missing.stderr, missing.exit_code) == ("x is missing\n", 1)
    written = llmspell("stubs", *words, "-o", tmp_path)
    assert (written.stdout, written.exit_code) == (f"{tmp_path / 'x'}\n", 0)
    assert llmspell("stubs", *words, "-o", tmp_path, "--check").exit_code == 0


@pytest.mark.parametrize("words", [[], ["--docs"]])
def test_stubs_leave_out_what_cannot_be_imported_and_say_so(
    llmspell: Any, install: Any, broken: None, tmp_path: Path, words: list[str]
) -> None:
    install("llmspell_odd", ODD, "[llmspell.bridges]\nodd = llmspell_odd\n")
    written = llmspell("stubs", *words, "-o", tmp_path)
    checked = llmspell("stubs", *words, "-o", tmp_path, "--check")
    assert (written.exit_code, checked.exit_code) == (7, 7), written.output
    assert f"{tmp_path}" in written.stdout
    for result in (written, checked):
        engine, bridge = result.stderr.splitlines()
        assert engine.startswith("left out: the engine 'wand' is broken: ")
        assert "no wood" in engine
        assert bridge.startswith("left out: the annotation of 'llmspell_odd.Odd.say' is broken: ")
        assert "'Nowhere' is not defined" in bridge


def test_conformance_shows_the_table_and_fails_with_the_engine(llmspell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    report = pytest.importorskip("llmspell_conformance.report")

    def run(name: str) -> Any:
        rows = [report.RowReport("values-x", "1", "passed" if name == "fake" else "failed")]
        return report.Report([report.EngineReport(name, rows=rows)])

    monkeypatch.setattr(report, "run", run)
    good = llmspell("conformance", "--engine", "fake")
    assert (good.exit_code, "1/1" in good.stdout) == (0, True)
    monkeypatch.setattr(plugins, "engine_names", lambda: ["fake", "wand"])
    bad = llmspell("conformance")
    assert (bad.exit_code, "0/1" in bad.stdout) == (1, True)


def test_conformance_without_the_suite_says_what_to_install(llmspell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmspell_core.cli.conformance.find_spec", lambda name: None)
    result = llmspell("conformance")
    assert (result.exit_code, "pip install llmspell-conformance" in result.stderr) == (7, True)
    monkeypatch.undo()


def test_conformance_of_an_engine_that_is_not_installed_is_refused(llmspell: Any) -> None:
    assert llmspell("conformance", "--engine", "tengo").exit_code == 7


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_new_spell_is_a_whole_one(llmspell: Any, tmp_path: Path, engine: str) -> None:
    from llmspell_core.parameters import check
    from llmspell_core.spells import Spell

    folder = tmp_path / 'my "first" spell'
    assert llmspell("new", folder, "-e", engine).exit_code == 0
    spell: Spell = Spell.load(folder)
    assert (spell.manifest.name, spell.manifest.engine, spell.file) == ("my-first-spell", engine, f"spell.{engine}")
    assert check(spell.manifest, {}) == {"question": "What is a spell?"}
    assert "{{" not in spell.source
    assert "# my-first-spell\n" in (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("folder", "name"),
    [("a_b-2", "a_b-2"), ("2 be", "spell-2-be"), ("ü", "spell"), ("con", "spell-con"), ("x" * 70, "x" * 58)],
)
def test_a_new_spell_has_a_name_that_it_can_be_packed_by(llmspell: Any, tmp_path: Path, folder: str, name: str) -> None:
    llmspell("new", tmp_path / folder, "-e", "lua")
    assert llmspell("pack", tmp_path / folder, "-o", tmp_path).exit_code == 0
    assert (tmp_path / f"{name}-0.1.0.tar.gz").exists()


def test_a_new_spell_overwrites_nothing(llmspell: Any, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    result = llmspell("new", tmp_path / "old")
    assert (result.exit_code, "is there already" in result.stderr, list((tmp_path / "old").iterdir())) == (2, True, [])
    (tmp_path / "file").write_text("")
    assert "cannot write" in llmspell("new", tmp_path / "file" / "x").stderr


def test_a_table_has_aligned_columns_and_no_trailing_space() -> None:
    assert table(["a", "b"], [["xx", ""], ["y", "z"]]) == "a   b\nxx\ny   z"


def test_one_document_tells_that_a_command_failed(llmspell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "report", lambda: 1 / 0)
    told = llmspell("plugins", "--output", "json")
    assert json.loads(told.stdout)["error"]["kind"] == "internal"
