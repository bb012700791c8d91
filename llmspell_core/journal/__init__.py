"""The journal: what a run was fed, written down before it is fed, so that the run can go on where it was killed."""

from __future__ import annotations

from llmspell_core.journal.journal import Dropped, Fenced, Journal, NoRun, RunAtWork, RunBusy, RunEnded, usual_url
from llmspell_core.journal.logbook import Logbook
from llmspell_core.journal.past import BrokenJournal, Past
from llmspell_core.journal.records import Entry, Run

__all__ = [
    "BrokenJournal",
    "Dropped",
    "Entry",
    "Fenced",
    "Journal",
    "Logbook",
    "NoRun",
    "Past",
    "Run",
    "RunAtWork",
    "RunBusy",
    "RunEnded",
    "usual_url",
]
