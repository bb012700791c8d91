"""The audit log: one line of JSON for every decision that a policy makes."""

from __future__ import annotations

import json

from llmspell_core.facts import Fact, fact
from llmspell_core.ndjson import LineFile

__all__ = ["AuditFile", "AuditRecord"]


@fact
class AuditRecord(Fact):
    """One decision: who asked for what in which run, and which rule decided. It never holds a value, only names.

    :param caller: the run that cast this one, where one did
    """

    time: float
    run: str
    capability: str
    allowed: bool
    rule: str
    bridge: str
    method: str
    caller: str = ""


class AuditFile(LineFile):
    """Appends records to a file; one that cannot be written stops the call.

    :raises UsageError: when the file cannot be opened
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "the audit log")

    def __call__(self, record: AuditRecord) -> None:
        """Append a record, whole or not at all."""
        self.append(json.dumps({name: getattr(record, name) for name in AuditRecord.__match_args__}))
