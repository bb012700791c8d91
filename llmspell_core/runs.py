"""A cast as a run of the journal: written when it begins, made again from it, and its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from llmspell_core import __version__, plugins
from llmspell_core.budget import Purse, Usage
from llmspell_core.casts import Cast, Isolated, Result
from llmspell_core.crossing import delivered_error, error_value
from llmspell_core.errors import SpellSyntaxError
from llmspell_core.eventloop import WantLoop, running
from llmspell_core.journal import Logbook, Past, Run
from llmspell_core.journal.owners import this_process
from llmspell_core.present import origin
from llmspell_core.protocol import Fail, Finish
from llmspell_core.wire import decode_value, encode_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_core.casts import ResumeOptions
    from llmspell_core.errors import LlmspellError
    from llmspell_core.journal import Journal

__all__ = ["begun", "end", "remembered", "result_of", "resumable", "resumed"]


async def begun(
    journal: Journal, cast: Cast, params: dict[str, Any], isolation: str, lower: Callable[[Any], Any]
) -> Logbook:
    """Return the logbook of a cast: of the run that it goes on with, or of a new one, added with what is written first.

    :param params: as script values
    :param lower: returns a value as a script value
    """
    if not journal.database.is_local and running() is None:
        # What is written to a server is awaited; a drive has a loop from its beginning on, or makes one of its own.
        await WantLoop()
    run, past = cast.past or (_run(cast, params, isolation), Past(cast.run_id))
    cast.log = log = Logbook(journal, run, past, origin, lower, is_new=cast.past is None)
    cast.purse.note = log.spent
    return log


async def end(cast: Cast, result: Result) -> None:
    """Write down how a cast has ended; :raises LlmspellError: when it could not be written."""
    assert cast.log is not None
    ending = cast.ending
    value = encode_value(ending.value) if isinstance(ending, Finish) else None
    cut_off = isinstance(ending, Fail) and ending.out_of_time
    own_fault = (ending is not None and not cut_off) or isinstance(result.error, SpellSyntaxError)
    status = "interrupted" if not own_fault else "ok" if result.error is None else "failed"
    await cast.log.end(status, value, result.output, _error_fields(result.error), result.usage, result.duration)


async def resumed(journal: Journal, id: str, options: ResumeOptions, *, take_over: bool) -> Cast:
    """Return the cast that goes on with a run that was interrupted.

    :param options: what is to be otherwise than it was; a policy, limits or a budget take the place of the run's
    :raises NoRun, RunBusy, RunEnded, BrokenJournal: when it cannot go on
    """
    run, entries = await journal.take(id, take_over=take_over)
    return await _going_on(journal, run, Past(id, entries), options)


async def remembered(journal: Journal, id: str, options: ResumeOptions) -> Cast:
    """Return the cast that a run was, with its past, for looking at; :raises NoRun: when there is none."""
    run, entries = journal.run(id), journal.entries(id)
    return await _going_on(journal, run, Past(id, entries), options)


async def resumable(journal: Journal, child: Cast) -> Result | None:
    """Return what came of a spell that a run casts, if it has ended already; else have the cast go on with its run."""
    run = await journal.work(lambda transaction: journal.read(transaction, child.run_id))
    if run is None:
        return None
    if run.status in ("ok", "failed"):
        return result_of(run)
    taken, entries = await journal.take(run.id, take_over=True)
    child.past = taken, Past(run.id, entries)
    child.purse.usage = await journal.spent(run.id)
    return None


def result_of(run: Run) -> Result:
    """Return what came of a run that has ended."""
    error = None
    if run.error is not None:
        value = decode_value(run.error["text"])
        error = delivered_error(value)
    usage, isolation = run.usage or Usage(), Isolated(run.isolation)
    return Result(run.value, run.output, usage, run.id, run.engine, run.duration, error, run.budget, isolation)


async def _going_on(journal: Journal, run: Run, past: Past, options: ResumeOptions) -> Cast:
    policy = options.get("policy") or run.policy
    for capability in past.granted:
        policy = policy.allow_exactly(capability)
    purse = Purse(options.get("budget") or run.budget, options.get("purse"))
    purse.usage = await journal.spent(run.id)
    return Cast(
        options.get("spell") or run.spell,
        run.engine,
        run.params,
        options.get("limits") or run.limits,
        purse,
        policy,
        options.get("model") or run.model,
        run.id,
        run.seed,
        options.get("on_output"),
        options.get("record"),
        past=(run, past),
    )


def _run(cast: Cast, params: dict[str, Any], isolation: str) -> Run:
    caller, now = cast.caller_id, time.time()
    engine = plugins.entry_points("engines").get(cast.engine)
    versions = {"llmspell": __version__}
    if engine is not None:
        versions[engine.distribution] = engine.version
    asked = (cast.run_id, caller, cast.spell, cast.engine, params, cast.seed, cast.model)
    allowed = (cast.policy, cast.limits, cast.purse.budget)
    return Run(*asked, *allowed, isolation, versions, "running", 1, this_process(), now, now)


def _error_fields(error: LlmspellError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    value = error_value(error, "the run")
    return {"kind": value.kind, "message": value.message, "text": encode_value(value)}
