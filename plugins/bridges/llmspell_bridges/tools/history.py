"""What the tools of a run did: the last calls, and figures of each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

__all__ = ["Figures", "History"]

_MOST = 200


@dataclass
class Figures:
    """How often a tool was called, how often that failed, and how long it took, in seconds."""

    calls: int = 0
    failures: int = 0
    total_time: float = 0.0
    max_time: float = 0.0
    last_error: str | None = None

    def record(self) -> dict[str, Any]:
        """Return the figures by name, with the mean."""
        return vars(self) | {"mean_time": self.total_time / self.calls if self.calls else 0.0}


class History:
    """Keeps the last calls, of each value no more than a glimpse, and the figures of all."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=_MOST)
        self._figures: dict[str, Figures] = {}

    def add(self, name: str, args: Any, began: float, seconds: float, outcome: dict[str, Any]) -> None:
        """Note a call.

        :param outcome: ``{result}`` or ``{error}``
        """
        figures = self._figures.setdefault(name, Figures())
        figures.calls += 1
        figures.total_time += seconds
        figures.max_time = max(figures.max_time, seconds)
        if error := outcome.get("error"):
            figures.failures += 1
            figures.last_error = str(error["message"])[:500]
        call = {"tool": name, "args": args, "time": began, "duration": seconds, "ok": "error" not in outcome} | outcome
        self._calls.append({key: _glimpse(value, 4) for key, value in call.items()})

    def last(self, limit: int) -> list[dict[str, Any]]:
        """Return the last calls, the newest first."""
        return list(reversed(self._calls))[:limit]

    def figures(self, name: str) -> Figures:
        """Return the figures of a tool."""
        return self._figures.get(name, Figures())


def _glimpse(value: Any, depth: int) -> Any:
    if isinstance(value, (str, bytes)):
        return value[:500]
    if isinstance(value, dict):
        return {name[:100]: _glimpse(value[name], depth - 1) for name in list(value)[:20]} if depth else {}
    if isinstance(value, list):
        return [_glimpse(item, depth - 1) for item in value[:20]] if depth else []
    return value if value is None or isinstance(value, (bool, int, float)) else type(value).__name__
