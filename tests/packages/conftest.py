"""What the tests of packages share: spells on disk, and a home of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder; nothing else is found, and the current folder is empty."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LLMSPELL_PATH", raising=False)
    return tmp_path / "home"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a spell's folder, of a name and version and more of its manifest and files."""

    def do(folder: str, version: str = "1.0.0", more: str = "", name: str = "", **files: str) -> Path:
        path = tmp_path / folder
        path.mkdir(parents=True, exist_ok=True)
        head = f"name: {name or path.name}\nversion: {version}\nentry: spell.lua\n"
        (path / "spell.yaml").write_text(head + more)
        for file, text in ({"spell.lua": "return 1"} | files).items():
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            (path / file).write_text(text)
        return path

    return do
