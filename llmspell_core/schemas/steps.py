"""How much work a check may take: counted, not timed, so that the same input ends the same everywhere."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STEPS", "TooCostly", "bounded", "spend"]

STEPS = 500_000
"""Steps that one check may take, each some microseconds."""


class TooCostly(Exception):
    """The check takes more steps than it may."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        super().__init__(f"it takes more than {steps} steps; use a simpler schema, or check the data in parts")


class _Purse:
    def __init__(self, steps: int) -> None:
        self.all = self.left = steps


_purse: ContextVar[_Purse | None] = ContextVar("llmspell_steps", default=None)


@contextmanager
def bounded(steps: int = STEPS) -> Iterator[None]:
    """Let what runs inside take so many steps, unless it runs inside such a bound already."""
    if _purse.get() is not None:
        yield
        return
    token = _purse.set(_Purse(steps))
    try:
        yield
    finally:
        _purse.reset(token)


def spend(steps: int = 1) -> None:
    """Count steps; :raises TooCostly: when there are none left."""
    purse = _purse.get()
    if purse is None:
        return
    purse.left -= steps
    if purse.left < 0:
        raise TooCostly(purse.all)
