"""Where in a run's journal its deadlines have struck."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_core.journal.past import Past

__all__ = ["Struck"]


class Struck:
    """What the journal has of one deadline.

    :param call: that it is set in
    :param key: what tells it from the others of the call
    :param keep: writes down that it strikes
    """

    def __init__(self, past: Past, call: int, key: str, keep: Callable[[], Awaitable[None]]) -> None:
        self.is_past = not past.live
        self._past, self._keep = past, keep
        self._found = past.found(call, key) if self.is_past else None

    async def has_struck(self) -> bool:
        """Wait until the run is where it had struck, and return true; false in the present, where it had not."""
        await self._past.beyond(None if self._found is None else self._found.number)
        return self._found is not None

    async def strikes(self) -> None:
        """Write down that it strikes, unless it had."""
        if self._found is None:
            await self._keep()
