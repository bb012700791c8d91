"""A zygote that is started before the command line is read is adopted, or ended; no guess changes what a cast does."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmspell_core.isolation import headstart
from llmspell_core.plugins import engine_names
from llmspell_core.runner import Runner

pytestmark = pytest.mark.skipif(not {"lua", "js"} <= {*engine_names()}, reason="llmspell-lua or -js is not installed")


@pytest.fixture
def spells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spell in each language, and one that is a folder."""
    (tmp_path / "a.lua").write_text("return 6 * 7")
    (tmp_path / "endless.lua").write_text("while true do end")
    (tmp_path / "b.js").write_text("return 6 * 7")
    (tmp_path / "notes").write_text("")
    (tmp_path / "c").mkdir()
    for name in ("spell.yaml", "README.md", "main.js"):
        (tmp_path / "c" / name).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def begun() -> Iterator[None]:
    """Nothing that a test began is left."""
    yield
    for _, pid, _ in list(headstart._started):
        headstart.drop()
        os.waitpid(pid, 0)


@pytest.mark.parametrize(
    ("words", "engine"),
    [
        ("run a.lua", "lua"),
        ("run --seed 1 b.js -p x=y.lua", "js"),
        ("run -e lua55 a.lua", "lua55"),
        ("run --engine=js a.lua", "js"),
        ("run c", "js"),
        ("exec -e lua return", "lua"),
        ("run --isolation process a.lua", "lua"),
        ("run --isolation inline a.lua", None),
        ("run --isolation=inline a.lua", None),
        ("run a.lua --help", None),
        ("run", None),
        ("run none.lua", None),
        ("run notes", None),
        ("exec return", None),
        ("engines", None),
        ("", None),
    ],
)
def test_the_words_tell_which_engine_may_be_wanted(spells: Path, words: str, engine: str | None) -> None:
    assert headstart.guess(words.split()) == engine


def test_a_right_guess_is_the_zygote_of_the_cast(begun: None) -> None:
    headstart.begin(["exec", "-e", "lua", ""])
    ((_, pid, _),) = headstart._started
    with Runner() as runner:
        assert runner.cast("return 6 * 7", engine="lua").unwrap() == 42
        assert runner.processes._pools["lua"]._cradle._pid == pid  # type: ignore[union-attr]


def test_a_wrong_guess_is_ended_and_costs_no_result(begun: None) -> None:
    headstart.begin(["exec", "-e", "lua", ""])
    ((_, pid, _),) = headstart._started
    with Runner() as runner:
        assert runner.cast("return 6 * 7", engine="js").unwrap() == 42
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def marked(marker: Path) -> list[int]:
    """The processes whose command line has the marker in it: a zygote's has all of ``sys.path``."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and str(marker).encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def llmspell(marker: Path, *words: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(marker)}
    command = [sys.executable, "-m", "llmspell_core", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)


def assert_none_is_left(marker: Path) -> None:
    while found := marked(marker):
        for pid in found:
            try:
                fd = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            # It has been told to end, or ends because nobody is left to tell it anything.
            ended = select.select([fd], [], [], 60)[0]
            os.close(fd)
            assert ended, f"process {pid} is left"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("run a.lua", 0),
        ("run -e js a.lua", 0),
        ("run -e cobol a.lua", 7),
        ("run a.lua --nope", 2),
        ("run a.lua -p x", 2),
        ("run --timeout 0.1 endless.lua", 4),
    ],
)
def test_no_process_is_left_whatever_the_words_were(spells: Path, words: str, status: int) -> None:
    marker = spells / "marker"
    with llmspell(marker, *words.split()) as process:
        assert process.wait(60) == status
    assert_none_is_left(marker)


def test_no_process_outlives_a_command_line_that_is_killed(spells: Path) -> None:
    marker = spells / "marker"
    (spells / "endless.lua").write_text("print('on') sleep(0)\nwhile true do end")
    with llmspell(marker, "run", "endless.lua") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        assert len(marked(marker)) == 2
        process.kill()
    assert_none_is_left(marker)
