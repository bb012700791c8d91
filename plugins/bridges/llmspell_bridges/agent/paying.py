"""What a run of an agent may spend: a share of what the one that called it may, and so on up to the spell's run."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from llmspell_core.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.bridge import Context
    from llmspell_core.budget import Budget, Purse

__all__ = ["share"]

_DEEPEST = 8
_inside: ContextVar[tuple[str, int] | None] = ContextVar("llmspell_agent", default=None)
"""The run, and how deep its agents have called each other."""


@contextmanager
def share(context: Context, budget: Budget) -> Iterator[Purse]:
    """Have what an agent does paid from a share of its own, and return that.

    :raises CallError: when agents call agents too deep
    """
    around = _inside.get()
    # A spell that an agent's tool has cast is a run of its own.
    depth = around[1] if around and around[0] == context.run_id else 0
    if depth == _DEEPEST:
        raise CallError(f"agents call agents more than {_DEEPEST} deep; does one call itself by way of another?")
    token = _inside.set((context.run_id, depth + 1))
    try:
        with context.purse.share(budget) as purse:
            yield purse
    finally:
        _inside.reset(token)
