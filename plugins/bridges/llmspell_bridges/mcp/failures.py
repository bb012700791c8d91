"""The errors of servers of the Model Context Protocol, as spells see them."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from llmspell_core.errors import CallError, ProviderError, UsageError, closest

__all__ = ["BadServers", "McpFailed", "McpToolFailed", "NoSuchServer", "Reason"]

Reason: TypeAlias = Literal[
    "auth", "bad_answer", "bad_request", "closed", "connect", "not_found", "not_installed", "server", "timeout"
]


class McpFailed(ProviderError):
    """A server gave no answer, or none that can be used; ``data`` is ``{server, reason, code}``.

    :param code: the number of the error that the server answered with
    """

    def __init__(self, server: str, reason: Reason, problem: str, code: int | None = None) -> None:
        self.server, self.reason, self.code = server, reason, code
        self.data = {"server": server, "reason": reason} | ({} if code is None else {"code": code})
        super().__init__(f"the MCP server {server!r}: {problem}")


class McpToolFailed(CallError):
    """A tool of a server ran and told of an error; ``data`` is ``{server, tool, structured}``."""

    kind = "mcp"

    def __init__(self, server: str, tool: str, text: str, structured: Any = None) -> None:
        self.server, self.tool = server, tool
        self.data = {"server": server, "tool": tool, "structured": structured}
        super().__init__(
            f"the tool {tool!r} of the MCP server {server!r} failed: {text[:2000] or 'it does not say why'}"
        )


class NoSuchServer(CallError):
    """A spell names a server that is neither configured, nor a program, nor a URL; ``data`` is ``{server}``."""

    kind = "no_server"

    def __init__(self, server: str, configured: list[str]) -> None:
        self.server = server
        self.data = {"server": server}
        hint = closest(server, configured) or "; mcp.servers() tells which are configured"
        super().__init__(f"no MCP server {server!r} is configured, and it is no program and no URL{hint}")


class BadServers(UsageError):
    """What is configured of a server, or the file that it is configured in, is wrong."""

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        super().__init__(f"{where}: {problem}")
