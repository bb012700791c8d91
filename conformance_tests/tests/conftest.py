"""What the suite's own tests share: the suite, run in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from llmspell_conformance.cases import CASES
from llmspell_conformance.report import Report

TESTS = Path(__file__).parent
RunSuite = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_suite(tmp_path_factory: pytest.TempPathFactory) -> RunSuite:
    """Return what runs the suite, or a few of its cases, far from the project's own settings."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "pytest.ini").write_text("[pytest]\n")
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])

    def run(*args: str, cases: Collection[str] = ()) -> subprocess.CompletedProcess[str]:
        what = [str(CASES / case) for case in cases] or ["--pyargs", "llmspell_conformance"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *what]
        env = {**os.environ, "PYTHONPATH": path}
        return subprocess.run([*command, *args], cwd=folder, env=env, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def report_of(run_suite: RunSuite, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    """Return what runs the suite with the given arguments and reads its report."""

    def run(*args: str, cases: Collection[str] = ()) -> Report:
        path = tmp_path_factory.mktemp("report") / "report.json"
        done = run_suite(*args, "--llmspell-report", str(path), cases=cases)
        assert path.is_file(), done.stdout + done.stderr
        return Report.read(path)

    return run
