"""What came of checking an engine: the JSON report, the table, and a run of the suite in a process of its own.

The report is ``{"suite": version, "engines": [...]}``; an engine has ``name language version features`` and ``rows``,
each ``{case, row, outcome, reason}`` with an outcome of ``passed failed skipped known``.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OUTCOMES", "EngineReport", "Report", "RowReport", "SuiteError", "run", "table"]

OUTCOMES = ("passed", "failed", "skipped", "known")


class SuiteError(Exception):
    """The suite could not be run."""


@dataclass(frozen=True, slots=True)
class RowReport:
    """How one row, or one property test, ended."""

    case: str
    row: str
    outcome: str
    reason: str = ""

    @property
    def group(self) -> str:
        """The case's group: ``values`` of ``values-list-kept``."""
        return self.case.partition("-")[0]


@dataclass(slots=True)
class EngineReport:
    """How every row ended on one engine."""

    name: str
    language: str = ""
    version: str = ""
    features: tuple[str, ...] = ()
    rows: list[RowReport] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when rows were tried and none failed."""
        return bool(self.rows) and self.count("failed") == 0

    def count(self, outcome: str) -> int:
        """Return how many rows ended so."""
        return sum(row.outcome == outcome for row in self.rows)


@dataclass(slots=True)
class Report:
    """How the suite ended on one engine or several.

    :param text: what pytest printed, where it ran in a process of its own
    """

    engines: list[EngineReport]
    suite: str = ""
    text: str = ""

    @property
    def ok(self) -> bool:
        """True when every engine conforms."""
        return bool(self.engines) and all(engine.ok for engine in self.engines)

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        data = {"suite": self.suite, "engines": [asdict(engine) for engine in self.engines]}
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Report:
        """Return the report of a JSON file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls([_engine(engine) for engine in data["engines"]], data["suite"])


def run(engine: str, spells: Path | None = None, extra: Iterable[str] = ()) -> Report:
    """Return the report of one engine, checked by pytest in a process of its own.

    :param spells: the folder of its spells, where they are not the suite's
    :param extra: more arguments for pytest
    :raises SuiteError: with pytest's output, when it got as far as no report
    """
    import subprocess
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        # The caller's own pytest settings are none of the suite's.
        command = [sys.executable, "-m", "pytest", "-q", "--pyargs", "llmspell_conformance", "-c", f"{folder}/none.ini"]
        command += ["--rootdir", folder, "-p", "no:cacheprovider", "--llmspell-report", str(path), "--engine", engine]
        command += [*(("--spells", str(spells.resolve())) if spells else ()), *extra]
        (Path(folder) / "none.ini").write_text("[pytest]\n", encoding="utf-8")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not path.is_file():
            raise SuiteError(f"the suite did not run for engine {engine!r}:\n{done.stdout}{done.stderr}")
        report = Report.read(path)
    report.text = done.stdout
    return report


def table(reports: Iterable[Report], *, partial: bool = False) -> str:
    """Return a table of the groups of cases by engine: passed of tried rows, and the failures under it.

    :param partial: whether only some of the rows were asked for, which tell of no engine that it conforms
    """
    engines = [engine for report in reports for engine in report.engines]
    groups = sorted({row.group for engine in engines for row in engine.rows})
    lines = [["", *(engine.name for engine in engines)]]
    lines += [[group, *(_cell(engine, group) for engine in engines)] for group in groups]
    lines.append(["all", *(_cell(engine, None) for engine in engines)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*drawn, *_verdicts(engines, "passes what was asked for" if partial else "conforms")]) + "\n"


def _cell(engine: EngineReport, group: str | None) -> str:
    counted = Counter(row.outcome for row in engine.rows if group in (None, row.group))
    tried = counted["passed"] + counted["failed"] + counted["known"]
    notes = [f"{counted[outcome]} {outcome}" for outcome in ("known", "skipped") if counted[outcome]]
    return f"{counted['passed']}/{tried}" + (f" ({', '.join(notes)})" if notes else "")


def _verdicts(engines: list[EngineReport], good: str) -> list[str]:
    lines = []
    for engine in engines:
        failed = engine.count("failed")
        verdict = good if engine.ok else f"does not conform: {failed} rows fail" if failed else "was not checked"
        lines.append(f"{engine.name} ({engine.language} {engine.version}) {verdict}")
    return lines


def _engine(data: dict[str, Any]) -> EngineReport:
    rows = [RowReport(**row) for row in data["rows"]]
    return EngineReport(**{**data, "features": tuple(data["features"]), "rows": rows})
