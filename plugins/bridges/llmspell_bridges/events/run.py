"""The events of one run: its channels, its subscriptions, what they may take, and what goes wrong with them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.backlog import Backlog, Room
from llmspell_bridges.events.bus import Bounds
from llmspell_bridges.events.channel import Channel
from llmspell_bridges.events.event import Event, new_id
from llmspell_bridges.events.hub import Hub, hub_of, let_go
from llmspell_bridges.events.memory import MemoryBus
from llmspell_bridges.events.pump import Pump
from llmspell_bridges.events.settings import Settings
from llmspell_core.errors import LimitExceeded
from llmspell_core.subjects import HOST, is_of_host
from llmspell_core.wire import encode_value

if TYPE_CHECKING:
    from llmspell_bridges.events.pump import Batch, Handler
    from llmspell_bridges.events.records import EventRecord
    from llmspell_core.bridge import Context
    from llmspell_core.errors import LlmspellError

__all__ = ["RunEvents", "run_events"]

_PRIVATE = Bounds(100, 2**20)
_MAX_PRIVATE = 100
_log = logging.getLogger("llmspell.events")


class RunEvents:
    """What the events of a run share. Closed at its end, with every subscription.

    :param context: as the bridge ``events`` has it
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settings = Settings.of(context.options)
        self.room = Room(self.settings.queue_bytes)
        spell = context.spell.manifest.name or context.spell.file
        self.source = f"{spell}/{context.run_id}"
        self.bus = Channel(context, lambda: hub_of(context.shared, self.settings), self._lost)
        """The channel to everybody."""
        self._private = 0
        self._pumps: dict[Pump, Channel] = {}

    def private(self) -> Channel:
        """Return a new channel that only this run is on; :raises LimitExceeded: when it has too many."""
        if self._private == _MAX_PRIVATE:
            raise LimitExceeded("emitters", _MAX_PRIVATE, f"a run makes at most {_MAX_PRIVATE} emitters; use one again")
        self._private += 1
        hub = Hub(MemoryBus(_PRIVATE))
        return Channel(self.context, lambda: hub, private=True)

    async def subscribe(self, channel: Channel, pattern: str, handle: Handler, batch: Batch | None = None) -> Pump:
        """Return a new subscription at work; :raises LimitExceeded: when the run has too many."""
        most = self.settings.max_subscriptions
        if sum(not pump.stopped.is_set() for pump in self._pumps) >= most:
            message = f"a run has at most {most} subscriptions at once; end some with off()"
            raise LimitExceeded("subscriptions", most, message)
        backlog = Backlog(self.settings.queue, self.room)
        pump = Pump(self.context, pattern, backlog, handle, self, batch=batch, gone=self._gone)
        self._pumps[pump] = channel
        try:
            await channel.listen(pump)
        except BaseException:
            pump.stop()
            raise
        return pump

    def pumps(self, channel: Channel, pattern: str | None = None) -> list[Pump]:
        """Return the subscriptions of a channel that are at work, to one pattern or to all."""
        found = [pump for pump, of in self._pumps.items() if of is channel and not pump.stopped.is_set()]
        return [pump for pump in found if pattern in (None, pump.pattern)]

    async def settled(self) -> None:
        """Wait until every callback that had nothing to do is called with what has come."""
        for channel in dict.fromkeys((self.bus, *self._pumps.values())):
            await channel.settled()

    async def missed(self, pattern: str, count: int, in_all: int) -> None:
        """Tell the run that events found no room."""
        _log.warning("run %s: %d events to %r were left out: too many wait", self.context.run_id, count, pattern)
        self._tell("overflow", pattern, {"pattern": pattern, "missed": count}, f"{in_all}")
        await self.bus.settled()

    async def failed(self, pattern: str, events: list[EventRecord], error: LlmspellError) -> None:
        """Tell the run that a callback has raised."""
        which = [{"name": event["name"], "id": event["id"]} for event in events]
        _log.warning("run %s: a callback for %r raised: %r", self.context.run_id, pattern, str(error))
        told: dict[str, Any] = {"kind": error.kind, "message": str(error), "file": None, "line": None}
        if error.value is not None:
            told |= {"file": error.value.file, "line": error.value.line}
        self._tell("failed", pattern, {"pattern": pattern, "events": which, "error": told}, which[0]["id"])
        await self.bus.settled()

    async def close(self) -> None:
        """End every subscription, and let go of the bus."""
        for pump in tuple(self._pumps):
            left = await pump.close()
            if left:
                _log.info("run %s ended with %d events to %r not handled", self.context.run_id, left, pump.pattern)
        if self.bus.is_open:
            await let_go(self.context.shared, self.settings, self.bus.hub)

    def _lost(self, count: int) -> None:
        _log.warning("run %s: %d events came and went before they could be read", self.context.run_id, count)
        self._tell("overflow", ">", {"pattern": ">", "missed": count}, new_id())

    def _gone(self, pump: Pump) -> None:
        self._pumps.pop(pump).forget(pump)

    def _tell(self, what: str, pattern: str, data: dict[str, Any], which: str) -> None:
        """Have this run alone hear an event of the host; what goes wrong with those that hear such is only logged.

        :param which: which one it is: when the run goes on after it was killed, who has heard it knows it by its id
        """
        if is_of_host(pattern):
            return
        made = f"{what}:{pattern}:{which}", self.context.clock(), "host", self.context.run_id
        self.bus.tell(Event(f"{HOST}.events.{what}", encode_value(data), *made))


def run_events(context: Context) -> RunEvents:
    """Return the events of a run.

    :param context: as the bridge ``events`` has it: ``context.of("events")``
    """
    return context.run.get(__name__, lambda: RunEvents(context))
