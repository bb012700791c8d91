"""How much a session has computed, and the stop when it is too much."""

from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING

from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    from llmspell_core.limits import Limits

__all__ = ["Meter"]

_MAX_STACK = 16 * 2**20
_FRAME = 800
"""Bytes that a frame takes."""
_STRIDE = 500
_ITEM = 8


class Meter:
    """Counts a session's instructions and its CPU time; what it raises is no :class:`Fault`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._instructions = 0
        self._cpu = 0.0
        self._started = 0.0
        self._left = self._stride()
        memory = limits.memory
        self._stack = min(limits.stack or _MAX_STACK, _MAX_STACK)
        self.deepest = self._stack // _FRAME
        self.largest = float("inf") if memory is None else memory // _ITEM

    def __enter__(self) -> Meter:
        self._started = thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._cpu += thread_time() - self._started

    def spend(self) -> None:
        """Count one instruction."""
        self._left -= 1
        if self._left < 0:
            self._check()

    def hold(self, size: int) -> None:
        """Refuse one text or list that alone would take all the memory."""
        if size > self.largest:
            assert self._limits.memory is not None
            raise LimitExceeded("memory", self._limits.memory)

    def overflow(self, file: str | None, line: int | None) -> LimitExceeded:
        """Return the error of calls that nest deeper than ``deepest``."""
        return LimitExceeded("stack", self._stack, file=file, line=line)

    def count(self, tasks: int) -> None:
        """Refuse a task beside so many that are alive; the main code is one of them, and does not count."""
        allowed = self._limits.tasks
        if allowed is not None and tasks > allowed:
            raise LimitExceeded("tasks", allowed, used=tasks)

    def _check(self) -> None:
        limits = self._limits
        self._instructions += self._counted - self._left
        if limits.instructions is not None and self._instructions > limits.instructions:
            raise LimitExceeded("instructions", limits.instructions)
        if limits.cpu is not None and self._cpu + thread_time() - self._started > limits.cpu:
            raise LimitExceeded("cpu", limits.cpu)
        self._left = self._stride()

    def _stride(self) -> int:
        """Return how many instructions may pass until the next look at the limits."""
        allowed = self._limits.instructions
        self._counted = _STRIDE if allowed is None else min(_STRIDE, allowed - self._instructions)
        return self._counted
