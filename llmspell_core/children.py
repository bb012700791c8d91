"""Spells that a run casts: each with no more than the run itself has left."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_core.budget import Budget, Purse
from llmspell_core.casts import Cast, CastOptions, prepare
from llmspell_core.errors import LimitExceeded
from llmspell_core.policy import Policy
from llmspell_core.present import in_call, origin

if TYPE_CHECKING:
    from llmspell_core.guard import Guard
    from llmspell_core.limits import Limits
    from llmspell_core.spells import Spell

__all__ = ["DEEPEST", "prepare_child"]

DEEPEST = 8
"""How many runs may stand above one another."""


def prepare_child(caller: Cast, guard: Guard, spell: Spell | str, options: CastOptions) -> Cast:
    """Return the cast of a spell that a run casts.

    :param caller: the cast of the run
    :param guard: decides for the run, and so for its child
    :param options: as for any cast; what they leave out is as the run has it, and what they grant beyond that is void
    :raises UsageError: when the cast cannot begin
    :raises LimitExceeded: when too many runs stand above it
    """
    if caller.depth >= DEEPEST:
        message = f"spells that cast spells may be {DEEPEST} deep; do the work in one of those there are"
        raise LimitExceeded("depth", DEEPEST, message)
    child = prepare(spell, options, limits=caller.limits, budget=Budget(), policy=Policy.trusted(), model=caller.model)
    child.purse = Purse(child.purse.budget, caller.purse.paying())
    within = origin()
    caller.children[within] = number = caller.children.get(within, 0) + 1
    # A run that goes on after a crash casts again what was under way, under the same name.
    name = f"{within}.{number}" if within >= 0 else f"{in_call.get()}-{-within:x}.{number}"
    if options.get("run_id") is None:
        child.run_id = f"{caller.run_id}.{name}"
    if options.get("seed") is None:
        child.seed = _seed(caller.seed, name)
    child.cassette = child.cassette or caller.cassette
    child.limits = child.limits.lowered_by(_left(caller))
    child.caller, child.caller_id, child.depth = guard, caller.run_id, caller.depth + 1
    return child


def _left(caller: Cast) -> Limits:
    """Return the limits of a run, with the time that it has still."""
    limits = caller.limits
    if limits.wall is None:
        return limits
    return replace(limits, wall=max(0.0, limits.wall - (time.monotonic() - caller.begun)))


def _seed(seed: int, name: str) -> int:
    """Return a seed that follows from the run's, so that a run that is repeated repeats its children."""
    from hashlib import sha256

    return int.from_bytes(sha256(f"{seed}:{name}".encode()).digest()[:7], "big") >> 3
