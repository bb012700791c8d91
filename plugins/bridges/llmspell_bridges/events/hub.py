"""Where the events of one process come together: what its runs emit, and what others on the same bus do."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Protocol

from llmspell_core.errors import NotInstalled, UsageError

if TYPE_CHECKING:
    from llmspell_bridges.events.bus import Bus
    from llmspell_bridges.events.event import Event
    from llmspell_bridges.events.settings import Settings
    from llmspell_core.bridge import Shared

__all__ = ["Ear", "Hub", "hub_of", "let_go"]


class Ear(Protocol):
    """Who hears events."""

    def hear(self, event: Event) -> None:
        """Take an event; called in the loop that it was attached in."""
        ...

    def lost(self, count: int, /) -> object:
        """Hear that events came and went before they could be read; called as above."""
        ...


class Hub:
    """Hands events on to every ear in this process: those emitted here at once, those of others as they come."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.users = 0
        self._node = secrets.token_hex(8)
        self._ears: dict[Ear, asyncio.AbstractEventLoop] = {}
        self._opening: asyncio.Lock | None = None
        self._listens = False

    async def carry(self, event: Event) -> None:
        """Have other processes hear an event; :raises BusFailed: when nobody may have."""
        await self.bus.publish(event, self._node)

    def hand_on(self, event: Event) -> None:
        """Have every ear of this process hear an event."""
        here = asyncio.get_running_loop()
        for ear, loop in tuple(self._ears.items()):
            if loop is here:
                ear.hear(event)
            else:
                # A loop that has ended has ended its run.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(ear.hear, event)

    async def attach(self, ear: Ear) -> None:
        """Have an ear hear every event: those of this process at once, and those of others when this comes back."""
        self._ears[ear] = asyncio.get_running_loop()
        try:
            await self._listen()
        except BaseException:
            self.detach(ear)
            raise

    def detach(self, ear: Ear) -> None:
        """Have an ear hear nothing any more."""
        self._ears.pop(ear, None)

    def received(self, node: str, event: Event) -> None:
        """Hand on what another node has published; one's own was, when it was published."""
        if node != self._node:
            self.hand_on(event)

    def lost(self, count: int) -> None:
        """Tell every ear that events came and went."""
        for ear in tuple(self._ears):
            ear.lost(count)

    async def _listen(self) -> None:
        if self._listens:
            return
        self._opening = self._opening or asyncio.Lock()
        async with self._opening:
            if not self._listens:
                await self.bus.listen(self)
                self._listens = True


def hub_of(shared: Shared, settings: Settings) -> Hub:
    """Return the hub of all runs that share a runner, a loop and a bus; whoever takes it calls :func:`let_go`.

    :raises UsageError: when no driver has such URLs
    """
    hub: Hub = shared.get(_key(settings), lambda: Hub(_open(settings)))
    hub.users += 1
    return hub


async def let_go(shared: Shared, settings: Settings, hub: Hub) -> None:
    """Note that one user has gone; the last one closes the bus, but for the one in memory, whose past lasts."""
    hub.users -= 1
    if not hub.users and _scheme(settings) != "memory":
        shared.remove(_key(settings))
        await hub.bus.close()


def _key(settings: Settings) -> tuple[object, ...]:
    loop = None if _scheme(settings) == "memory" else asyncio.get_running_loop()
    return __name__, settings.url, settings.space, loop


def _scheme(settings: Settings) -> str:
    return settings.url.partition(":")[0].partition("+")[0]


def _open(settings: Settings) -> Bus:
    from llmspell_core.plugins import driver, entry_points

    scheme = _scheme(settings)
    try:
        opener = driver("buses", scheme)
    except NotInstalled:
        known = ", ".join(sorted(entry_points("buses")))
        raise UsageError(f"no event bus is known for {scheme!r}; there are {known}") from None
    bus: Bus = opener(settings.url, settings.space, settings.bounds)
    return bus
