"""Many machines: spells are submitted as jobs, workers anywhere cast them, and a job outlives its worker."""

from __future__ import annotations

from llmspell_core.queue.jobs import BadJob, Cap, Job
from llmspell_core.queue.ledger import Ledger, NoJob
from llmspell_core.queue.states import JobState, Schedule
from llmspell_core.queue.worker import DeclaredDead, Worker

__all__ = ["BadJob", "Cap", "DeclaredDead", "Job", "JobState", "Ledger", "NoJob", "Schedule", "Worker"]
