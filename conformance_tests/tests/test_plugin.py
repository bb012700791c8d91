from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from llmspell_conformance import report
from llmspell_conformance.report import EngineReport, Report, RowReport, SuiteError

RunSuite = Callable[..., subprocess.CompletedProcess[str]]
BROKEN = "broken_engines:EmptiesMapsIntoListsEngine"

pytestmark = pytest.mark.slow  # each starts a pytest of its own


def test_the_plugin_alone_imports_nothing_of_llmspell() -> None:
    code = "import llmspell_conformance.plugin, sys; print([name for name in sys.modules if 'llmspell_core' in name])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_without_an_engine_the_suite_says_how_to_name_one(run_suite: RunSuite) -> None:
    done = run_suite()

    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "which engine is to be checked? say --engine NAME" in done.stdout
    assert "Traceback" not in done.stdout


def test_an_engine_that_is_not_installed_is_named_with_those_that_are(run_suite: RunSuite) -> None:
    done = run_suite("--engine", "abacus")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no engine named 'abacus' is installed (installed: " in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--engine-class", "nowhere:Engine"), "there is no engine class 'nowhere:Engine': No module named 'nowhere'"),
        (("--engine-class", "llmspell_conformance:Engine"), "name one as MODULE:CLASS"),
        (("--engine-class", "json"), "name one as MODULE:CLASS"),
        (("--engine", "lua", "--spells", "nowhere"), "there is no folder 'nowhere' to look for spells in"),
    ],
)
def test_what_is_not_there_is_named(run_suite: RunSuite, arguments: tuple[str, ...], said: str) -> None:
    done = run_suite(*arguments)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in done.stderr


@pytest.mark.parametrize(("chosen", "verdict"), [((), "conforms"), (("-k", "beside"), "passes what was asked for")])
def test_some_rows_tell_of_no_engine_that_it_conforms(
    run_suite: RunSuite, chosen: tuple[str, ...], verdict: str
) -> None:
    done = run_suite("--engine", "lua", *chosen, cases=["values-bool-kept"])

    assert f"lua (lua 5.4) {verdict}\n" in done.stdout


def test_a_failure_is_shown_with_its_rule_and_the_table_counts_it(run_suite: RunSuite) -> None:
    done = run_suite("--engine-class", BROKEN, cases=["values-list-or-map", "values-nothing"])

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "an empty list and an empty map stay apart (values.md#list, values.md#map)" in done.stdout
    assert "does not conform: 4 rows fail" in done.stdout


def test_a_language_without_spells_fails_its_cases(run_suite: RunSuite) -> None:
    done = run_suite("--engine-class", "broken_engines:SpeechlessEngine", cases=["values-nothing"])

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "case 'values-nothing': no spell.mute in " in done.stdout


def test_spells_of_a_folder_come_before_the_suites_own(run_suite: RunSuite, tmp_path: Path) -> None:
    (tmp_path / "values-nothing").mkdir()
    (tmp_path / "values-nothing" / "spell.lua").write_text("return 'other'")

    done = run_suite("--engine", "lua", "--spells", str(tmp_path), cases=["values-nothing"])

    assert "$: expected None, found 'other'" in done.stdout


KNOWN = "- {case: values-list-or-map, row: %s, reason: maps are lists here}\n"
FAILING = "".join(KNOWN % row for row in ("a map", "both in a list", "both in a map", "one in the other"))


@pytest.mark.parametrize(
    ("known", "code", "said"),
    [
        (FAILING, pytest.ExitCode.OK, "1/5 (4 known)"),
        (FAILING + KNOWN % "a list", pytest.ExitCode.TESTS_FAILED, "[XPASS(strict)] maps are lists here"),
        ("- {case: values-list-or-map}\n", pytest.ExitCode.USAGE_ERROR, "has no reason"),
        ("- {case: values-lost, reason: r}\n", pytest.ExitCode.USAGE_ERROR, "there is no case 'values-lost'"),
        (KNOWN % "a zebra", pytest.ExitCode.USAGE_ERROR, "has no row 'a zebra'"),
    ],
    ids=["fails", "passes", "has no reason", "is of no case", "is of no row"],
)
def test_a_known_failure_that(run_suite: RunSuite, tmp_path: Path, known: str, code: int, said: str) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(known)

    done = run_suite("--engine-class", BROKEN, "--known-failures", str(path), cases=["values-list-or-map"])

    assert done.returncode == code, done.stdout
    assert said in done.stdout + done.stderr


def test_a_run_in_a_process_of_its_own_comes_back_as_a_report() -> None:
    found = report.run("lua", extra=["-k", "values-bool-kept"])

    [engine] = found.engines
    assert found.ok
    assert (engine.name, engine.language) == ("lua", "lua")
    assert {row.row for row in engine.rows} == {"true", "false", "beside numbers", "in a map"}


def test_a_suite_that_does_not_run_is_an_error_with_what_it_said() -> None:
    with pytest.raises(SuiteError, match="no engine named 'abacus'"):
        report.run("abacus")


ROWS = [RowReport("values-a", "1", "passed"), RowReport("values-a", "2", "known"), RowReport("errors-b", "1", "failed")]


def test_the_table_has_a_line_per_group_and_a_column_per_engine() -> None:
    good = EngineReport(
        "good", "tongue", "1", rows=[RowReport("values-a", "1", "passed"), RowReport("wire-c", "1", "skipped")]
    )
    bad = EngineReport("bad", "tongue", "2", rows=ROWS)

    drawn = report.table([Report([good]), Report([bad])])

    assert drawn.splitlines() == [
        "        good             bad",
        "errors  0/0              0/1",
        "values  1/1              1/2 (1 known)",
        "wire    0/0 (1 skipped)  0/0",
        "all     1/1 (1 skipped)  1/3 (1 known)",
        "good (tongue 1) conforms",
        "bad (tongue 2) does not conform: 1 rows fail",
    ]


def test_a_report_reads_as_it_was_written(tmp_path: Path) -> None:
    written = Report([EngineReport("bad", "tongue", "2", ("int64",), ROWS)], "1.0")

    written.write(tmp_path / "report.json")

    assert Report.read(tmp_path / "report.json") == written


def test_an_engine_of_which_nothing_was_tried_does_not_conform() -> None:
    assert not Report([EngineReport("idle")]).ok
    assert not Report([]).ok
