"""The bridge ``events``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llmspell_bridges.events.failures import check_label, check_name, check_seconds
from llmspell_bridges.events.records import Recorded, RecordingRecord
from llmspell_bridges.events.run import run_events
from llmspell_bridges.events.voice import Voice
from llmspell_core.bridge import Bridge, Handle, expose
from llmspell_core.errors import BadArgument
from llmspell_core.subjects import fault

if TYPE_CHECKING:
    from llmspell_bridges.events.channel import Channel
    from llmspell_core.bridge import Context

__all__ = ["Emitter", "EventsBridge", "Namespace"]


class Namespace(Voice, Handle):
    """Events whose names begin alike: what is said and heard here leaves that beginning out."""

    def __init__(self, voice: Voice, name: str) -> None:
        self._home, self._channel = voice._home, voice._channel
        self._source, self._correlation = voice._source, voice._correlation
        self._prefix = f"{voice._prefix}{name}."

    @expose
    def namespace(self, name: str) -> Namespace:
        """Return the namespace within this one.

        :param name: what it is called there
        """
        return _namespace(self, name)


class Emitter(Voice, Handle):
    """Events of the run's own: what is said here is heard here, and nowhere else."""

    def __init__(self, voice: Voice, channel: Channel, name: str, correlation: str | None) -> None:
        self._home, self._channel = voice._home, channel
        self._source = f"{voice._source}/{name}" if name else voice._source
        self._correlation = correlation


class EventsBridge(Voice, Bridge):
    """Say what happened, and hear what happens: in this run, in other spells, in other processes on the same bus.

    Names are parts with dots between (``orders.eu.paid``); in patterns ``*`` stands for one part, and ``>`` at the end
    for one or more. What needs ``events:NAME`` or ``events:PATTERN`` is granted by ``standard``. Names that begin with
    ``llmspell.`` are the host's: spells hear them, and do not emit them.
    """

    name = "events"
    asks = ("events",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._home = run_events(context)
        self._channel = self._home.bus
        self._source = self._home.source

    @expose
    def namespace(self, name: str) -> Namespace:
        """Return the events whose names begin with a name.

        :param name: the name, one part or several
        """
        return _namespace(self, name)

    @expose
    def create_emitter(self, *, name: str = "", correlation: str | None = None) -> Emitter:
        """Return events of the run's own, which nobody else hears.

        :param name: what stands last in ``source`` of its events
        :param correlation: what its events belong to where nothing else is said
        """
        check_label("create_emitter", "name", name)
        check_label("create_emitter", "correlation", correlation)
        return Emitter(self, self._home.private(), name, correlation)

    @expose
    async def replay(self, recording: RecordingRecord | list[Recorded], *, speed: float | None = None) -> int:
        """Emit the events of a recording again, as events of now, and return how many.

        :param recording: what ``stop`` of a recording returned, or a list of events
        :param speed: how fast the pauses between them pass: 1 as they were, 2 in half the time; none when left out
        """
        events = recording if isinstance(recording, list) else recording["events"]
        check_seconds("replay", speed, "speed", None)
        for event in events:
            check_name("replay", event["name"])
        before: float | None = None
        for event in events:
            time = event.get("time")
            if speed and before is not None and time is not None:
                await asyncio.sleep(min(max(0.0, time - before) / speed, 1e9))
            before = time
            await self.emit(event["name"], event.get("data"), correlation=event.get("correlation"))
        return len(events)


def _namespace(voice: Voice, name: str) -> Namespace:
    if problem := fault(name, pattern=False):
        raise BadArgument("events.namespace", 1, "name", problem)
    return Namespace(voice, name)
