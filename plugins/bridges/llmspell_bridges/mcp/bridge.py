"""The bridge ``mcp``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from llmspell_bridges.mcp.client import McpServer
from llmspell_bridges.mcp.failures import NoSuchServer
from llmspell_bridges.mcp.records import McpServerRecord
from llmspell_bridges.mcp.servers import HARMLESS, Address, Program, configured
from llmspell_bridges.mcp.settings import McpSettings
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from llmspell_bridges.mcp.connection import Connection
    from llmspell_bridges.mcp.servers import Server
    from llmspell_core.bridge import Context

__all__ = ["McpBridge"]

_MAX_BYTES = 16 * 2**20
_TIMEOUT, _LONGEST = 30.0, 3600.0


class McpBridge(Bridge):
    """Use the tools, resources and prompts of servers of the Model Context Protocol.

    A server is one that the caller has configured, or a program or a URL that was granted. A server that is a program
    sees of the environment only what was configured for it, and ends with the run.
    """

    name = "mcp"
    settings = McpSettings
    asks = ("run", "net")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._open: list[Connection] = []

    async def close(self) -> None:
        """End every connection."""
        import asyncio

        ending, self._open = self._open, []
        await asyncio.gather(*(each.close() for each in ending))

    @expose
    def servers(self) -> list[McpServerRecord]:
        """Return the servers that the caller has configured and granted."""
        found = configured(self.context.options)
        return [
            McpServerRecord(
                name=name, kind="program" if isinstance(each, Program) else "url", description=each.description
            )
            for name, each in sorted(found.items())
            if self.context.policy.decide(f"mcp:{name}").allowed
        ]

    @expose(needs="mcp:{server}")
    async def connect(
        self,
        server: str,
        *,
        args: list[str] | None = None,
        headers: dict[str, str] | None = None,
        register: bool = False,
        timeout: float = _TIMEOUT,  # noqa: ASYNC109 - the name that scripts know
    ) -> McpServer:
        """Return a connection to a server.

        :param server: the name of a configured one; else a program (needs ``run`` too) or a URL (needs ``net`` too)
        :param args: words for a program that is not configured
        :param headers: headers for a URL that is not configured
        :param register: keep its tools as tools of the run at once
        :param timeout: seconds that an answer may take, the first included
        """
        from llmspell_bridges.mcp.connection import Connection

        if not 0 < timeout <= _LONGEST:
            raise BadArgument("mcp.connect", None, "timeout", f"must be more than 0 and at most {_LONGEST:g} seconds")
        found = self._find(server, args, headers)
        for secret in found.secrets():
            self.context.secrets.add(secret)
        connection = Connection(found, self.context, int(self.context.options.get("max_bytes", _MAX_BYTES)))
        self._open.append(connection)
        await connection.open(timeout)
        made = McpServer(connection, self.context, timeout)
        if register:
            await made.register()
        return made

    def _find(self, server: str, args: list[str] | None, headers: dict[str, str] | None) -> Server:
        known = configured(self.context.options)
        if server in known:
            for name, given in (("args", args), ("headers", headers)):
                if given:
                    problem = f"the server {server!r} is configured by the caller; leave it out"
                    raise BadArgument("mcp.connect", None, name, problem)
            return known[server]
        if "://" in server:
            self.context.require(f"net:{server}", "connect")
            return Address(server.partition("?")[0], server, _checked(headers), granted=True)
        if shutil.which(server) is None:
            raise NoSuchServer(server, list(known))
        self.context.require(f"run:{server}", "connect")
        import os

        seen = {name: os.environ[name] for name in HARMLESS if name in os.environ}
        return Program(server, server, tuple(args or ()), seen)


def _checked(headers: dict[str, str] | None) -> dict[str, str]:
    from llmspell_bridges.http.messages import BadHeader, checked_headers

    try:
        return dict(checked_headers(headers or {}))
    except BadHeader as error:
        raise BadArgument("mcp.connect", None, "headers", str(error)) from error
