"""The ledger that the commands on jobs open, and jobs in words that they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.cli.journaling import chosen_journal
from llmspell_core.cli.runs.telling import moment

if TYPE_CHECKING:
    from llmspell_core.queue import JobState, Ledger

__all__ = ["opened", "row"]


def opened(url: str | None) -> Ledger:
    """Return the ledger of the database that a command names."""
    from llmspell_core.queue import Ledger

    return Ledger(str(chosen_journal(url)))


def row(job: JobState) -> dict[str, Any]:
    """Return a job as a line of a list."""
    return {
        "id": job.id,
        "submitted": moment(job.created),
        "spell": job.spell or job.schedule or "",
        "queue": job.queue,
        "status": job.status,
        "tries": job.tries,
        "ended": None if job.ended is None else moment(job.ended),
    }
