"""Pausing a run, and telling when it stands still: when all that goes on in it waits for the spell."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Control", "Waiting"]


class Waiting:
    """Something that waits for somebody."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended: Callable[[], None] | None = ended

    def over(self) -> None:
        """Note that what it waits for has come, though it has not had its turn yet."""
        ended, self._ended = self._ended, None
        if ended is not None:
            ended()


class Control:
    """What goes on in a run at the same time, and how much of it waits for somebody.

    ``stalled`` is set while all of it does.
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._gated: list[Waiting] = []
        self._alive, self._waiting = 1, 0
        self.stalled = asyncio.Event()

    @property
    def is_paused(self) -> bool:
        """True while no step begins."""
        return not self._open.is_set()

    def pause(self) -> None:
        """Let no step begin from now on."""
        self._open.clear()

    def resume(self) -> None:
        """Let steps begin again."""
        self._open.set()
        for each in self._gated:
            each.over()

    async def gate(self) -> None:
        """Wait while the run is paused."""
        while not self._open.is_set():
            with self.waiting() as waiting:
                self._gated.append(waiting)
                try:
                    await self._open.wait()
                finally:
                    self._gated.remove(waiting)

    @contextmanager
    def waiting(self) -> Iterator[Waiting]:
        """Have what runs inside count as waiting for somebody, until that is over or it ends."""
        waiting = Waiting(lambda: self._change(0, -1))
        self._change(0, 1)
        try:
            yield waiting
        finally:
            waiting.over()

    @contextmanager
    def split(self, parts: int) -> Iterator[None]:
        """Have so many parts go on at the same time, each of which calls :meth:`ended`."""
        self._change(parts - 1, 0)
        try:
            yield
        finally:
            self._change(1, 0)

    def ended(self) -> None:
        """Note that one of the parts has ended."""
        self._change(-1, 0)

    def _change(self, alive: int, waiting: int) -> None:
        self._alive += alive
        self._waiting += waiting
        if 0 < self._alive <= self._waiting:
            self.stalled.set()
        else:
            self.stalled.clear()
