"""The casts of a runner that are under way, so that closing it ends them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from llmspell_core.errors import Cancelled, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmspell_core.drive import Drive

__all__ = ["UnderWay"]

_CLOSED = "the runner was closed before the spell had ended"


class UnderWay:
    """Knows which casts have begun and not ended, and what drives them."""

    def __init__(self) -> None:
        self._casts: set[object] = set()
        self._drives: set[Drive] = set()
        self._ended: Callable[[], object] | None = None
        self._refusing = self._stopped = False

    @contextmanager
    def cast(self) -> Iterator[None]:
        """Have a cast be under way; :raises UsageError: when none may begin any more."""
        if self._refusing:
            raise UsageError("this runner is closed; use another one")
        cast = object()
        self._casts.add(cast)
        try:
            yield
        finally:
            self._casts.discard(cast)
            if self._ended is not None:
                self._ended()

    @contextmanager
    def driven(self, drive: Drive) -> Iterator[None]:
        """Have a spell be driven, by a cast or by a cast of its spell."""
        self._drives.add(drive)
        try:
            yield
        finally:
            self._drives.discard(drive)

    def check(self) -> None:
        """Do nothing until all were stopped; :raises Cancelled: from then on."""
        if self._stopped:
            raise Cancelled(_CLOSED)

    def refuse(self) -> None:
        """Have no other cast begin."""
        self._refusing = True

    def stop(self) -> None:
        """Have no other begin, and those end that are under way."""
        self._refusing = self._stopped = True
        for drive in list(self._drives):
            drive.stop(Cancelled(_CLOSED))

    def anew(self) -> UnderWay:
        """Return what knows of none yet, and lets none begin where this one lets none."""
        other = UnderWay()
        other._refusing, other._stopped = self._refusing, self._stopped
        return other

    async def rest(self, seconds: float) -> None:
        """Wait until none is under way, for so long at the most."""
        import asyncio

        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        # A cast may end in another thread.
        self._ended = partial(loop.call_soon_threadsafe, ended.set)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._casts:
                    ended.clear()
                    await ended.wait()
        self._ended = None
