"""``llmspell jobs result``: what came of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmspell_core.cli.exits import Exit, exit_of
from llmspell_core.cli.jobs.ledgers import opened
from llmspell_core.cli.journaling import journal_option
from llmspell_core.cli.outcome import Outcome
from llmspell_core.cli.reporters import reporter
from llmspell_core.cli.wishes import output_option
from llmspell_core.errors import Cancelled, LlmspellError, UsageError

if TYPE_CHECKING:
    from llmspell_core.queue import JobState, Ledger

__all__ = ["command", "tell"]


@click.command()
@click.argument("id")
@click.option("--wait", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Wait so long for its end.")
@output_option
@journal_option
def command(id: str, wait: float, output: str, journal: str | None) -> Exit:
    """Tell what came of the job ID as `llmspell run` tells of a run, with the same exit codes."""
    with opened(journal) as ledger:
        return tell(ledger, ledger.wait(id, wait), output)


def tell(ledger: Ledger, job: JobState, output: str) -> Exit:
    """Tell what came of a job; :raises UsageError: when it is not over."""
    if not job.is_over:
        raise UsageError(f"the job {job.id} is {job.status}, so nothing has come of it yet; say --wait SECONDS")
    run = ledger.journal.find(job.id)
    if run is None and job.status == "ok":
        raise UsageError(f"the job {job.id} has ended well, and its run was dropped from {ledger.url} with its result")
    told = reporter(output)
    if run is not None and run.output:
        told.output(run.output, "info")
    if run is not None and run.status in ("ok", "failed"):
        from llmspell_core.runs import result_of

        outcome = Outcome.of(result_of(run))
    else:
        usage = None if run is None or run.usage is None else run.usage.as_dict()
        outcome = Outcome(error=_error(job), run_id=job.id, engine=None if run is None else run.engine, usage=usage)
    told.end(outcome)
    return exit_of(outcome.error)


def _error(job: JobState) -> LlmspellError:
    """Return why a job is over whose spell has not ended."""
    if job.status == "failed" and job.error is not None:
        error = LlmspellError(job.error["message"])
        error.kind = job.error["kind"]
        return error
    if job.status == "parked":
        return Cancelled(f"parked after {job.tries} tries that came to no end; `llmspell jobs show {job.id}`")
    return Cancelled(f"the job is {job.status}; `llmspell jobs retry {job.id}` has it go on")
