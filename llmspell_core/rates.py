"""How often a run may use what it was granted: rates as they are written, and counted."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from llmspell_core.policy import Policy, Rate

__all__ = ["Meter", "rated", "read_rate"]

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_WRITTEN = re.compile(r"(\d+)/(\d+(?:\.\d+)?)?(s|m|h)?")


class Meter:
    """Counts the uses of what a rate covers in the seconds before now."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return the seconds until it may be used again, 0 when it may be now."""
        times, rate = self._times, self.rate
        while times and times[0] <= now - rate.seconds:
            times.popleft()
        if len(times) < rate.calls:
            return 0.0
        return times[0] + rate.seconds - now if times else rate.seconds

    def count(self, now: float) -> None:
        """Note one use."""
        self._times.append(now)


def rated(policy: Policy, capability: str, rate: str) -> Policy:
    """Return the policy with a rate as it is written: ``10/60s``, ``10/m``, ``100/h``.

    :raises UsageError: when it is none
    """
    count, seconds = read_rate(rate)
    return policy.rate(capability, count, per=seconds)


def read_rate(rate: str) -> tuple[int, float]:
    """Return the count and the seconds of a rate as it is written; :raises UsageError: when it is none."""
    found = _WRITTEN.fullmatch(rate.strip())
    if found is None or not (found[2] or found[3]):
        raise UsageError(f"{rate!r} is no rate; write a count and a time, as 10/60s, 10/m or 100/h")
    return int(found[1]), float(found[2] or 1) * _SECONDS[found[3] or ""]
