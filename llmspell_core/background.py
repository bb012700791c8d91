"""What goes on in a run beside its calls, and may call functions of the spell by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["Background"]


class Background:
    """The tasks of a run's subscriptions and of its work in the background: while one lives, waiting is no deadlock.

    :ivar ended: called when one of them has ended
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.ended: Callable[[], object] = lambda: None

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def add(self, task: asyncio.Task[Any]) -> None:
        """Count a task in until it has ended."""
        self._tasks.add(task)
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self.ended()
