"""The five wheels, installed into an empty environment, are all a user needs."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
PROJECTS = (".", "plugins/lua", "plugins/js", "plugins/bridges", "conformance_tests")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    subprocess.run([*command, *(str(ROOT / project) for project in PROJECTS)], check=True, stdin=subprocess.DEVNULL)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *wheels], check=True)
    return folder / "bin"


def test_there_are_five_and_each_says_that_it_is_typed(wheels: list[Path]) -> None:
    names = {wheel.name.split("-")[0] for wheel in wheels}
    assert names == {"llmspell_core", "llmspell_lua", "llmspell_js", "llmspell_bridges", "llmspell_conformance"}
    for wheel in wheels:
        files = ZipFile(wheel).namelist()
        assert any(name.endswith("py.typed") for name in files), wheel.name
        assert not any("tests" in name.split("/") for name in files), wheel.name


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_spell_is_cast_from_the_installed_wheels(environment: Path, tmp_path: Path, engine: str) -> None:
    call = "llm.chat('hi')" if engine == "lua" else "await llm.chat('hi')"
    command = [environment / "llmspell", "exec", "-e", engine, "--model", "demo", "--output", "json", f"return {call}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert "demo" in json.loads(done.stdout)["value"]


def test_no_plugin_of_ours_is_reported_broken(environment: Path, tmp_path: Path) -> None:
    subprocess.run([environment / "llmspell", "plugins"], check=True, cwd=tmp_path)


@pytest.mark.parametrize("engine", ["lua", "lua55", "js"])
def test_the_conformance_suite_runs_from_the_installed_wheels(environment: Path, tmp_path: Path, engine: str) -> None:
    report = tmp_path / "report.json"
    command = [environment / "python", "-m", "pytest", "-q", "--pyargs", "llmspell_conformance"]
    subprocess.run([*command, "--engine", engine, "--llmspell-report", report], check=True, cwd=tmp_path)
    rows = json.loads(report.read_text())
    assert rows
