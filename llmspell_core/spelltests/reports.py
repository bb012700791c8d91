"""What ran of spells, told by coverage.py."""

from __future__ import annotations

from bisect import bisect_left
from io import StringIO
from typing import TYPE_CHECKING

from coverage import Coverage, CoveragePlugin, FileReporter

from llmspell_core import plugins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llmspell_core.engine import Engine

__all__ = ["write"]

_EXCLUDED = "pragma: no cover"
"""What a line says that is not to count, with all of the statement that begins there."""


def write(
    ran: Mapping[str, Sequence[int]], engines: Mapping[str, str], wanted: Sequence[tuple[str, str]]
) -> tuple[str, float]:
    """Write reports; return what is shown of them, and the part of all statements that ran, in percent.

    :param ran: lines by the path of their file, one at the least
    :param engines: the engine that a file was run with
    :param wanted: kinds of reports, and where each goes
    """
    measured = Coverage(data_file=None, config_file=False, plugins=[lambda reg: reg.add_file_tracer(_Spells(engines))])
    data = measured.get_data()
    data.add_lines(ran)
    # The name that coverage.py gives a plugin that no module of its own has loaded.
    data.add_file_tracers(dict.fromkeys(ran, f"None.{_Spells.__name__}"))
    table, written = StringIO(), []
    total = measured.report(file=table, show_missing=True)
    for kind, path in wanted:
        if kind == "term":
            continue
        if kind == "html":
            measured.html_report(directory=path)
        else:
            getattr(measured, f"{kind}_report")(outfile=path)
        written.append(f"written to {path}\n")
    return "".join([table.getvalue()] * any(kind == "term" for kind, _ in wanted) + written), total


class _Spells(CoveragePlugin):
    """Reads files of spells; what runs in them is told by their engines."""

    def __init__(self, engines: Mapping[str, str]) -> None:
        self._engines = engines

    def file_reporter(self, filename: str) -> FileReporter:
        return _File(filename, plugins.engine_class(self._engines[filename]))


class _File(FileReporter):
    """One file of a spell."""

    def __init__(self, filename: str, engine: type[Engine]) -> None:
        super().__init__(filename)
        self._statements = engine.statements(self.source())

    def lines(self) -> set[int]:
        return self._statements.keys() - self.excluded_lines()

    def translate_lines(self, lines: Iterable[int]) -> set[int]:
        """Return the statements that ran: a line of a statement, or of what it holds, tells that it has begun."""
        ran = sorted(lines)
        return {first for first, last in self._statements.items() if _has_any(ran, first, last)}

    def excluded_lines(self) -> set[int]:
        texts = self.source().split("\n")
        left_out = [(first, last) for first, last in self._statements.items() if _EXCLUDED in texts[first - 1]]
        return {line for line in self._statements for first, last in left_out if first <= line <= last}


def _has_any(numbers: Sequence[int], first: int, last: int) -> bool:
    at = bisect_left(numbers, first)
    return at < len(numbers) and numbers[at] <= last
