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
    "ctypes",
    "concurrent.futures",
    "email",
    "hashlib",
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
# What a process is spoken with through.
PLACES: dict[str, set[str]] = {"inline": set(), **({"process": {"socket"}} if sys.platform == "linux" else {})}
HELLO = {"lua": 'print("hello, " .. params.name)', "js": "console.log(`hello, ${params.name}`)"}


def imported(*words: str) -> tuple[str, set[str]]:
    """What ``llmspell`` prints, and the modules that it imported."""
    show = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    # -S: what the environment's own .pth files import is no doing of llmspell's.
    paths = f"sys.path[:0] = {[path for path in sys.path if path]!r}"
    command = [sys.executable, "-S", "-c", f"{show}; {paths}; from llmspell_core.cli import main; main()", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", HELLO)
def test_a_first_spell_imports_only_what_it_needs(tmp_path: Path, language: str, place: str) -> None:
    if language not in engine_names():
        pytest.skip(f"llmspell-{language} is not installed")
    spell = tmp_path / f"hello.{language}"
    spell.write_text(HELLO[language])
    printed, modules = imported("run", "--isolation", place, str(spell), "-p", "name=you")
    assert printed == "hello, you\n"
    assert not modules & (COSTLY - PLACES[place])
    assert not {name for name in modules if name.startswith("llmspell_bridges")}
    assert place == "inline" or not {name for name in modules if name.startswith("llmspell_lua")}


def test_a_zygote_is_started_before_anything_that_takes_long_is_imported() -> None:
    code = "import sys; from llmspell_core.isolation import headstart; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"collections", "enum", "functools", "re", "signal", "socket", "typing"} & set(done.stdout.split())


def test_help_imports_no_engine_and_no_bridge() -> None:
    printed, modules = imported("--help")
    assert "run" in printed
    # click asks shutil how wide the terminal is.
    assert modules & COSTLY <= {"shutil"}
    assert not {name for name in modules if name.startswith(("llmspell_lua", "llmspell_js", "llmspell_bridges"))}
