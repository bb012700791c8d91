"""The newest other Python that is here runs what has differed from one to the next."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KNOWN = range(11, 15)
"""The minor versions that llmspell is for."""
PACKAGES = (".[queue,sql,test]", "plugins/lua", "plugins/js", "plugins/bridges[data,http,time]", "conformance_tests")
TOOLS = ("hypothesis", "numpy", "pytest")
DIFFERED = ("test_children.py", "test_database.py", "test_spelltests.py", "test_stubs.py", "queue/test_ledger.py")

pytestmark = pytest.mark.slow


def pythons() -> Iterator[tuple[int, Path]]:
    """The minor versions of other Pythons that are on the path, or that pyenv has, and where they are."""
    folders = [Path(name) for name in os.get_exec_path()]
    folders += (Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions").glob("3.*/bin")
    for folder in folders:
        for minor in KNOWN:
            path = folder / f"python3.{minor}"
            if minor != sys.version_info.minor and path.is_file():
                said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
                if re.match(rf"Python 3\.{minor}\.\d+$", said):
                    yield minor, path


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    newest = max(pythons(), default=None)
    if newest is None:
        pytest.skip("no other Python from 3.11 to 3.14 is here")
    folder = tmp_path_factory.mktemp("other")
    subprocess.run([newest[1], "-m", "venv", folder], check=True)
    words = [word for project in PACKAGES for word in ("-e", f"./{project}" if project[0] != "." else project)]
    install = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, *words, *TOOLS], check=True, cwd=ROOT, stdin=subprocess.DEVNULL)
    return folder / "bin/python"


def test_another_python_passes(python: Path) -> None:
    suite = ("--pyargs", "llmspell_conformance", "--engine", "lua", "--engine", "js")
    for words in (suite, tuple(f"tests/{name}" for name in DIFFERED)):
        command = [python, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
