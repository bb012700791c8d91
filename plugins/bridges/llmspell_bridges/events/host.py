"""Events as the host's own code says and hears them: whoever embeds llmspell in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.backlog import Backlog, Room
from llmspell_bridges.events.event import Event, new_id, sealed
from llmspell_bridges.events.hub import Hub, hub_of, let_go
from llmspell_bridges.events.settings import Settings
from llmspell_core.errors import UsageError
from llmspell_core.subjects import fault, matches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from llmspell_bridges.events.records import EventRecord
    from llmspell_core.runner import Runner

__all__ = ["HostEvents", "Listening"]


class HostEvents:
    """Emits any event, those of the host too, and hears all. A context manager, ``async with``.

    :param runner: whose runs hear what is emitted, and are heard
    :param options: the settings of the bridge ``events``, as the runner has them
    """

    def __init__(self, runner: Runner, options: Mapping[str, Any] | None = None) -> None:
        self._shared, self._settings = runner.shared, Settings.of(options or {})
        self._hub: Hub

    async def __aenter__(self) -> HostEvents:
        self._hub = hub_of(self._shared, self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await let_go(self._shared, self._settings, self._hub)

    async def emit(self, name: str, data: Any = None, *, correlation: str = "") -> str:
        """Emit an event and return its id.

        :raises UsageError: when the name is none
        :raises BusFailed: when it may not have been carried
        """
        import time

        if problem := fault(name, pattern=False):
            raise UsageError(problem)
        body, made = sealed(data, self._settings.max_data), new_id()
        event = Event(name, body, made, time.time(), "host", correlation or made)
        await self._hub.carry(event)
        self._hub.hand_on(event)
        return made

    async def listen(self, pattern: str) -> Listening:
        """Return the events that a pattern matches and that come from now on; :raises UsageError: when it is none."""
        if problem := fault(pattern, pattern=True):
            raise UsageError(problem)
        listening = Listening(pattern, self._hub, Backlog(self._settings.queue, Room(self._settings.queue_bytes)))
        await self._hub.attach(listening)
        return listening


class Listening:
    """Events as they come, an asynchronous iterator; ``close()`` ends it. ``missed`` found no room."""

    def __init__(self, pattern: str, hub: Hub, backlog: Backlog) -> None:
        self._pattern, self._hub, self._backlog = pattern, hub, backlog
        self.missed = 0

    def hear(self, event: Event) -> None:
        """Take an event that the pattern matches."""
        if matches(self._pattern, event.name):
            self._backlog.put(event)

    def lost(self, count: int) -> None:
        """Count events that came and went before they could be read."""
        self.missed += count

    def __aiter__(self) -> Listening:
        return self

    async def __anext__(self) -> EventRecord:
        while True:
            self._backlog.keep(await self._backlog.next())
            come = self._backlog.take()
            self.missed += come.missed
            if come.event is not None:
                return come.event

    def close(self) -> None:
        """Hear nothing more."""
        self._hub.detach(self)
        self._backlog.clear()
