"""What the tests of the command line share: an installed fake plugin, and ways to call ``llmspell``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from llmspell_core.cli import main

PLUGIN = """
from llmspell_core.hookspecs import hookimpl


@hookimpl
def llmspell_engines():
    from llmspell_core.testing import FakeEngine

    return [FakeEngine]


@hookimpl
def llmspell_commands():
    import click

    return [click.Command("wave", callback=lambda: click.echo("hello"), help="Wave.")]
"""
ENTRIES = "[llmspell.engines]\nfake = llmspell_fake\n\n[llmspell.commands]\nwave = llmspell_fake\n"

# click 8.1 mixes standard error into standard output unless told not to; later ones cannot be told.
SEPARATE: dict[str, Any] = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}

Install = Callable[..., Path]
Llmspell = Callable[..., Result]
Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a distribution of one module."""
    site = tmp_path / "site"

    def installed(name: str, module: str, entries: str) -> Path:
        info = site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entries)
        (site / f"{name}.py").write_text(module)
        return site

    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    yield installed
    for path in site.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def site(install: Install) -> Path:
    """The folder where a plugin is installed: the engine ``fake`` and the command ``wave``."""
    return install("llmspell_fake", PLUGIN, ENTRIES)


@pytest.fixture
def place() -> str:
    """Where spells run."""
    return "inline"


def with_place(place: str, words: tuple[str | Path, ...]) -> list[str]:
    """The words of a command line that runs a spell in a place."""
    casts = words[:1] in (("run",), ("exec",)) and len(words) > 1
    return [str(word) for word in (words[0], "--isolation", place, *words[1:])] if casts else [*map(str, words)]


@pytest.fixture
def llmspell(site: Path, place: str) -> Llmspell:
    """Call ``llmspell`` in this process."""

    def call(*words: str | Path, input: str | None = None, **env: str) -> Result:
        return CliRunner(**SEPARATE).invoke(main, with_place(place, words), input=input, env=env)

    return call


@pytest.fixture
def document(llmspell: Llmspell) -> Callable[..., dict[str, Any]]:
    """Call ``llmspell ... --output json`` and return its one document, with the exit status as ``status``."""

    def call(*words: str | Path, **more: Any) -> dict[str, Any]:
        result = llmspell(*words, "--output", "json", **more)
        return {**json.loads(result.stdout), "status": result.exit_code}

    return call


@pytest.fixture
def spawn(site: Path, place: str) -> Spawn:
    """Start ``llmspell`` in a process of its own."""

    def start(*words: str | Path) -> subprocess.Popen[str]:
        code = "from llmspell_core.cli import main; main()"
        command = [sys.executable, "-c", code, *with_place(place, words)]
        env = {**os.environ, "PYTHONPATH": str(site)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    return start


@pytest.fixture
def spell(tmp_path: Path) -> Callable[[str], Path]:
    """Write a spell for the fake engine; its lines are the body of ``main(params)``."""

    def write(*lines: str, name: str = "a.fake", head: str = "") -> Path:
        path = tmp_path / name
        path.write_text(head + "\n    ".join(["def main(params):", *lines, "yield sleep(0)"]))
        return path

    return write
