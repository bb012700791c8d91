"""Whether all is well: the health checks of the runs that go on."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.observability.measures import Check, Checked

__all__ = ["Health"]

_PATIENCE = 5.0
"""Seconds that all checks together may take."""


class Health:
    """Knows the checks there are, and asks them."""

    def __init__(self) -> None:
        self._asks: dict[tuple[str, str], Callable[[float], Checked]] = {}
        self._lock = Lock()

    def tell(self, check: Check) -> None:
        """Take a check, or let go of it."""
        with self._lock:
            if check.ask is None:
                self._asks.pop((check.run, check.name), None)
            else:
                self._asks[check.run, check.name] = check.ask

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Return whether all is well, and ``{status, checks}``; checks that do not answer in time are not well."""
        import time

        with self._lock:
            asks = list(self._asks.items())
        deadline = time.monotonic() + _PATIENCE
        checks = []
        for (run, name), ask in asks:
            found = ask(max(0.0, deadline - time.monotonic()))
            checks.append({"run": run, "name": name, "ok": found.ok, "detail": found.detail})
        ok = all(check["ok"] for check in checks)
        return ok, {"status": "ok" if ok else "failing", "checks": checks}
