"""A connection to one server: opened in time, asked in time, ended whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from llmspell_bridges.mcp.failures import McpFailed, Reason
from llmspell_bridges.mcp.trouble import Trouble
from llmspell_bridges.missing import cure
from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from llmspell_bridges.mcp.servers import Server
    from llmspell_core.bridge import Context

__all__ = ["Connection"]

_PAGES = 100


class Connection:
    """Owns the library's client, in a task of its own: the client has to be closed by whoever opened it.

    :param most: bytes that a message of the server may have
    """

    def __init__(self, server: Server, context: Context, most: int) -> None:
        self.name = server.name
        self._server, self._context, self._most = server, context, most
        self._trouble = Trouble()
        self._ending = asyncio.Event()
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, seconds: float) -> Connection:
        """Connect; :raises McpFailed: when that fails or takes longer."""
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._own(ready))
        try:
            async with asyncio.timeout(seconds):
                self._client = await ready
        except TimeoutError as error:
            await self.close()
            raise McpFailed(self.name, "timeout", f"it did not greet us within {seconds:g} seconds") from error
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """End the connection, and the program if it is one. A second call does nothing."""
        self._ending.set()
        task, self._task = self._task, None
        if task is None:
            return
        if self._client is None:
            task.cancel()
        await asyncio.wait([task])

    @property
    def capabilities(self) -> Any:
        """What the server says it offers."""
        return self._client.server_capabilities

    @property
    def information(self) -> Any:
        """Name and version of the server, or None."""
        return self._client.server_info

    @property
    def instructions(self) -> str | None:
        """What the server says of itself to models."""
        text: str | None = self._client.instructions
        return text

    async def ask(self, request: Any, result: Any, seconds: float) -> Any:
        """Return the server's answer to a request of the protocol.

        :param result: the type of the answer
        :raises McpFailed: when there is none, or not in time
        """
        if self._task is None or self._task.done():
            raise self._failure(None)
        timer = asyncio.timeout(seconds)
        try:
            async with timer:
                return await self._client.session.send_request(request, result)
        except TimeoutError as error:
            if not timer.expired():
                raise
            problem = f"no answer within {seconds:g} seconds; pass a longer timeout"
            raise McpFailed(self.name, "timeout", problem) from error
        except Exception as error:
            raise self._failure(error) from error

    async def listed(self, kind: type[Any], result: type[Any], field: str, seconds: float) -> list[Any]:
        """Return all that a server lists, page after page."""
        from mcp_types import PaginatedRequestParams

        found: list[Any] = []
        cursor: str | None = None
        async with asyncio.timeout(seconds * 4):
            for _ in range(_PAGES):
                page = await self.ask(kind(params=PaginatedRequestParams(cursor=cursor)), result, seconds)
                found += getattr(page, field)
                if page.next_cursor is None or page.next_cursor == cursor:
                    return found
                cursor = page.next_cursor
        raise McpFailed(self.name, "bad_answer", f"its list of {field} has more than {_PAGES} pages")

    async def _own(self, ready: asyncio.Future[Any]) -> None:
        try:
            async with await self._made() as client:
                if not ready.done():
                    ready.set_result(client)
                await self._ending.wait()
        except Exception as error:  # noqa: BLE001 - told to whoever waits for the connection, else to its next caller
            failure = self._failure(error)
            self._trouble.note(failure)
            if not ready.done():
                ready.set_exception(failure)

    async def _made(self) -> Any:
        """Return the library's client, not yet connected. Importing the library takes a while."""
        try:
            return await asyncio.to_thread(self._client_of)
        except ModuleNotFoundError as error:
            raise McpFailed(self.name, "not_installed", cure(error, "mcp")) from None

    def _client_of(self) -> Any:
        from mcp.client.client import Client
        from mcp_types import Implementation

        from llmspell_bridges.mcp.servers import Program

        us = Implementation(name="llmspell", version="0.1")
        if isinstance(self._server, Program):
            from llmspell_bridges.mcp.program import program_streams

            streams = program_streams(self._server, self._most, self._trouble)
        else:
            from llmspell_bridges.mcp.web import web_streams

            streams = web_streams(self._server, self._most, self._trouble, self._context)
        return Client(streams, cache=None, client_info=us)

    def _failure(self, error: BaseException | None) -> LlmspellError:
        """Return what a spell is told: what the transport saw, else what the library makes of it."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, LlmspellError):
            return error
        code = getattr(error, "code", None)
        if self._trouble.error is not None and (not isinstance(code, int) or code in _OF_TRANSPORT):
            return self._trouble.error
        if isinstance(code, int):
            return McpFailed(self.name, _REASONS.get(code, "server"), _shown(error), code)
        if error is None or type(error).__name__ in ("ClosedResourceError", "BrokenResourceError", "EndOfStream"):
            return McpFailed(self.name, "closed", "the connection has ended")
        return McpFailed(self.name, "bad_answer", f"its answer is not of the protocol: {_shown(error)}")


_OF_TRANSPORT = (-32000, -32001, -32603, -32600)
"""Codes that the library uses, among others, for what happened to the transport."""
_REASONS: dict[int, Reason] = {
    -32000: "closed",
    -32601: "bad_request",
    -32602: "bad_request",
    -32002: "not_found",
    -32700: "bad_answer",
}


def _shown(error: BaseException | None) -> str:
    return str(error).strip()[:500] or type(error).__name__
