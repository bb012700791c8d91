"""What can be said and heard, the same for everybody's events, for those of a namespace and for those of an emitter."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.event import correlated, sealed
from llmspell_bridges.events.failures import check_label, check_name, check_pattern, check_seconds
from llmspell_bridges.events.handles import Recording, Subscription
from llmspell_bridges.events.records import BatchBounds, EventRecord
from llmspell_bridges.events.waiter import wait_for_each
from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_bridges.events.channel import Channel
    from llmspell_bridges.events.pump import Pump
    from llmspell_bridges.events.run import RunEvents

__all__ = ["Voice"]


class Voice:
    """Emits events and hears them.

    Names are parts with dots between (``orders.eu.paid``); in patterns ``*`` stands for one part, and ``>`` at the end
    for one or more. Needs ``events:NAME`` or ``events:PATTERN``, but for an emitter.
    """

    _home: RunEvents
    _channel: Channel
    _prefix = ""
    _correlation: str | None = None
    _source: str

    @expose
    async def emit(self, name: str, data: Any = None, *, correlation: str | None = None) -> str:
        """Emit an event and return its id, when it is carried; nobody's callbacks are waited for.

        :param name: what happened
        :param data: what there is to say of it, without functions and handles
        :param correlation: what it belongs to; when left out, as the event that a callback handles, else the run
        """
        full = self._prefix + name
        check_name("emit", full)
        check_label("emit", "correlation", correlation)
        body = sealed(data, self._home.settings.max_data)
        self._require(full, "emit")
        belongs = correlation or self._correlation or correlated.get() or self._home.context.run_id
        return await self._channel.emit(full, body, self._source, belongs)

    @expose
    async def on(self, pattern: str, f: Function) -> Subscription:
        """Call a function with each event that comes, one after the other, until it is ended or the run ends.

        The spell does not wait for it: it ends when its own code has, and the callbacks that run.

        :param pattern: which events
        :param f: called with the event
        """

        async def handle(pump: Pump, events: list[EventRecord]) -> None:
            await pump.call(f, events[0])

        return Subscription(await self._home.subscribe(self._channel, await self._heard("on", pattern), handle))

    @expose
    async def once(self, pattern: str, f: Function) -> Subscription:
        """Call a function with the next event that comes, and no other.

        :param pattern: which events
        :param f: called with the event
        """

        async def handle(pump: Pump, events: list[EventRecord]) -> None:
            pump.stop()
            await pump.call(f, events[0])

        return Subscription(await self._home.subscribe(self._channel, await self._heard("once", pattern), handle))

    @expose
    async def filter(self, pattern: str, predicate: Function, f: Function) -> Subscription:
        """Call a function with each event that another function wants.

        :param pattern: which events
        :param predicate: called with the event; unless it returns nil or false, the event is wanted
        :param f: called with the event
        """

        async def handle(pump: Pump, events: list[EventRecord]) -> None:
            if await pump.call(predicate, events[0]):
                await pump.call(f, events[0])

        return Subscription(await self._home.subscribe(self._channel, await self._heard("filter", pattern), handle))

    @expose
    async def batch(self, pattern: str, bounds: BatchBounds, f: Function) -> Subscription:
        """Call a function with a list of events, when there are enough or the first has waited long enough.

        :param pattern: which events
        :param bounds: what is enough
        :param f: called with the events
        """
        most = self._home.settings.queue
        size, within = bounds.get("size", most), bounds.get("within")
        check_seconds("batch", within, "within", None)
        if not bounds or not 1 <= size <= most:
            problem = f"needs a size from 1 to {most}, or within, a number of seconds"
            raise BadArgument("events.batch", 2, "bounds", problem)

        async def handle(pump: Pump, events: list[EventRecord]) -> None:
            await pump.call(f, events)

        full = await self._heard("batch", pattern)
        return Subscription(await self._home.subscribe(self._channel, full, handle, (size, within)))

    @expose(redo=True)
    def off(self, what: str | Subscription) -> int:
        """End a subscription, or all to one pattern, and return how many were ended.

        :param what: the subscription, or the pattern
        """
        if isinstance(what, Subscription):
            pumps = [] if what.pump.stopped.is_set() else [what.pump]
        else:
            check_pattern("off", self._prefix + what, "what")
            pumps = self._home.pumps(self._channel, self._prefix + what)
        for pump in pumps:
            pump.stop()
        return len(pumps)

    @expose
    async def wait_for(self, pattern: str, timeout: float | None = None) -> EventRecord:  # noqa: ASYNC109 - the name that scripts know
        """Wait for the next event, and return it.

        :param pattern: which event
        :param timeout: how many seconds to wait, without end when left out
        """
        check_seconds("wait_for", timeout, "timeout", 2)
        full = await self._heard("wait_for", pattern)
        found = await wait_for_each(self._home.context, self._channel, {pattern: full}, timeout)
        await self._home.settled()
        return found[pattern]

    @expose
    async def aggregate(self, names: list[str], timeout: float | None = None) -> dict[str, EventRecord]:  # noqa: ASYNC109 - the name that scripts know
        """Wait for one event of each name, and return them by name.

        :param names: the names, or patterns
        :param timeout: how many seconds to wait for all of them, without end when left out
        """
        check_seconds("aggregate", timeout, "timeout", 2)
        if not names or len(names) > self._home.settings.queue:
            problem = f"must be 1 to {self._home.settings.queue} names"
            raise BadArgument("events.aggregate", 1, "names", problem)
        full = {name: await self._heard("aggregate", name, "names") for name in names}
        found = await wait_for_each(self._home.context, self._channel, full, timeout)
        await self._home.settled()
        return found

    @expose
    async def history(
        self, *, pattern: str = ">", limit: int = 100, correlation: str | None = None
    ) -> list[EventRecord]:
        """Return the last events, the oldest first.

        :param pattern: which events
        :param limit: how many at the most
        :param correlation: only those that belong to it
        """
        if not 1 <= limit <= 10_000:
            raise BadArgument("events.history", None, "limit", f"must be from 1 to 10000, not {limit}")
        full = await self._heard("history", pattern, position=None)
        return await self._channel.history(full, limit, correlation)

    @expose
    async def record(self, *, pattern: str = ">") -> Recording:
        """Record the events that come from now on.

        :param pattern: which events
        """
        home = self._home
        recording = Recording(home.context, home.room, home.settings.history)
        full = await self._heard("record", pattern, position=None)
        recording.pump = await home.subscribe(self._channel, full, recording.keep)
        return recording

    @expose
    async def drain(self, *, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the name that scripts know
        """Wait until the callbacks have handled all that has come by now; return false when they have not in time.

        A callback that waits for it waits for itself.

        :param timeout: how many seconds to wait, without end when left out
        """
        check_seconds("drain", timeout, "timeout", None)
        try:
            async with asyncio.timeout(timeout):
                # What one handles may give another something to do.
                while busy := [pump for pump in self._home.pumps(self._channel) if not pump.is_idle]:
                    await busy[0].idle()
        except TimeoutError:
            return False
        return True

    async def _heard(self, method: str, pattern: str, parameter: str = "pattern", position: int | None = 1) -> str:
        """Return a whole pattern that the run may hear."""
        full = self._prefix + pattern
        check_pattern(method, full, parameter, position)

        async def ask() -> None:
            self._require(full, method)

        # A call that is made again was allowed before; a person is not asked for it once more.
        await self._home.context.once("allowed", ask)
        return full

    def _require(self, scope: str, method: str) -> None:
        if not self._channel.private:
            self._home.context.require(f"events:{scope}", method)
