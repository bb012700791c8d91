"""The suite as pytest sees it: one item per row and engine, and the property tests."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_conformance import known
from llmspell_conformance.cases import Case, CaseError, Row, load, load_all
from llmspell_conformance.targets import Target, targets
from llmspell_conformance.trial import Nonconforming, try_row
from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CaseFile", "RowItem", "collect", "known_failures", "wanted"]

_TARGETS = pytest.StashKey[list[Target]]()
_KNOWN = pytest.StashKey[list[known.Known]]()


def collect(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return the collector of a case file or of the property tests; None where pytest itself has one.

    :raises pytest.Collector.CollectError: when no engine is asked for
    """
    if not wanted(parent.config):
        raise pytest.Collector.CollectError("which engine is to be checked? say --engine NAME, as --engine lua,js")
    if file_path.name == "properties.py":
        if parent.session.isinitpath(file_path):
            return None
        return pytest.Module.from_parent(parent, path=file_path)
    return CaseFile.from_parent(parent, path=file_path)


def wanted(config: pytest.Config) -> list[Target]:
    """Return the engines that the command line asks for; :raises pytest.UsageError: when one cannot be had."""
    if _TARGETS not in config.stash:
        names, classes = config.getoption("--spell-engine"), config.getoption("--engine-class")
        try:
            config.stash[_TARGETS] = targets(names, classes, config.getoption("--spells"))
        except (LlmspellError, ImportError, AttributeError) as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_TARGETS]


def known_failures(config: pytest.Config) -> list[known.Known]:
    """Return the known failures that the command line names; :raises pytest.UsageError: when one is not right."""
    if _KNOWN not in config.stash:
        files = config.getoption("--known-failures")
        try:
            config.stash[_KNOWN] = [one for file in files for one in known.load(Path(file), load_all())]
        except (known.KnownFailuresError, OSError) as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_KNOWN]


class CaseFile(pytest.File):
    """One ``case.yaml``."""

    def collect(self) -> Iterator[RowItem]:
        """Return an item per engine and row."""
        case = load(self.path)
        for target in wanted(self.config):
            for row in case.rows:
                yield RowItem.from_parent(self, name=f"{target.info.name}: {row.name}", found=(case, row, target))


class RowItem(pytest.Item):
    """One row of a case on one engine."""

    def __init__(self, *, found: tuple[Case, Row, Target], **rest: Any) -> None:
        super().__init__(**rest)
        self.case, self.row, self.target = found
        info = self.target.info
        self.extra_keyword_matches.update({self.case.name, info.name, info.language, *self.case.rules})
        self.user_properties += [("engine", info.name), ("case", self.case.name), ("row", self.row.name)]
        self._mark()

    def runtest(self) -> None:
        """Try the row."""
        try_row(self.case, self.row, self.target)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what the engine did wrong, without the suite's own traceback."""
        error = excinfo.value
        if isinstance(error, Nonconforming | CaseError):
            cause = traceback.format_exception(error.__cause__) if error.__cause__ else []
            return "".join([f"{error}\n", *cause])
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the case is, and its title."""
        return self.path, 0, f"{self.target.info.name}: {self.case.title} [{self.row.name}]"

    def _mark(self) -> None:
        lacking = self.target.missing(self.case)
        if lacking and self.case.otherwise is None:
            self.add_marker(pytest.mark.skip(reason=f"{self.target.info.name} has no {', '.join(lacking)}"))
        found = known.find(known_failures(self.config), self.case.name, self.row.name, self.target.info.name)
        if found is not None:
            self.add_marker(pytest.mark.xfail(reason=found.reason, strict=True))
