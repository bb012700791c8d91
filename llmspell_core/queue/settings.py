"""How DBOS, which keeps the queues, is told where its tables are, and that it is to be quiet about it."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import LlmspellError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from llmspell_core.database import Database

__all__ = [
    "APPLICATION",
    "CAST",
    "SCHEDULED",
    "VERSION",
    "CastFailed",
    "News",
    "check_place",
    "configuration",
    "engine_of",
    "table",
]

APPLICATION = "llmspell"
VERSION = "llmspell-queue-1"
"""Workers and jobs of one version find each other, whatever the version of llmspell."""
CAST, SCHEDULED = "llmspell.cast", "llmspell.scheduled"
"""What DBOS calls a job that was submitted, and one that a schedule submits."""
_TRACE, _ERROR, _ADVICE = "Traceback (most recent call last):", "\nsqlalchemy.exc.", "(Background on this error at:"
_SILENT = 30.0
"""Seconds for which the log does not say again what it has said."""


class CastFailed(Exception):
    """What DBOS is told of a cast that has failed: it keeps the message, the code and the data."""

    def __init__(self, error: LlmspellError, usage: dict[str, Any] | None = None) -> None:
        self.code = error.kind
        self.data = {"usage": usage}
        super().__init__(str(error))


def check_place(url: str) -> None:
    """:raises UsageError: when there can be no queue in a database, or the library is missing."""
    scheme, _, rest = url.partition("://")
    try:
        import dbos  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise UsageError("queues need a library: pip install 'llmspell-core[queue]'") from error
    if scheme == "sqlite":
        if not rest.removeprefix("/"):
            raise UsageError("a queue in memory would be seen by nobody else; write sqlite:///FILE")
    elif scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise UsageError(f"there are no queues in {scheme} databases; take sqlite:///FILE or postgresql://HOST/NAME")


def engine_of(database: Database) -> Engine:
    """Return what DBOS reaches its tables with: on a server, by the connections that the database has anyway."""
    engine: Any = getattr(database, "engine", None)
    return engine or _sqlite(database.url)


def configuration(database: Database, executor: str) -> Any:
    """Return the configuration of DBOS in a worker."""
    from dbos import DBOSPortableJSONSerializer

    logging.getLogger("dbos").addFilter(News())
    return {
        "name": APPLICATION,
        "application_version": VERSION,
        "executor_id": executor,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        "enable_otlp": False,
        "scheduler_polling_interval_sec": 2.0,
        # Nothing here sends messages to jobs, so nobody need listen for them on a connection of its own.
        "use_listen_notify": False,
        "system_database_engine": engine_of(database),
        # On a server its tables are made already, see :mod:`llmspell_core.queue.tables`.
        "run_migrations": database.is_local,
    }


def table(dialect: str, name: str = "workflow_status") -> str:
    """Return what a table of DBOS's is called in statements: that of jobs, or another."""
    return name if dialect == "sqlite" else f"dbos.{name}"


class News:
    """Tells what of DBOS's log is worth telling: not what the outcome of a job says, that it failed or was cancelled.

    What it says at one place it says once in a while: its threads look many times a second, and while the database is
    away each look fails.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._silent: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether something is to be logged."""
        from sqlalchemy.exc import DBAPIError

        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, CastFailed) or str(record.msg).startswith("Asyncio task cancelled"):
            return False
        place, now = (record.pathname, record.lineno), self._clock()
        if now < self._silent.get(place, now):
            return False
        self._silent[place] = now + _SILENT
        if isinstance(error, DBAPIError):
            # The message names the error, and where it came up in a library says nothing more.
            record.exc_info = record.exc_text = None
        record.msg, record.args = _in_a_line(record.getMessage()), ()
        return True


def _in_a_line(message: str) -> str:
    """Return what a message says of a database, without the traceback and the advice of libraries; others whole."""
    if _ADVICE not in message:
        return message
    what, _, trace = message.partition(_TRACE)
    return (what + trace.rpartition(_ERROR)[2]).partition("\n")[0]


def _sqlite(url: str) -> Engine:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url, pool_size=5, max_overflow=0, pool_timeout=60)

    @sqlalchemy.event.listens_for(engine, "connect")
    def begin(connection: Any, record: Any) -> None:
        # Writers queue up from the beginning of a transaction on, instead of failing in the middle of it.
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        if sqlite3.sqlite_version_info < (3, 42):
            connection.create_function("unixepoch", 1, _unixepoch)

    return engine


def _unixepoch(unit: str) -> float | None:
    """Return what SQLite does for ``unixepoch('subsec')`` since 3.42; DBOS asks for it on Python 3.12 and newer."""
    return time.time() if unit == "subsec" else None
