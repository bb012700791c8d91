"""The functions of a spell that the host calls: which calls of them have not ended, and where each was made."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from llmspell_core.present import enter, origin

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

__all__ = ["Invocations"]


class Invocations:
    """Calls of functions that have not ended, by their numbers."""

    def __init__(self) -> None:
        self.last = 0
        """The number of the newest call; the next one has the next."""
        self.origins: dict[int, int] = {}
        """What each call belongs to (:func:`llmspell_core.present.origin`)."""
        self._futures: dict[int, asyncio.Future[Any]] = {}
        self._contexts: dict[int, Context] = {}

    def __len__(self) -> int:
        return len(self._futures)

    def __contains__(self, number: int) -> bool:
        return number in self._futures

    @contextmanager
    def under_way(self, number: int, loop: asyncio.AbstractEventLoop) -> Iterator[asyncio.Future[Any]]:
        """Give what the call comes to, while somebody awaits it."""
        future = self._futures[number] = loop.create_future()
        self.origins[number], self._contexts[number] = origin(), copy_context()
        try:
            yield future
        finally:
            del self._futures[number], self.origins[number], self._contexts[number]

    def awaited(self, number: int) -> asyncio.Future[Any] | None:
        """Return what a call comes to; None when nobody awaits it any more."""
        future = self._futures.get(number)
        return None if future is None or future.done() else future

    def context(self, number: int, call: int) -> Context | None:
        """Return what a call of a bridge runs in that the function makes: where the function was called."""
        around = self._contexts.get(number)
        if around is None:
            return None
        made = around.copy()
        made.run(enter, call)
        return made

    def cancel(self) -> None:
        """Await none of them any more."""
        for future in self._futures.values():
            future.cancel()
