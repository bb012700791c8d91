"""What carries events between processes: the contract of its drivers.

A driver is an entry point of the group ``llmspell.buses``, named as the scheme of its URLs, that stands for something
called with a URL, a space and :class:`Bounds`, and returns a :class:`Bus`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from llmspell_core.errors import LlmspellError
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from llmspell_bridges.events.event import Event

__all__ = ["Bounds", "Bus", "BusFailed", "Receiver", "Wanted", "plain_url"]

Receive: TypeAlias = Callable[[str, "Event"], None]
"""Called, in the event loop, with the node that published an event and the event."""


class BusFailed(LlmspellError):
    """What carries events does not answer, or refuses."""

    kind = "bus"

    def __init__(self, url: str, problem: object) -> None:
        self.url = url
        super().__init__(f"the event bus {url}: {problem}; check that its server runs and may be used")


Wanted: TypeAlias = Callable[["Event"], bool]


@fact
class Bounds(Fact):
    """How much of the past is kept.

    :param events: how many of the last events
    :param bytes: how much they may take together
    """

    events: int = 10_000
    bytes: int = 16 * 2**20


class Receiver(Protocol):
    """Who is told of what comes over a bus, in the event loop."""

    def received(self, node: str, event: Event) -> None:
        """Take an event that a node has published."""
        ...

    def lost(self, count: int) -> None:
        """Hear that events came and went before they could be read."""
        ...


class Bus(ABC):
    """Carries events to everybody on it, in the order in which each node publishes them, and keeps the last ones.

    One belongs to one event loop.
    """

    @abstractmethod
    async def publish(self, event: Event, node: str) -> None:
        """Carry an event; when it comes back, the event is kept. One with an id that was carried is not carried again.

        :raises BusFailed: when it may not have been carried
        """

    @abstractmethod
    async def listen(self, receiver: Receiver) -> None:
        """Tell of every event that is published after this comes back, until :meth:`close`; called once.

        Those of one's own node may be left out.
        """

    @abstractmethod
    async def history(self, pattern: str, wanted: Wanted, limit: int) -> list[Event]:
        """Return the last events that are wanted, the oldest first.

        :param pattern: matches all that are wanted, and maybe more
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection. A second call does nothing."""


def plain_url(url: str) -> str:
    """Return a URL without its password, as errors show it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        where = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition(":")[0]
    return f"{parts.scheme}://{where}{parts.path}"
