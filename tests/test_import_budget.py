"""What casting a first spell must not import: start-up time, told by absence and not by the clock."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llmspell_core.plugins import engine_names

if TYPE_CHECKING:
    from pathlib import Path

COSTLY = {
    "asyncio",
    "concurrent.futures",
    "email",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "jsonschema",
    "llmspell_core.declarations",
    "llmspell_core.manifests",
    "llmspell_core.parameters",
    "logging",
    "pathlib",
    "pluggy",
    "pydantic",
    "random",
    "rich",
    "shutil",
    "socket",
    "stevedore",
    "subprocess",
    "tempfile",
    "tomllib",
    "urllib.request",
    "yaml",
}
HELLO = {"lua": 'print("hello, " .. params.name)', "js": "console.log(`hello, ${params.name}`)"}


def imported(*words: str) -> tuple[str, set[str]]:
    """What ``llmspell`` prints, and the modules that it imported."""
    show = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    # -S: what the environment's own .pth files import is no doing of llmspell's.
    paths = f"sys.path[:0] = {[path for path in sys.path if path]!r}"
    command = [sys.executable, "-S", "-c", f"{show}; {paths}; from llmspell_core.cli import main; main()", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("language", HELLO)
def test_a_first_spell_imports_only_what_it_needs(tmp_path: Path, language: str) -> None:
    if language not in engine_names():
        pytest.skip(f"llmspell-{language} is not installed")
    spell = tmp_path / f"hello.{language}"
    spell.write_text(HELLO[language])
    printed, modules = imported("run", "--isolation", "inline", str(spell), "-p", "name=you")
    assert printed == "hello, you\n"
    assert not modules & COSTLY
    assert not {name for name in modules if name.startswith("llmspell_bridges")}


def test_help_imports_no_engine_and_no_bridge() -> None:
    printed, modules = imported("--help")
    assert "run" in printed
    # click asks shutil how wide the terminal is.
    assert modules & COSTLY <= {"shutil"}
    assert not {name for name in modules if name.startswith(("llmspell_lua", "llmspell_js", "llmspell_bridges"))}
