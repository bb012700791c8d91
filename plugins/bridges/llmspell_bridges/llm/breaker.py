"""A circuit breaker: what has failed again and again is left alone for a while, then tried once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Breaker", "BreakerOptions", "State"]

State: TypeAlias = Literal["closed", "open", "half_open"]


@dataclass(frozen=True)
class BreakerOptions:
    """When a model is left alone, and for how long.

    :param threshold: failures in a row that open the breaker
    :param reset: seconds until a model is tried again
    """

    threshold: int = 5
    reset: float = 30.0


class Breaker:
    """Counts failures in a row.

    ``closed``: calls go through. ``open``: none does. ``half_open``: one does, and its outcome decides.
    """

    def __init__(self, options: BreakerOptions, clock: Callable[[], float] = time.monotonic) -> None:
        self._options, self._clock = options, clock
        self._opened: float | None = None
        self._trying = False
        self.failures = 0
        """In a row, up to now."""

    @property
    def state(self) -> State:
        """What it does with the next call."""
        if self._opened is None:
            return "closed"
        return "half_open" if self._clock() >= self._opened + self._options.reset else "open"

    def lets_through(self) -> bool:
        """Tell whether a call may be made now."""
        return self.state == "closed" or (self.state == "half_open" and not self._trying)

    def enter(self) -> None:
        """Note that a call begins."""
        self._trying = self._opened is not None

    def succeeded(self) -> None:
        """Note that a call has brought an answer."""
        self.failures, self._opened, self._trying = 0, None, False

    def failed(self) -> None:
        """Note that a call has failed."""
        self.failures += 1
        if self._trying or self.failures >= self._options.threshold:
            self._opened = self._clock()
        self._trying = False

    def left(self) -> None:
        """Note that a call has ended without telling anything of the model: it was cancelled, or could not be paid."""
        self._trying = False
