"""What a run's probe saw."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Witness"]


@dataclass(slots=True)
class Witness:
    """What a run's probe saw: its calls in order, the most at once, and how many counters were closed."""

    calls: list[list[object]] = field(default_factory=list)
    flying: int = 0
    peak: int = 0
    closed: int = 0

    def clear(self) -> None:
        """Forget everything, for the next run."""
        self.calls, self.flying, self.peak, self.closed = [], 0, 0, 0

    @contextmanager
    def seen(self, method: str, *args: object) -> Iterator[None]:
        """Note a call, and that it is in flight."""
        call = [method, *args]
        while call[-1] is None:
            call.pop()
        self.calls.append(call)
        self.flying += 1
        self.peak = max(self.peak, self.flying)
        try:
            yield
        finally:
            self.flying -= 1
