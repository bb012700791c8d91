"""Which lines of spells the tests run: told for every file, wherever and by whom it was run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from llmspell_core.runner import Runner
from llmspell_core.spells import Spell
from llmspell_core.spelltests.lines import Lines
from llmspell_core.spelltests.reports import write

pytest.importorskip("coverage")

WORDS = {
    "lib/words.lua": """
local M = {}
function M.greet(name)
  if name == "" then
    return "nobody"
  end
  return "Hello, " ..
    name
end
local function never()
  return 1
end
return M
""",
    "lib/words.js": """
exports.greet = async name => {
  if (name === "")
    return "nobody"
  await null
  return "Hello, " +
    name
}
function never() {
  return 1
}
""",
    "words_test.lua": """
local words = require("words")
testing.it("greets", function() testing.expect(words.greet("Ada")):equals("Hello, Ada") end)
testing.it("greets nobody", function() testing.expect(words.greet("")):equals("nobody") end)
""",
    "words.test.js": """
const words = require("words")
testing.it("greets", async () => testing.expect(await words.greet("Ada")).equals("Hello, Ada"))
testing.it("greets nobody", async () => testing.expect(await words.greet("")).equals("nobody"))
""",
}
APP = {
    "app/spell.yaml": "name: app\nentry: main.lua\n",
    "app/main.lua": """local size = spell.run("child.js", {x = params.x})
if size == "small" then
  return 1
end
return 2
""",
    "app/child.js": """if (params.x > 1) {
  return "large"
}
return "small"
""",
    "test_app.py": """
from llmspell_core.policy import Policy


def test_app(spell):
    assert spell("app", params={"x": 2}, policy=Policy.trusted()).unwrap() == 2
""",
}


def write_files(folder: Path, files: dict[str, str]) -> Path:
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def run(folder: Path, *args: str) -> tuple[int, str]:
    command = [sys.executable, "-m", *args, "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout + done.stderr


def rows(told: str) -> dict[str, tuple[int, int, str]]:
    """Return statements, those missed and where, by file, as the table tells."""
    found = re.findall(r"^(\S+\.\w+) +(\d+) +(\d+) +\d+% *(.*)$", told, re.MULTILINE)
    return {name: (int(count), int(missed), where) for name, count, missed, where in found}


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_a_table_tells_what_the_tests_do_not_reach(tmp_path: Path, isolation: str) -> None:
    if isolation == "process" and sys.platform != "linux":
        pytest.skip("processes need Linux")
    folder = write_files(tmp_path, WORDS)
    status, told = run(folder, "llmspell_core", "test", "--cov", "-k", "not nobody", f"--isolation={isolation}")
    assert status == 0, told
    assert rows(told) == {"lib/words.js": (6, 2, "4, 10"), "lib/words.lua": (8, 2, "5, 11")}


def test_what_several_tests_reach_is_counted_together(tmp_path: Path) -> None:
    folder = write_files(tmp_path, WORDS)
    args = ("--cov-report", "json:told.json", "--cov-report=xml", "--cov-fail-under", "90", "--isolation=inline")
    status, told = run(folder, "llmspell_core", "test", *args)
    assert (status, rows(told)) == (3, {})
    assert "FAILED: 85.71 % of the statements ran, and 90 % have to" in told
    files = json.loads((folder / "told.json").read_text())["files"]
    assert {name: file["missing_lines"] for name, file in files.items()} == {
        "lib/words.js": [10],
        "lib/words.lua": [11],
    }
    assert 'filename="lib/words.lua"' in (folder / "spell-coverage.xml").read_text()


def test_spells_that_are_cast_from_python_and_by_spells_are_counted(tmp_path: Path) -> None:
    folder = write_files(tmp_path, APP)
    status, told = run(folder, "pytest", "--spell-cov", "--spell-cov-report=term", "--cast-isolation=inline")
    assert status == 0, told
    assert rows(told) == {"app/main.lua": (4, 1, "3"), "app/child.js": (3, 1, "4")}


@pytest.mark.slow  # starts two processes of pytest
def test_processes_of_xdist_are_counted_together(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    folder = write_files(tmp_path, WORDS | APP)
    status, told = run(folder, "pytest", "--spell-tests", "--spell-cov", "-n", "2")
    assert status == 0, told
    assert {name: row[1:] for name, row in rows(told).items()} == {
        "app/main.lua": (1, "3"),
        "app/child.js": (1, "4"),
        "lib/words.js": (1, "10"),
        "lib/words.lua": (1, "11"),
    }


def test_where_only_tests_ran_it_says_so(tmp_path: Path) -> None:
    folder = write_files(tmp_path, {"a_test.lua": 'testing.it("is", function() end)'})
    status, told = run(folder, "llmspell_core", "test", "--cov", "--isolation=inline")
    assert status == 0, told
    assert "no file of this folder was cast or required, but those of the tests" in told


def test_a_report_that_is_none_is_refused_with_those_there_are(tmp_path: Path) -> None:
    status, told = run(tmp_path, "llmspell_core", "test", "--cov-report=pdf")
    assert status == 2
    assert "'pdf' is no report; write one of term, xml, lcov, html, json" in told


def test_what_a_comment_excludes_is_not_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.lua"
    file.write_text("local x = 1\nif x > 1 then -- pragma: no cover\n  x = 2\nend\nif x > 2 then\n  x = 3\nend\n")
    lines = Lines()
    with Runner(isolation="inline", coverage=lines.note) as runner:
        runner.cast(Spell.load(str(file)))
    told, total = write(lines.within([tmp_path]), lines.engines, [("term", "")])
    assert "3      1    67%   6" in told
    assert round(total) == 67


def test_what_two_processes_noted_is_added_up(tmp_path: Path) -> None:
    file = tmp_path / "a.lua"
    file.write_text("if params.x then\n  print(1)\nelse\n  print(2)\nend\n")
    noted = [Lines(), Lines()]
    for lines, x in zip(noted, (True, False), strict=True):
        with Runner(isolation="inline", coverage=lines.note) as runner:
            runner.cast(Spell.load(str(file)), params={"x": x})
    noted[0].add(json.loads(json.dumps(noted[1].dump())))
    assert noted[0].within([tmp_path]) == {str(file.resolve()): [1, 2, 4, 5]}
    assert noted[1].within([tmp_path]) == {str(file.resolve()): [1, 4, 5]}


def test_spells_of_an_engine_that_tells_no_lines_run_uncovered(tmp_path: Path) -> None:
    from llmspell_core.testing import FakeEngine

    told: list[tuple[str, int]] = []
    note = lambda cast, ran: told.append((cast.engine, len(ran)))  # noqa: E731 - handed on below
    with Runner(isolation="inline", engines={"fake": FakeEngine}, coverage=note) as runner:
        assert runner.cast("def main(params):\n    yield\n    return 5\n", engine="fake").unwrap() == 5
    assert told == [("fake", 0)]
