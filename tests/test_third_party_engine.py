"""A language of a third party, written from the docs: built, installed beside the core, and held to the whole suite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from llmspell_conformance.cases import Case, load_all

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "examples" / "third_party_engine"


@dataclass(frozen=True)
class Environment:
    """An environment that has core, conformance suite and the engine, all from wheels, and no other engine."""

    folder: Path

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        ours = ("PYTHON", "PYTEST", "LLMSPELL")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        program, *arguments = (str(word) for word in command)
        found = str(self.folder / "venv" / "bin" / program)
        return subprocess.run(
            [found, *arguments], cwd=self.folder, env=clean, capture_output=True, text=True, check=False
        )

    def pytest(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        # Neither the project's own pytest settings nor its sources are any of the environment's business.
        settings = self.folder / "none.ini"
        settings.write_text("[pytest]\n")
        quiet = ("-q", "-c", settings, "--rootdir", self.folder, "-p", "no:cacheprovider", "--import-mode=importlib")
        return self.run("python", "-m", "pytest", *quiet, *arguments)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("third_party")
    for project in (ROOT, ROOT / "conformance_tests", ENGINE):
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(project)]
        subprocess.run(command, check=True, capture_output=True)
    made = Environment(folder)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    wheels = sorted(folder.glob("*.whl"))
    assert len(wheels) == 3
    done = made.run("python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", *wheels)
    assert done.returncode == 0, done.stderr
    _link_dependencies(made)
    return made


@pytest.fixture(scope="module")
def report(environment: Environment) -> dict[str, Any]:
    path = environment.folder / "report.json"
    done = environment.pytest("--pyargs", "llmspell_conformance", "--engine", "lisp", "--llmspell-report", path)
    assert path.is_file(), done.stdout + done.stderr
    [engine] = json.loads(path.read_text())["engines"]
    return {**engine, "printed": done.stdout}


def test_every_required_row_passes(report: dict[str, Any]) -> None:
    passed = {(row["case"], row["row"]) for row in report["rows"] if row["outcome"] == "passed"}
    required = {(case.name, row.name) for case in load_all() if _is_required(case, report) for row in case.rows}
    assert len(required) > 500
    assert sorted(required - passed) == [], report["printed"]
    assert [row for row in report["rows"] if row["outcome"] == "failed"] == []


def test_only_what_the_engine_does_not_declare_is_left_out(report: dict[str, Any]) -> None:
    left_out = {row["case"] for row in report["rows"] if row["outcome"] not in ("passed", "failed")}
    assert left_out == {case.name for case in load_all() if not _is_required(case, report)}


def test_its_own_tests_pass_where_it_is_installed(environment: Environment) -> None:
    done = environment.pytest(ENGINE / "tests")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_the_command_line_knows_the_language_by_its_extension(environment: Environment) -> None:
    done = environment.run("llmspell", "run", ENGINE / "count.lisp")
    assert (done.stdout, done.returncode) == ("1\n2\n3\n6\n", 0), done.stderr


def test_a_folder_with_manifest_and_modules_runs_in_the_language(environment: Environment) -> None:
    done = environment.run("llmspell", "run", ENGINE / "hello", "-p", "name=Ada", "-p", "times=2")
    assert done.stdout == 'Hello, Ada!\nHello, Ada!\n{"greeted":"Ada","times":2}\n', done.stderr


def test_no_other_engine_is_installed_beside_it(environment: Environment) -> None:
    done = environment.run("python", "-c", "from llmspell_core import plugins; print(plugins.engine_names())")
    assert done.stdout == "['lisp']\n", done.stderr


def _is_required(case: Case, report: dict[str, Any]) -> bool:
    return case.otherwise is not None or case.requires <= set(report["features"])


def _link_dependencies(environment: Environment) -> None:
    """Lend the environment what the project depends on, so that no test needs the network."""
    done = environment.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    target = Path(done.stdout.strip())
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        is_ours = path.name.startswith(("llmspell", "_editable_impl")) or path.suffix == ".pth"
        if not is_ours and not (target / path.name).exists():
            (target / path.name).symlink_to(path)
