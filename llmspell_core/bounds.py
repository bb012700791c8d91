"""What a run has used of those limits that the host counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    from llmspell_core.errors import LlmspellError
    from llmspell_core.limits import Limits

__all__ = ["Bounds"]


class Bounds:
    """Counts for one run; each method raises :class:`LimitExceeded` where a limit is passed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._deadline: float | None = None
        self._struck: LlmspellError | None = None
        self._printed = 0
        self.calls = 0
        """How many calls of bridges there were."""

    def begin(self) -> None:
        """Note that the run's time begins."""
        if self._limits.wall is not None:
            self._deadline = time.monotonic() + self._limits.wall

    @property
    def left(self) -> float | None:
        """Seconds that the run may still take; None where nothing bounds them."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def strike(self, error: LlmspellError) -> None:
        """Have the run end with an error, which no spell can catch, at its next :meth:`check`."""
        self._struck = error

    def check(self) -> None:
        """Do nothing while no limit is passed."""
        if self._struck is not None:
            raise self._struck
        if self._deadline is not None and time.monotonic() >= self._deadline:
            wall = self._limits.wall
            assert wall is not None
            raise LimitExceeded("wall", wall, used=round(time.monotonic() - self._deadline + wall, 3))

    def call(self, flying: int) -> None:
        """Count a call.

        :param flying: calls that are in flight already
        """
        self.calls += 1
        self.check()
        limits = self._limits
        if limits.calls is not None and self.calls > limits.calls:
            raise LimitExceeded("calls", limits.calls, used=self.calls)
        if limits.concurrent_calls is not None and flying >= limits.concurrent_calls:
            raise LimitExceeded("concurrent_calls", limits.concurrent_calls, used=flying + 1)

    def invocation(self, under_way: int) -> None:
        """Have one more function of the spell be called.

        :param under_way: calls of functions that have not ended
        """
        allowed = self._limits.concurrent_calls
        if allowed is not None and under_way >= allowed:
            # Raised in the bridge that calls, and again where no spell can catch it.
            self.strike(LimitExceeded("concurrent_calls", allowed))
            self.check()

    def printed(self, text: str) -> None:
        """Count what the spell prints."""
        self._printed += len(text) if text.isascii() else len(text.encode())
        if self._limits.output is not None and self._printed > self._limits.output:
            raise LimitExceeded("output", self._limits.output, used=self._printed)
