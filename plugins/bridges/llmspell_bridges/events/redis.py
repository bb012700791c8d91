"""The bus of all who have a Redis in common: a stream, whose entries are numbered without a gap."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.bus import BusFailed, plain_url
from llmspell_bridges.events.numbered import Line, NumberedBus, at_least, log
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from llmspell_bridges.events.bus import Bounds, Receiver
    from llmspell_bridges.events.event import Event

__all__ = ["RedisBus", "open_redis"]

_PUBLISH = """
local stream, about, known = KEYS[1], KEYS[2], KEYS[3]
local node, body, size, events, bytes, memory = unpack(ARGV)
if not redis.call("SET", known, 1, "NX", "EX", memory) then return 0 end
local number = redis.call("HINCRBY", about, "last", 1)
redis.call("XADD", stream, number .. "-1", "node", node, "size", size, "body", body)
local used = redis.call("HINCRBY", about, "bytes", size)
while redis.call("XLEN", stream) > tonumber(events) or used > tonumber(bytes) do
  local oldest = redis.call("XRANGE", stream, "-", "+", "COUNT", 1)[1]
  if not oldest then break end
  redis.call("XDEL", stream, oldest[1])
  used = redis.call("HINCRBY", about, "bytes", -tonumber(oldest[2][4]))
end
return number
"""
_REMEMBERED = 24 * 3600
"""Seconds for which the id of an event is known."""
_PAGE = 500
_PATIENCE = 5
_AGAIN = 1.0


def open_redis(url: str, space: str, bounds: Bounds) -> RedisBus:
    """Return the bus in a Redis; it is asked when it is first used.

    :raises UsageError: when the library is missing, or the URL is none
    """
    try:
        from redis.asyncio import Redis
    except ImportError as error:
        raise UsageError("a bus in Redis needs a library: pip install 'llmspell-bridges[redis]'") from error
    try:
        # What blocks until there is something has no answer for so long.
        client = Redis.from_url(url, socket_timeout=4 * _PATIENCE, socket_connect_timeout=_PATIENCE)
    except ValueError as error:
        raise UsageError(f"{plain_url(url)!r} is no Redis: {error}; write redis://HOST:PORT/NUMBER") from error
    return RedisBus(client, plain_url(url), space, bounds)


class RedisBus(NumberedBus):
    """Adds to a stream, and reads it on from the last number.

    :param client: of the library ``redis``, its asynchronous half
    """

    def __init__(self, client: Any, url: str, space: str, bounds: Bounds) -> None:
        super().__init__(bounds)
        self._client, self.url = client, url
        # What is in braces decides on which node of a cluster it is.
        self._stream, self._about, self._known = (f"llmspell:{{events:{space}}}:{of}" for of in ("log", "about", "id"))
        self._publish = client.register_script(_PUBLISH)

    async def publish(self, event: Event, node: str) -> None:
        kept = at_least(self._bounds)
        keys = [self._stream, self._about, f"{self._known}:{event.id}"]
        await self._ask(self._publish(keys, [node, event.text(), event.size, kept.events, kept.bytes, _REMEMBERED]))

    async def listen(self, receiver: Receiver) -> None:
        self._start(self._read(receiver, Line(await self._last())))

    async def close(self) -> None:
        await self._stop()
        await self._client.aclose()

    async def _last(self) -> int:
        return int(await self._ask(self._client.hget(self._about, "last")) or 0)

    async def _between(self, first: int, before: int) -> list[bytes]:
        rows = await self._ask(self._client.xrange(self._stream, f"{first}-1", f"({before}-1"))
        return [fields[b"body"] for _, fields in rows]

    async def _read(self, receiver: Receiver, line: Line) -> None:
        while True:
            try:
                news = self._client.xread({self._stream: f"{line.last}-1"}, _PAGE, _PATIENCE * 1000)
                for _, rows in _pairs(await self._ask(news)):
                    for entry, fields in rows:
                        node = fields[b"node"].decode(errors="replace")
                        self._came(receiver, line, _number(entry), node, fields[b"body"])
            except BusFailed as error:
                log.warning("events are read again soon: %s", error)
                await asyncio.sleep(_AGAIN)
                await self._begin_again(line)

    async def _begin_again(self, line: Line) -> None:
        """Go back to the first number when the server has forgotten what it kept."""
        try:
            last = await self._last()
        except BusFailed:
            return
        if last < line.last:
            line.last = 0

    async def _ask(self, question: Awaitable[Any]) -> Any:
        from redis import RedisError

        try:
            return await question
        except (RedisError, OSError) as error:
            raise BusFailed(self.url, error) from error


def _number(entry: bytes) -> int:
    return int(entry.partition(b"-")[0])


def _pairs(streams: Any) -> list[tuple[Any, Any]]:
    """Return what was read by stream; one version of the protocol tells it in lists, the other in a map."""
    return list(streams.items()) if isinstance(streams, dict) else list(streams or ())
