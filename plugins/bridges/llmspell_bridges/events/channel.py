"""What one run says on a hub, and which of its listeners hear what comes from there."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from llmspell_bridges.events.event import Event, new_id
from llmspell_core.policy import Rule
from llmspell_core.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.events.hub import Hub
    from llmspell_bridges.events.records import EventRecord
    from llmspell_core.bridge import Context
    from llmspell_core.policy import Policy

__all__ = ["Channel", "Listener"]


class Listener(Protocol):
    """Who is given every event, and takes those that it is for."""

    def hear(self, event: Event) -> None:
        """Take an event, or pass it over; comes back at once."""
        ...

    async def settled(self) -> None:
        """Wait until what was heard is in the run's journal, and is being handled if nothing was before it."""
        ...


class Channel:
    """One run's part of a hub.

    :param open: returns the hub, when it is first needed
    :param lost: called with the number of events that came and went before they could be read
    :param private: only the run itself is on the hub, so its policy has no say
    """

    def __init__(
        self,
        context: Context,
        open: Callable[[], Hub],
        lost: Callable[[int], object] = lambda count: None,
        *,
        private: bool = False,
    ) -> None:
        self._context, self._open, self.lost, self.private = context, open, lost, private
        self._listeners: dict[Listener, None] = {}
        self._denials = () if private else _denials(context.policy)
        # What one run emits is carried in the order in which it was emitted.
        self._order = asyncio.Lock()

    @cached_property
    def hub(self) -> Hub:
        """The hub, opened now."""
        return self._open()

    @property
    def is_open(self) -> bool:
        """Whether anything was said or heard."""
        return "hub" in vars(self)

    async def emit(self, name: str, body: str, source: str, correlation: str) -> str:
        """Have everybody on the hub hear an event, and return its id.

        By then the run's own listeners have it written down, and those that had nothing to do have begun. When the run
        goes on after it was killed, only the listeners hear again what was under way; they know what they have heard.
        """
        once = self._context.once
        async with self._order:

            async def make() -> list[Any]:
                return [new_id(), self._context.clock(), source, correlation]

            event = Event(name, body, *await once("made", make))
            await once(f"emit {name}", lambda: self.hub.carry(event))
            self.hub.hand_on(event)
        await self.settled()
        return event.id

    async def settled(self) -> None:
        """Wait until all listeners have written down what they heard, and those that had nothing to do have begun."""
        for listener in tuple(self._listeners):
            await listener.settled()
        if self._listeners:
            await asyncio.sleep(0)  # what has begun is a task, which has its first turn now

    async def listen(self, listener: Listener) -> None:
        """Give a listener every event: those of this process at once, and those of others when this comes back."""
        self._listeners[listener] = None
        try:
            await self.hub.attach(self)
        except BaseException:
            self.forget(listener)
            raise

    def forget(self, listener: Listener) -> None:
        """Give a listener no more events."""
        self._listeners.pop(listener, None)
        if not self._listeners and self.is_open:
            self.hub.detach(self)

    def hear(self, event: Event) -> None:
        """Give an event to all listeners, if the run may know of it."""
        if self._may_know(event.name):
            self.tell(event)

    def tell(self, event: Event) -> None:
        """Give an event to all listeners."""
        for listener in tuple(self._listeners):
            listener.hear(event)

    async def history(self, pattern: str, limit: int, correlation: str | None = None) -> list[EventRecord]:
        """Return the last events that a pattern matches and the run may know of, the oldest first."""

        def wanted(event: Event) -> bool:
            return (
                correlation in (None, event.correlation) and matches(pattern, event.name) and self._may_know(event.name)
            )

        return [event.as_map() for event in await self.hub.bus.history(pattern, wanted, limit)]

    def _may_know(self, name: str) -> bool:
        """Tell whether no denial speaks of an event: a pattern may be granted and match what is denied."""
        return not self._denials or not any(rule.forbids(Rule.exactly(f"events:{name}")) for rule in self._denials)


def _denials(policy: Policy) -> tuple[Rule, ...]:
    own = tuple(rule for rule in policy.denials if rule.kind in ("*", "events"))
    return own + tuple(rule for bound in policy.bounds for rule in _denials(bound))
