"""Failures that are known: each with a reason, each of a case that exists, and none that passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_conformance import notation

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_conformance.cases import Case

__all__ = ["Known", "KnownFailuresError", "find", "load"]


class KnownFailuresError(Exception):
    """A file of known failures is not right."""


@dataclass(frozen=True, slots=True)
class Known:
    """One known failure; without a row it is of every row, without an engine of every engine."""

    case: str
    reason: str
    row: str | None = None
    engine: str | None = None

    def matches(self, case: str, row: str, engine: str) -> bool:
        """Tell whether this row of this case on this engine is meant."""
        return self.case == case and self.row in (None, row) and self.engine in (None, engine)


def load(path: Path, cases: list[Case]) -> list[Known]:
    """Return the known failures of a file.

    :raises KnownFailuresError: when one has no reason, or is of a case or row that does not exist
    """
    said = notation.load(path)
    if not isinstance(said, list):
        raise KnownFailuresError(f"{path}: write a list of {{case, row, engine, reason}}")
    rows = {case.name: {row.name for row in case.rows} for case in cases}
    return [_known(path, entry, rows) for entry in said]


def find(known: list[Known], case: str, row: str, engine: str) -> Known | None:
    """Return the known failure that is meant, or None."""
    return next((one for one in known if one.matches(case, row, engine)), None)


def _known(path: Path, entry: Any, rows: dict[str, set[str]]) -> Known:
    if not isinstance(entry, dict) or not entry.keys() <= {"case", "row", "engine", "reason"}:
        raise KnownFailuresError(f"{path}: {entry!r} is no map of case, row, engine, reason")
    case, row = entry.get("case"), entry.get("row")
    if not str(entry.get("reason") or "").strip():
        raise KnownFailuresError(f"{path}: {case!r} has no reason; say why it fails")
    if case not in rows:
        raise KnownFailuresError(f"{path}: there is no case {case!r}; correct its name or remove it")
    if row is not None and row not in rows[case]:
        raise KnownFailuresError(f"{path}: case {case!r} has no row {row!r}; correct its name or remove it")
    return Known(case, entry["reason"], row, entry.get("engine"))
