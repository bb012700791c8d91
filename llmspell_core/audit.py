"""The audit log: one line of JSON for every decision that a policy makes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["AuditFile", "AuditRecord"]


@fact
class AuditRecord(Fact):
    """One decision: who asked for what in which run, and which rule decided. It never holds a value, only names."""

    time: float
    run: str
    capability: str
    allowed: bool
    rule: str
    bridge: str
    method: str


class AuditFile:
    """Appends records to a file that only its owner can read; a record that cannot be written stops the call.

    :raises UsageError: when the file cannot be opened
    """

    def __init__(self, path: str) -> None:
        try:
            self._file: int | None = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageError(f"cannot write the audit log {path!r}: {error.strerror}") from error

    def __call__(self, record: AuditRecord) -> None:
        """Append a record, whole or not at all."""
        if self._file is None:
            raise ValueError("the audit log is closed")
        line = json.dumps({name: getattr(record, name) for name in AuditRecord.__match_args__}) + "\n"
        os.write(self._file, line.encode())

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __enter__(self) -> AuditFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
