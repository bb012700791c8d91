"""The table at the end of a run, and the JSON report."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmspell_conformance.items import known_failures, wanted
from llmspell_conformance.report import EngineReport, Report, RowReport, table

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Summary"]


class Summary:
    """Gathers the outcome of every row; registered when an engine is asked for."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._infos = {target.info.name: target.info for target in wanted(config)}
        # A file that is not right ends the run before it begins.
        known_failures(config)
        self._engines: dict[str, EngineReport] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest, in the process that was started, for each phase of each test."""
        about = dict(report.user_properties)
        if "engine" not in about or not (report.when == "call" or report.outcome != "passed"):
            return
        row = RowReport(str(about["case"]), str(about["row"]), _outcome(report), _reason(report))
        self._engine(str(about["engine"])).rows.append(row)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Called by pytest when all tests have ended; writes the report."""
        yield
        path = self._config.getoption("--llmspell-report")
        if path and not hasattr(self._config, "workerinput"):
            self._report().write(Path(path[-1]))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Called by pytest when its own summary is due; writes the table."""
        if self._engines:
            terminalreporter.section("llmspell conformance")
            terminalreporter.write(table([self._report()], partial=self._is_partial()))

    def _is_partial(self) -> bool:
        chosen = (self._config.getoption(how, None) for how in ("keyword", "markexpr", "deselect", "lf", "maxfail"))
        return any(chosen) or any("::" in name for name in self._config.args)

    def _engine(self, name: str) -> EngineReport:
        if name not in self._engines:
            info = self._infos[name]
            features = tuple(sorted(info.features))
            self._engines[name] = EngineReport(name, info.language, info.version, features)
        return self._engines[name]

    def _report(self) -> Report:
        for engine in self._engines.values():
            engine.rows.sort(key=lambda row: (row.case, row.row))
        return Report(list(self._engines.values()), _version())


def _outcome(report: pytest.TestReport) -> str:
    if report.outcome == "skipped":
        return "known" if hasattr(report, "wasxfail") else "skipped"
    return report.outcome


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return report.longreprtext if report.outcome == "failed" else ""


def _version() -> str:
    try:
        return version("llmspell-conformance")
    except PackageNotFoundError:
        return ""
