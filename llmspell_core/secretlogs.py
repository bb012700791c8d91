"""Log records of the host's process, made without the secrets that its runs have read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.secrets import Secrets

__all__ = ["watch"]


class _Records:
    """Makes log records as the factory that was there before does, then redacts them.

    A factory, because a filter of a logger sees no record of the loggers below it, and one of a handler must be put on
    every handler there is and will be.
    """

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make
        self.secrets: WeakSet[Secrets] = WeakSet()

    def __call__(self, *args: Any, **named: Any) -> logging.LogRecord:
        record = self._make(*args, **named)
        for secrets in list(self.secrets):
            _redact(record, secrets)
        return record


def watch(secrets: Secrets) -> None:
    """Keep secrets out of all log records from now on, for as long as somebody holds them."""
    records = logging.getLogRecordFactory()
    if not isinstance(records, _Records):
        records = _Records(records)
        logging.setLogRecordFactory(records)
    records.secrets.add(secrets)


def _redact(record: logging.LogRecord, secrets: Secrets) -> None:
    try:
        said = record.getMessage()
    except (TypeError, ValueError, KeyError):  # logging shows both, and says that they do not fit
        said = f"{record.msg!s} {record.args!r}"
    redacted = secrets.redact(said)
    if redacted != said:
        record.msg, record.args = redacted, ()
    if record.exc_info:
        trace = logging.Formatter().formatException(record.exc_info)
        shown = secrets.redact(trace)
        if shown != trace:
            # A handler that formats the exception itself would show what was taken out.
            record.exc_info, record.exc_text = None, shown
