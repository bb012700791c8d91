"""A server on the web: asked only where it may be, answers bounded."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import httpcore2
import httpx2

from llmspell_bridges.http.addresses import resolve
from llmspell_bridges.http.connections import Checked, pool
from llmspell_bridges.mcp.failures import McpFailed
from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmspell_bridges.mcp.servers import Address
    from llmspell_bridges.mcp.trouble import Trouble
    from llmspell_core.bridge import Context

__all__ = ["web_streams"]

_Streams: TypeAlias = "tuple[Any, Any]"


@asynccontextmanager
async def web_streams(server: Address, most: int, trouble: Trouble, context: Context) -> AsyncIterator[_Streams]:
    """Yield the streams that the library reads the server's messages from and writes ours to.

    :param most: bytes that a message may have
    """
    from mcp.client.streamable_http import streamable_http_client

    transport = _Bounded(server.name, _network(server, trouble, context), most, trouble)
    # Calls have times of their own; a stream of events may be silent for long.
    timeout = httpx2.Timeout(30.0, read=None)
    async with (
        httpx2.AsyncClient(
            transport=transport, headers=dict(server.headers), timeout=timeout, trust_env=False
        ) as client,
        streamable_http_client(server.url, http_client=client, max_sse_event_size=most) as streams,
    ):
        yield streams


def _network(server: Address, trouble: Trouble, context: Context) -> httpcore2.AsyncNetworkBackend:
    """Return what connects: anywhere for what the caller configured, else only to addresses that are granted."""
    if not server.granted:
        return httpcore2.AnyIOBackend()
    found = context.of("http").options.get("resolve", resolve)
    return Checked(lambda: context.policy, found, refused=trouble.note)


class _Bounded(httpx2.AsyncHTTPTransport):
    """Connects over a network of ours, and ends answers that are too large; notes why a request failed."""

    def __init__(self, name: str, network: httpcore2.AsyncNetworkBackend, most: int, trouble: Trouble) -> None:
        super().__init__(trust_env=False)
        # The library takes no network of others.
        self._pool = pool(network, httpcore2.default_ssl_context())
        self._name, self._most, self._trouble = name, most, trouble

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer, whose body is counted as it is read."""
        try:
            response = await super().handle_async_request(request)
        except httpx2.TransportError as error:
            self._trouble.note(
                McpFailed(self._name, "connect", f"it cannot be reached: {error or type(error).__name__}")
            )
            raise
        if response.status_code in (401, 403):
            problem = f"it refuses us (status {response.status_code}); configure its key as a header"
            self._trouble.note(McpFailed(self._name, "auth", problem))
        # Of a stream of events the library bounds each one.
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Counted(response.stream, self._name, self._most, self._trouble)
        return response


class _Counted(httpx2.AsyncByteStream):
    """A body that may have so many bytes."""

    def __init__(self, stream: httpx2.AsyncByteStream, name: str, most: int, trouble: Trouble) -> None:
        self._stream, self._name, self._most, self._trouble = stream, name, most, trouble

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                message = f"the MCP server {self._name!r} sent more than {self._most} bytes at once"
                self._trouble.note(LimitExceeded("mcp_bytes", self._most, message))
                raise httpx2.ReadError(message)
            yield chunk

    async def aclose(self) -> None:
        """Close the connection's side of it."""
        await self._stream.aclose()
