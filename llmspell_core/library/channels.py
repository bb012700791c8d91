"""The module ``channel``."""

from __future__ import annotations

from typing import Any, TypedDict

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Library, Thing


class Channel(Thing):
    """Values handed from task to task. It can be walked: ``for value in channel``, ``for await (... of channel)``."""

    iterable = True

    @expose
    async def send(self, value: Any) -> None:
        """Hand a value over; waits until somebody takes it or there is room. `closed` when it is closed."""

    @expose
    async def receive(self) -> Any:
        """Return the next value; nothing once the channel is closed and empty."""

    @expose
    def close(self) -> None:  # type: ignore[override]  # nothing of it is on the host
        """Let nothing more in; what is in it can still be received."""

    @expose
    def closed(self) -> bool:
        """Tell whether it is closed."""

    @expose
    def len(self) -> int:
        """Return how many values wait in it."""

    @expose
    async def next(self) -> list[Any] | None:
        """Return the next value."""


class Selected(TypedDict):
    """What a selection came to.

    :param index: the place of the case in the list
    :param channel: the channel that was ready
    :param value: what was received
    :param closed: whether it was closed and empty
    """

    index: int
    channel: Channel
    value: Any
    closed: bool


class ChannelLibrary(Library):
    """Values handed from task to task, waiting where nobody takes or gives them yet."""

    name = "channel"

    @expose
    def new(self, capacity: int = 0) -> Channel:
        """Return a channel.

        :param capacity: how many values it holds that nobody has taken yet
        """

    @expose
    async def select(self, cases: list[Any], *, timeout: float | None = None) -> Selected:  # noqa: ASYNC109 - the name in the language
        """Wait for the first channel that is ready; the first in the list where several are.

        :param cases: channels to receive from, and lists of a channel and a value to send
        :param timeout: seconds after which `timeout` is raised. In Lua a field of the same table
        """
