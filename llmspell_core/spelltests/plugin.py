"""The plugin of pytest: files of tests in the languages of spells are collected where that is asked for.

pytest loads it wherever llmspell is installed, so it imports next to nothing until ``--spell-tests``, or
``spell_tests`` in the ini file, asks for it, or a fixture is used.
"""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from llmspell_core.runner import Result

__all__ = [
    "CHOICES",
    "REPORTS",
    "pytest_addoption",
    "pytest_collect_file",
    "pytest_configure",
    "pytest_terminal_summary",
    "pytest_unconfigure",
    "spell",
]

REPORTS = {
    "term": "",
    "xml": "spell-coverage.xml",
    "lcov": "spell-coverage.lcov",
    "html": "spell-coverage",
    "json": "spell-coverage.json",
}
"""Kinds of reports of coverage, and where each goes that is told no other place."""


CHOICES = {
    "--cast-isolation": ("inline", "process", "strict"),
    "--cast-policy": ("strict", "standard", "trusted"),
}
"""What options may be that are one of a few words."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("llmspell", "tests in the languages of spells")
    group.addoption(
        "--spell-tests", action="store_true", help="collect *_test and *.test files of every installed engine"
    )
    group.addoption("--cast-engine", metavar="NAME", help="the engine, where the ending leaves a choice")
    group.addoption("--cast-model", metavar="MODEL", default="demo", help="the model that spells ask, default demo")
    group.addoption("--cast-isolation", choices=CHOICES["--cast-isolation"], default="process", help="where they run")
    group.addoption(
        "--cast-policy",
        choices=CHOICES["--cast-policy"],
        default="standard",
        help="what is granted to begin with",
    )
    group.addoption("--cast-allow", action="append", default=[], metavar="KIND:SCOPE", help="grant a capability")
    group.addoption("--cast-deny", action="append", default=[], metavar="KIND:SCOPE", help="deny a capability")
    group.addoption(
        "--cast-permission-set",
        action="append",
        default=[],
        metavar="SET",
        help="grant a permission set of the manifest beside the tests; 'asked' is all it asks for",
    )
    group.addoption("--cast-record", action="store_true", help="keep what calls come to on a cassette for each test")
    group.addoption("--cast-replay", action="store_true", help="answer calls from the cassette of each test")
    group.addoption("--update-snapshots", action="store_true", help="approve what values look like now")
    group.addoption("--fixed-snapshots", action="store_true", help="refuse snapshots that are new, as for CI")
    group.addoption("--spell-cov", action="store_true", help="tell which lines of spells the tests run")
    group.addoption(
        "--spell-cov-report",
        action="append",
        type=_report,
        metavar="KIND[:PATH]",
        help="how that is told, default term: " + ", ".join(REPORTS),
    )
    group.addoption(
        "--spell-cov-fail-under", type=float, metavar="PERCENT", help="fail where a smaller part of the statements ran"
    )
    parser.addini("spell_tests", "collect tests in the languages of spells", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Note which lines of spells run, where that is asked for."""
    wanted, least = config.getoption("--spell-cov-report"), config.getoption("--spell-cov-fail-under")
    if config.getoption("--spell-cov") or wanted or least is not None:
        from llmspell_core.spelltests.covering import Covering

        config.pluginmanager.register(Covering(config, wanted or [_report("term")], least))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return the tests of a file, where it holds some in a language of spells."""
    config = parent.config
    if not (config.getoption("--spell-tests") or config.getini("spell_tests")):
        return None
    from llmspell_core.spelltests.files import is_test_file

    if not is_test_file(file_path):
        return None
    from llmspell_core.spelltests.items import SpellFile

    collected: pytest.Collector = SpellFile.from_parent(parent, path=file_path)
    return collected


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell what benchmarks took."""
    lines = [
        f"{report.nodeid}: {text}"
        for report in terminalreporter.getreports("passed")
        for name, text in report.user_properties
        if name == "benchmark"
    ]
    if lines:
        terminalreporter.section("benchmarks of spells")
        for line in lines:
            terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the runner."""
    casting = sys.modules.get("llmspell_core.spelltests.casting")
    if casting is not None:
        casting.let_go(config)


@pytest.fixture
def spell(request: pytest.FixtureRequest) -> Iterator[Callable[..., Result]]:
    """Cast a spell from a test in Python: ``spell("greet.lua", params={...}, cassette="greet.jsonl")``.

    The path is that of the spell, from the test's own folder; the other options are those of a cast. A cassette is
    played where its file is there, and recorded where it is not.
    """
    from llmspell_core.spelltests.fixture import casting_of

    with casting_of(request) as cast:
        yield cast


def _report(text: str) -> tuple[str, str]:
    """Return the kind of a report and where it goes."""
    kind, _, path = text.partition(":")
    if kind not in REPORTS or (path and kind == "term"):
        kinds = ", ".join(REPORTS)
        raise ArgumentTypeError(f"{text!r} is no report; write one of {kinds}, and where it goes as in xml:PATH")
    return kind, path or REPORTS[kind]
