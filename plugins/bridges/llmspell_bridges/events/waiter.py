"""Who waits for one event of each of several patterns."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.failures import NothingCame
from llmspell_core.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_bridges.events.channel import Channel
    from llmspell_bridges.events.event import Event
    from llmspell_bridges.events.records import EventRecord
    from llmspell_core.bridge import Context

__all__ = ["wait_for_each"]


async def wait_for_each(
    context: Context,
    channel: Channel,
    patterns: Mapping[str, str],
    timeout: float | None,  # noqa: ASYNC109 - the name that scripts know
) -> dict[str, EventRecord]:
    """Return the first event of each pattern that comes from now on, by what the spell calls the pattern.

    :param patterns: by what the spell calls each
    :raises NothingCame: naming those of which none came in time
    """
    waiter = _Waiter(patterns)
    found: dict[str, EventRecord] = {}
    await channel.listen(waiter)
    try:
        async with asyncio.timeout(timeout):
            while len(found) < len(patterns):
                # What has come is written down: nobody emits it again for a call that is made again.
                came = await context.once("came", waiter.next)
                found |= {called: came["event"] for called in came["called"] if called not in found}
    except TimeoutError:
        raise NothingCame([called for called in patterns if called not in found], timeout or 0.0) from None
    finally:
        channel.forget(waiter)
        waiter.leave()
    return {called: found[called] for called in patterns}


class _Waiter:
    """Keeps the first event of each pattern."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._left = dict(patterns)
        self._found: deque[tuple[list[str], Event]] = deque()
        self._came = asyncio.Event()
        self._idle = asyncio.Event()

    def hear(self, event: Event) -> None:
        called = [called for called, pattern in self._left.items() if matches(pattern, event.name)]
        for each in called:
            del self._left[each]
        if called:
            self._found.append((called, event))
            self._idle.clear()
            self._came.set()

    async def settled(self) -> None:
        if self._found:
            await self._idle.wait()

    async def next(self) -> dict[str, Any]:
        """Return what the spell calls the patterns of the next event, and the event."""
        while not self._found:
            self.leave()
            self._came.clear()
            await self._came.wait()
        called, event = self._found.popleft()
        return {"called": called, "event": event.as_map()}

    def leave(self) -> None:
        """Have nobody wait until what has come is written down."""
        self._idle.set()
