"""``llmspell worker``: cast the spells of a queue."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from llmspell_core.budget import Budget
from llmspell_core.cli.casting import bridge_options, chosen_isolation, observed, traced
from llmspell_core.cli.exits import Exit
from llmspell_core.cli.journaling import chosen_journal, journal_option
from llmspell_core.cli.permissions import CastCommand, Permissions
from llmspell_core.cli.wishes import Wishes, serving_options
from llmspell_core.errors import UsageError
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.spells import Manifest

if TYPE_CHECKING:
    from types import FrameType

    from llmspell_core.queue import Cap, Worker

__all__ = ["command"]


@click.command(cls=CastCommand)
@click.option("--queue", default="default", show_default=True, metavar="NAME", help="Whose jobs it takes.")
@click.option(
    "--at-once", type=click.IntRange(1), default=16, show_default=True, metavar="N", help="Jobs that it has at once."
)
@click.option(
    "--tries",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    metavar="N",
    help="Workers that a job may take down before it is parked.",
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long jobs at work may go on when it is to stop.",
)
@click.option("--queue-rate", metavar="N/TIME", help="Begin so many jobs of the queue, on all machines: 10/60s, none.")
@click.option("--queue-most", metavar="N", help="Run so many jobs of the queue at once, on all machines; none.")
@click.option(
    "--connections",
    type=click.IntRange(3),
    default=8,
    show_default=True,
    metavar="N",
    help="Connections to a database server that it holds at the most.",
)
@serving_options
@journal_option
@click.pass_context
def command(ctx: click.Context, /, queue: str, grace: float, **more: Any) -> Exit:
    """Cast the spells of a queue until Ctrl-C or SIGTERM, and take over from workers that have died.

    Jobs have what they were submitted with; what is said here of permissions, limits and budgets they have at the most.
    """
    from llmspell_core.queue import Ledger, Worker

    rate, most = more.pop("queue_rate"), more.pop("queue_most")
    size = {name: more.pop(name) for name in ("at_once", "tries", "connections")}
    wishes = Wishes(output="text", **more)
    url = str(chosen_journal(wishes.journal))
    with Ledger(url) as ledger:
        ledger.open_queue(queue)
        if rate is not None:
            from llmspell_core.rates import read_rate

            ledger.set_rate(queue, None if rate == "none" else read_rate(rate))
        if most is not None:
            ledger.set_most(queue, None if most == "none" else _count(most))
    gc.enable()  # the program starts without
    watched = observed(wishes.otel, wishes.metrics)
    with _permissions(wishes, _base(ctx, wishes)) as may, traced(wishes.trace) as trace, watched as observers:
        made = Worker(
            url,
            queue,
            **size,
            cap=_cap(wishes, may.policy),
            place=chosen_isolation(wishes.isolation, wishes.policy),
            runner={
                "trace": trace,
                "audit": may.audit,
                "model": wishes.model,
                "plugins": observers,
                "options": bridge_options(wishes.config),
            },
            told=lambda line: click.echo(line, err=True),
        )
        _run(made, grace)
    return Exit.DONE


_AT_ONCE = 5.0
"""Seconds that a worker has, when it is told twice to stop, to give its jobs back."""


def _run(worker: Worker, grace: float) -> None:
    """Run the worker; the first signal has it stop in good order, the next one at once."""
    import asyncio
    import threading

    async def story() -> None:
        loop, asked = asyncio.get_running_loop(), 0

        def stop(number: int, frame: FrameType | None) -> None:
            nonlocal asked
            asked += 1
            loop.call_soon_threadsafe(worker.stop, grace if asked == 1 else 0.0)
            if asked == 2:
                forced = threading.Timer(_AT_ONCE, _give_up)
                forced.daemon = True
                forced.start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        await worker.run()

    asyncio.run(story())


def _give_up() -> None:
    """End, whatever still waits: a database that does not answer can hold up a thread for minutes."""
    click.echo("something does not answer; others take over what is left here", err=True)
    os._exit(Exit.OWN_FAULT)


def _permissions(wishes: Wishes, base: Policy) -> Permissions:
    if wishes.permission_sets:
        raise UsageError("-P names a set of a spell's manifest, and a worker casts many; say it to `llmspell submit`")
    return Permissions(base, wishes.rules, (), Manifest(), wishes.audit, prompt=False)


def _base(ctx: click.Context, wishes: Wishes) -> Policy:
    """Return what jobs may have at the most to begin with: everything, unless something is said of what they may."""
    said = ctx.get_parameter_source("policy") is not ParameterSource.DEFAULT
    allowed = any(verb == "allow" for verb, _ in wishes.rules)
    return Policy.profile(wishes.policy) if said or allowed else Policy.trusted()


def _cap(wishes: Wishes, policy: Policy) -> Cap:
    from llmspell_core.measures import limits_of
    from llmspell_core.queue import Cap

    limits, profile = Limits.unbounded(), wishes.limits or wishes.config.limits
    if profile is not None:
        limits = limits_of(profile, limits)
    budget = Budget(wishes.max_requests, wishes.max_tokens, wishes.max_cost)
    return Cap(policy, Limits(**vars(limits) | wishes.bounds), budget)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--queue-most {text}: write a number from 1 upwards, or none")
    return int(text)
