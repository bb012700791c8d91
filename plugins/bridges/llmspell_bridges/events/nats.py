"""The bus of all who have a NATS server with JetStream in common: a stream, whose entries the server numbers."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.bus import BusFailed, plain_url
from llmspell_bridges.events.numbered import Line, NumberedBus, at_least, log
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from llmspell_bridges.events.bus import Bounds, Receiver
    from llmspell_bridges.events.event import Event

__all__ = ["NatsBus", "open_nats"]

_PATIENCE = 10.0
"""Seconds that the server has for an answer."""
_REMEMBERED = 600.0
"""Seconds for which the id of an event is known."""
_AGAIN = 1.0
_NODE = "Llmspell-Node"


def open_nats(url: str, space: str, bounds: Bounds) -> NatsBus:
    """Return the bus in a NATS server; it is connected when it is first used.

    :raises UsageError: when the library is missing
    """
    try:
        import nats  # noqa: F401 - told of here rather than when the first event is emitted
    except ImportError as error:
        raise UsageError("a bus in NATS needs a library: pip install 'llmspell-bridges[nats]'") from error
    return NatsBus(url, space, bounds)


class NatsBus(NumberedBus):
    """Publishes to a stream of JetStream and follows it by its numbers."""

    def __init__(self, url: str, space: str, bounds: Bounds) -> None:
        super().__init__(bounds)
        self._full_url, self.url = url, plain_url(url)
        self._stream, self._prefix = f"llmspell_events_{space}", f"llmspell.events.{space}."
        self._opening = asyncio.Lock()
        self._fault = ""
        self._client: Any = None
        self._jetstream: Any = None
        self._following: Any = None
        self._receiver: tuple[Receiver, Line] | None = None

    async def publish(self, event: Event, node: str) -> None:
        headers = {"Nats-Msg-Id": event.id, _NODE: node}
        stream = await self._connected()
        await self._ask(stream.publish(self._prefix + event.name, event.text(), _PATIENCE, self._stream, headers))

    async def listen(self, receiver: Receiver) -> None:
        self._receiver = receiver, Line(await self._last())
        await self._follow()

    async def close(self) -> None:
        client, self._client, self._receiver = self._client, None, None
        if client is not None:
            await client.close()

    async def _connected(self) -> Any:
        """Return the stream, made where it is missing; :raises BusFailed: when the server does not answer."""
        async with self._opening:
            if self._client is None:
                import nats

                # The library would look for a server that never was there without end.
                connecting = nats.connect(
                    self._full_url, error_cb=self._told, reconnected_cb=self._found_again, max_reconnect_attempts=-1
                )
                client = await self._ask(asyncio.wait_for(connecting, _PATIENCE))
                self._jetstream = client.jetstream(timeout=_PATIENCE)
                try:
                    await self._ask(self._make_stream())
                except BusFailed:
                    await client.close()
                    raise
                self._client = client
            return self._jetstream

    async def _make_stream(self) -> None:
        from nats.js.api import StreamConfig
        from nats.js.errors import NotFoundError

        try:
            await self._jetstream.stream_info(self._stream)
        except NotFoundError:
            kept = at_least(self._bounds)
            await self._jetstream.add_stream(
                StreamConfig(
                    name=self._stream,
                    subjects=[f"{self._prefix}>"],
                    max_msgs=kept.events,
                    max_bytes=kept.bytes,
                    duplicate_window=_REMEMBERED,
                )
            )

    async def _last(self) -> int:
        stream = await self._connected()
        return int((await self._ask(stream.stream_info(self._stream))).state.last_seq)

    async def _follow(self) -> None:
        """Be sent what comes after the last number that was read; also when the server was gone and came back."""
        from nats.errors import Error

        if self._receiver is None:
            return
        line = self._receiver[1]
        if await self._last() < line.last:
            line.last = 0  # the server has forgotten what it kept
        before, self._following = self._following, await self._subscribed(line.last + 1, self._sent)
        if before is not None:
            with contextlib.suppress(Error):  # the server may not know it any more
                await before.unsubscribe()

    async def _found_again(self) -> None:
        self._fault = ""
        while self._receiver is not None:
            try:
                await self._follow()
            except BusFailed as error:
                log.warning("events are followed again soon: %s", error)
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def _sent(self, message: Any) -> None:
        if self._receiver is None:
            return
        receiver, line = self._receiver
        number = message.metadata.sequence.stream
        if number <= line.last:
            return
        self._came(receiver, line, number, (message.headers or {}).get(_NODE, ""), message.data)

    async def _between(self, first: int, before: int) -> list[bytes]:
        reading = await self._subscribed(first)
        found: list[bytes] = []
        try:
            about = await self._ask(reading.consumer_info())
            left = about.num_pending + about.delivered.consumer_seq
            while left:
                message = await self._ask(reading.next_msg(_PATIENCE))
                if message.metadata.sequence.stream >= before:
                    break
                found.append(message.data)
                left = message.metadata.num_pending
        finally:
            await reading.unsubscribe()
        return found

    async def _subscribed(self, first: int, came: Any = None) -> Any:
        from nats.js.api import ConsumerConfig, DeliverPolicy

        return await self._ask(
            self._jetstream.subscribe(
                f"{self._prefix}>",
                stream=self._stream,
                cb=came,
                ordered_consumer=True,
                config=ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=first),
            )
        )

    async def _told(self, error: Exception) -> None:
        # The library tells of each of its attempts.
        if (fault := str(error) or type(error).__name__) != self._fault:
            self._fault = fault
            log.warning("the event bus %s: %s", self.url, fault)

    async def _ask(self, question: Awaitable[Any]) -> Any:
        from nats.errors import Error

        try:
            return await question
        except (Error, OSError, TimeoutError) as error:
            raise BusFailed(self.url, str(error) or self._fault or "does not answer") from error
