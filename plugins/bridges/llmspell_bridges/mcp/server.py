"""Serve what is offered, with the protocol's own library, over standard input and output or HTTP."""

from __future__ import annotations

import hmac
import logging
import os
from typing import TYPE_CHECKING, Any, TypeAlias

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
)

from llmspell_bridges.mcp.offers import failure
from llmspell_core import __version__
from llmspell_core.errors import LlmspellError, UsageError, closest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_bridges.mcp.offers import Answer, Offer

__all__ = ["TOKEN", "over_http", "over_stdio", "server_of"]

TOKEN = "LLMSPELL_MCP_TOKEN"
"""The variable with the word that clients over HTTP have to know; needed where others can reach the server."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_App: TypeAlias = "Callable[[Any, Any, Any], Awaitable[None]]"


def server_of(offers: Sequence[Offer]) -> Server[Any]:
    """Return a server of the library that offers tools."""
    known = {offer.name: offer for offer in offers}
    tools = [Tool(name=o.name, description=o.description, input_schema=dict(o.schema)) for o in offers]

    async def list_tools(context: Any, params: Any) -> ListToolsResult:
        return ListToolsResult(tools=tools)

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        offer = known.get(params.name)
        if offer is None:
            raise MCPError(INVALID_PARAMS, f"no tool is named {params.name!r}{closest(params.name, known)}")
        try:
            answer = await offer.call(params.arguments or {})
        except LlmspellError as error:
            answer = failure(error)
        return _result(answer)

    return Server("llmspell", version=__version__, on_list_tools=list_tools, on_call_tool=call_tool)


async def over_stdio(server: Server[Any]) -> None:
    """Serve the one client at standard input and output, until it ends the input."""
    from mcp.server.stdio import stdio_server

    _log_to_stderr()
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def over_http(server: Server[Any], host: str, port: int) -> None:
    """Serve over HTTP until the process is told to end.

    :raises UsageError: when others could reach the server without a word that they have to know
    """
    import socket

    import uvicorn

    token = os.environ.get(TOKEN)
    if not token and host not in _LOOPBACK:
        raise UsageError(f"--http {host}: whoever reaches it could cast spells; set {TOKEN}, or serve on 127.0.0.1")
    app = server.streamable_http_app(host=host)
    config = uvicorn.Config(_guarded(app, token) if token else app, log_config=None, lifespan="on")
    _log_to_stderr()
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"--http {host}:{port}: {(error.strerror or str(error)).lower()}; choose another") from error
    shown = f"[{host}]" if ":" in host else host
    logging.getLogger("llmspell.mcp").info("serving on http://%s:%d/mcp", shown, listening.getsockname()[1])
    await uvicorn.Server(config).serve(sockets=[listening])


def _guarded(app: _App, token: str) -> _App:
    """Return an application that asks for the word first."""
    wanted = f"Bearer {token}".encode()

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers") or ()).get(b"authorization", b"")
        if scope["type"] == "lifespan" or hmac.compare_digest(given, wanted):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Bearer")]})
        await send({"type": "http.response.body", "body": b""})

    return guarded


def _result(answer: Answer) -> CallToolResult:
    texts: list[Any] = [TextContent(type="text", text=text) for text in answer.texts]
    structured = None if answer.structured is None else dict(answer.structured)
    return CallToolResult(content=texts, structured_content=structured, is_error=answer.is_error)


def _log_to_stderr() -> None:
    """Tell of calls on standard error: standard output belongs to the protocol."""
    log = logging.getLogger("llmspell.mcp")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
