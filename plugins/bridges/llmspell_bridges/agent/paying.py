"""What a run of an agent may spend: a share of what the one that called it may, and so on up to the spell's run."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from llmspell_core.budget import Purse
from llmspell_core.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.bridge import Context
    from llmspell_core.budget import Budget

__all__ = ["share"]

_DEEPEST = 8
_inside: ContextVar[tuple[str, Purse, int] | None] = ContextVar("llmspell_agent", default=None)


@contextmanager
def share(context: Context, budget: Budget) -> Iterator[Purse]:
    """Return a purse that pays from that of the agent around it, if there is one, else from the run's.

    :raises CallError: when agents call agents too deep
    """
    around = _inside.get()
    # A spell that an agent's tool has cast is a run of its own.
    run, payer, depth = around if around and around[0] == context.run_id else (context.run_id, context.purse, 0)
    if depth == _DEEPEST:
        raise CallError(f"agents call agents more than {_DEEPEST} deep; does one call itself by way of another?")
    purse = Purse(budget, payer)
    token = _inside.set((run, purse, depth + 1))
    try:
        yield purse
    finally:
        _inside.reset(token)
