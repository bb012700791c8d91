"""How much CPU time a step has used, and the end of it when that is too much."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_js.sandbox import Enter, Realm

__all__ = ["Meter", "TimeSpent"]

_JOBS = 1000
"""How many jobs run between two looks at what has struck in the VM."""
_CHECKS = 64
"""How often a step that uses all its time looks at the clock between jobs, at least."""


class TimeSpent(Exception):
    """The step has used the time it may use."""


class Meter:
    """Measures one step. The VM bounds each entry into it; an endless chain of jobs is bounded here."""

    def __init__(self, realm: Realm, cpu_left: float | None, wall_left: float | None, limits: Limits) -> None:
        bounds = [("cpu", limits.cpu, cpu_left), ("wall", limits.wall, wall_left)]
        ends = [(left, name, allowed) for name, allowed, left in bounds if left is not None and allowed is not None]
        self._realm = realm
        left, name, allowed = min(ends, default=(math.inf, "cpu", math.inf))
        self._before = allowed - left if ends else 0.0
        self._allowed = max(left, 0.001)
        self._began = time.process_time()
        self.limit = (name, allowed)
        self._bound(self._allowed)

    def used(self) -> float:
        """Return the CPU seconds used so far; the VM counts those of the process, and so does this."""
        return time.process_time() - self._began

    def spent(self) -> float:
        """Return the seconds that count for the limit."""
        return round(self._before + self.used(), 3)

    def run_jobs(self, enter: Enter) -> bool:
        """Run jobs until none is left, and tell whether a limit has struck in the VM: then it leaves some.

        :raises TimeSpent: when that takes too long
        """
        job, clock, jobs = self._realm.execute_pending_job, time.perf_counter, 0
        while job():
            jobs += 1
            if clock() > self._next_check:
                self._check()
            if jobs % _JOBS == 0 and enter("struck"):
                return True
        if clock() > self._next_check:
            self._check()
        return False

    def _check(self) -> None:
        left = self._allowed - self.used()
        if left <= 0:
            raise TimeSpent
        self._bound(left)

    def _bound(self, left: float) -> None:
        if left == math.inf:
            self._next_check = math.inf
            return
        self._realm.set_time_limit(left)
        self._next_check = time.perf_counter() + left / _CHECKS
