"""``llmspell submit``: put a spell into a queue, now or again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from llmspell_core.budget import Budget
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.journaling import chosen_journal, journal_option
from llmspell_core.cli.limits import chosen_limits
from llmspell_core.cli.outcome import json_line
from llmspell_core.cli.permissions import CastCommand, Permissions
from llmspell_core.cli.wishes import Wishes, output_option, serving_options, spell_options
from llmspell_core.errors import UsageError
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from llmspell_core.queue import Job, Ledger

__all__ = ["command"]


@click.command(cls=CastCommand)
@click.argument("spell", type=click.Path(allow_dash=True))
@click.option("--queue", default="default", show_default=True, metavar="NAME", help="Where it waits.")
@click.option(
    "--priority",
    type=click.IntRange(1, 2**31 - 1),
    default=100,
    show_default=True,
    metavar="N",
    help="The smallest number goes first.",
)
@click.option("--delay", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Begin no sooner than then.")
@click.option("--unique", metavar="TEXT", help="Add none while one with this text is not over; tell that one's id.")
@click.option(
    "--every", metavar="CRON", help="Submit it again and again: '*/5 * * * *', or six fields from seconds on."
)
@click.option("--name", metavar="NAME", help="What to call the schedule of --every.")
@click.option("--zone", default="UTC", show_default=True, metavar="ZONE", help="Whose clock --every is by.")
@click.option("--backfill", is_flag=True, help="Submit what --every has missed while there was no worker.")
@click.option("--wait", is_flag=True, help="Wait until it is over, and tell what came of it as `llmspell run` does.")
@spell_options
@serving_options
@output_option
@journal_option
@click.pass_context
def command(ctx: click.Context, /, spell: str, queue: str, **more: Any) -> Exit:
    """Put SPELL into a queue: a file, a folder with a spell.yaml, or - for standard input. It prints the job's id.

    Permissions, limits and budget travel with it. Files that it may read or write are those of the machine that casts
    it; keys of models come from there too.
    """
    from llmspell_core.queue import Ledger

    own = {
        name: more.pop(name) for name in ("priority", "delay", "unique", "every", "name", "zone", "backfill", "wait")
    }
    wishes = Wishes(**more)
    _check(ctx, own, wishes)
    job = _job(Spell.load(spell), queue, wishes)
    with Ledger(str(chosen_journal(wishes.journal))) as ledger:
        if own["every"] is not None:
            return _schedule(ledger, job, own, wishes)
        chosen = {name: own[name] for name in ("priority", "delay", "unique")}
        made = ledger.submit(job, id=wishes.run_id, **chosen)
        if own["wait"]:
            from llmspell_core.cli.jobs.result import tell

            return tell(ledger, ledger.wait(made), wishes.output)
    click.echo(made if wishes.output == "text" else json_line({"ok": True, "job": made, "queue": queue}))
    return Exit.DONE


def _check(ctx: click.Context, own: dict[str, Any], wishes: Wishes) -> None:
    """:raises UsageError: when options do not go together."""
    for name in ("audit", "trace", "otel", "metrics"):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name} is for the machine that casts; say it to `llmspell worker`")
    if own["every"] is None:
        if (
            own["name"] is not None
            or own["backfill"]
            or ctx.get_parameter_source("zone") is ParameterSource.COMMANDLINE
        ):
            raise UsageError("--name, --zone and --backfill are of a schedule; say --every too")
        return
    if own["name"] is None:
        raise UsageError("a schedule needs a name by which it can be dropped; say --name NAME")
    for name in ("wait", "unique", "delay"):
        if own[name]:
            raise UsageError(f"--{name} is of one job, and --every submits many; leave one of them out")
    if wishes.run_id is not None:
        raise UsageError("--run-id is of one job, and --every submits many; leave one of them out")


def _job(spell: Spell, queue: str, wishes: Wishes) -> Job:
    from llmspell_core.cli.given import parameters
    from llmspell_core.parameters import check
    from llmspell_core.queue import Job
    from llmspell_core.router import route

    may = Permissions(
        Policy.profile(wishes.policy), wishes.rules, wishes.permission_sets, spell.manifest, None, prompt=False
    )
    given = parameters(spell.manifest, wishes.param, wishes.params)
    return Job(
        spell,
        route(spell, wishes.engine),
        queue,
        check(spell.manifest, given) if spell.manifest.parameters is not None else given,
        may.policy,
        chosen_limits(wishes.limits, wishes.bounds, wishes.config, wishes.isolation or "process"),
        Budget(wishes.max_requests, wishes.max_tokens, wishes.max_cost),
        wishes.model,
        wishes.seed,
        wishes.isolation or ("strict" if wishes.policy == "strict" else None),
    )


def _schedule(ledger: Ledger, job: Job, own: dict[str, Any], wishes: Wishes) -> Exit:
    ledger.schedule(own["name"], own["every"], job, **{name: own[name] for name in ("priority", "zone", "backfill")})
    told = {"ok": True, "schedule": own["name"], "queue": job.queue}
    click.echo(own["name"] if wishes.output == "text" else json_line(told))
    return Exit.DONE
