"""How much CPU time a step has used, and the end of it when that is too much."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_js.sandbox import Realm

__all__ = ["Meter", "TimeSpent"]

_CHECKS = 64
"""How often a step that uses all its time looks at the clock between jobs, at least."""


class TimeSpent(Exception):
    """The step has used the time it may use."""


class Meter:
    """Measures one step. The VM bounds each entry into it; an endless chain of jobs is bounded here."""

    def __init__(self, realm: Realm, cpu_left: float | None, limits: Limits) -> None:
        bounds = [bound for bound in (cpu_left, limits.wall) if bound is not None]
        self._realm = realm
        self._before = 0.0 if cpu_left is None else (limits.cpu or 0.0) - cpu_left
        self._allowed = max(min(bounds), 0.001) if bounds else math.inf
        self._began = time.process_time()
        self.limit = ("wall", limits.wall) if cpu_left is None or self._allowed < cpu_left else ("cpu", limits.cpu)
        self._bound(self._allowed)

    def used(self) -> float:
        """Return the CPU seconds used so far; the VM counts those of the process, and so does this."""
        return time.process_time() - self._began

    def spent(self) -> float:
        """Return the seconds that count for the limit."""
        return round(self.used() + (self._before if self.limit[0] == "cpu" else 0.0), 3)

    def run_jobs(self) -> None:
        """Run jobs until none is left; :raises TimeSpent: when that takes too long."""
        job, clock = self._realm.execute_pending_job, time.perf_counter
        while job():
            if clock() > self._next_check:
                self._check()
        if clock() > self._next_check:
            self._check()

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
