"""Runs in words that the commands on them have in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from llmspell_core.journal.owners import is_alive

if TYPE_CHECKING:
    from llmspell_core.journal import Run

__all__ = ["cost", "moment", "state"]


def moment(seconds: float) -> str:
    """Return a time as the machine's own calendar has it."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")


def state(run: Run) -> str:
    """Return what became of a run: its status, ``killed`` where its process is no more."""
    if run.status == "running" and is_alive(run.owner) is False:
        return "killed"
    return run.status


def cost(run: Run) -> str:
    """Return what a run has cost, in dollars."""
    if run.usage is None:
        return ""
    return "unknown" if run.usage.cost is None else f"{run.usage.cost:.4f}"
