"""What a spell can do with a server it is connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.mcp.failures import McpFailed, McpToolFailed
from llmspell_bridges.mcp.records import (
    McpAbout,
    McpMessage,
    McpPart,
    McpPrompt,
    McpResource,
    McpResult,
    McpTool,
    content_part,
    plain,
    resource_part,
)
from llmspell_bridges.tools.offering import Offering, offerings_of
from llmspell_core.bridge import Handle, expose
from llmspell_core.values import ScriptValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_bridges.mcp.connection import Connection
    from llmspell_bridges.tools.tool import Tool
    from llmspell_core.bridge import Context

__all__ = ["McpServer"]


class McpServer(Handle, Offering):
    """A server of the Model Context Protocol that the spell is connected to, until it is closed or dropped.

    :param seconds: how long an answer may take
    """

    def __init__(self, connection: Connection, context: Context, seconds: float) -> None:
        super().__init__()
        self._connection, self._context, self._seconds = connection, context, seconds
        self._outputs: dict[str, Any] | None = None
        self._registered: list[str] = []
        self._offered: dict[str, Tool] | None = None
        self.name = connection.name
        offerings_of(context)[self.name] = self

    async def close(self) -> None:
        """End the connection, unless tools of the run or of agents need it: then it ends with the run."""
        if not self.is_needed:
            await self._end()

    @expose(aliases=("close",), redo=True)
    async def disconnect(self) -> None:
        """End the connection, and drop the tools that were registered; a server that is a program is ended with it."""
        names, self._registered = self._registered, []
        if names:
            from llmspell_bridges.tools.registry import registry_of

            for name in names:
                registry_of(self._context).remove(name)
        await self._end()

    @expose(redo=True)
    async def register(self) -> list[str]:
        """Keep the server's tools as tools of the run, for agents and the bridge ``tools``, and return their names.

        A tool is called after the server and itself: ``files_search``.
        """
        from llmspell_bridges.mcp.registering import register
        from llmspell_bridges.tools.registry import registry_of

        if not self._registered:
            self._registered = register(registry_of(self._context), (await self.offered()).values())
        return self._registered

    async def offered(self) -> dict[str, Tool]:
        """Return the server's tools as those of a run, named after the server and themselves: ``files_search``."""
        from llmspell_bridges.mcp.registering import tools_of

        self.is_needed = True
        if self._offered is None:
            self._offered = await tools_of(self.name, await self.tools(), self.call)
        return self._offered

    @expose
    def about(self) -> McpAbout:
        """Return what the server says of itself."""
        connection = self._connection
        offers = [
            name for name in ("tools", "resources", "prompts") if getattr(connection.capabilities, name) is not None
        ]
        known = plain(connection.information, "name", "version") if connection.information is not None else {}
        made: McpAbout = self._clean({**known, **plain(connection, "instructions"), "offers": offers})
        return made

    @expose
    async def tools(self) -> list[McpTool]:
        """Return the tools that the server offers, with the schemas of their arguments."""
        import mcp_types as types

        found = await self._connection.listed(types.ListToolsRequest, types.ListToolsResult, "tools", self._seconds)
        self._outputs = {tool.name: tool.output_schema for tool in found}
        made: list[McpTool] = self._clean([{**_tool(each), "server": self.name} for each in found])
        return made

    @expose
    async def call(
        self,
        name: str,
        args: dict[str, ScriptValue] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the name that scripts know
    ) -> McpResult:
        """Return what a tool of the server returns.

        :param name: of the tool
        :param args: its arguments
        :param timeout: seconds that it may take
        """
        import mcp_types as types

        params = types.CallToolRequestParams(name=name, arguments=args or {})
        seconds = timeout if timeout is not None and timeout > 0 else self._seconds
        answer = await self._connection.ask(types.CallToolRequest(params=params), types.CallToolResult, seconds)
        result: McpResult = self._read(lambda: _result(answer))
        if answer.is_error:
            raise McpToolFailed(self._connection.name, name, result["text"], result["structured"])
        await self._check(name, result["structured"])
        return result

    @expose
    async def resources(self) -> list[McpResource]:
        """Return what the server lets one read."""
        import mcp_types as types

        kinds = types.ListResourcesRequest, types.ListResourcesResult
        found = await self._connection.listed(*kinds, "resources", self._seconds)
        fields = ("uri", "name", "title", "description", "mime_type", "size")
        made: list[McpResource] = self._clean([plain(each, *fields) for each in found])
        return made

    @expose
    async def read(self, uri: str) -> list[McpPart]:
        """Return the contents of a resource.

        :param uri: of the resource
        """
        import mcp_types as types

        request = types.ReadResourceRequest(params=types.ReadResourceRequestParams(uri=uri))
        answer = await self._connection.ask(request, types.ReadResourceResult, self._seconds)
        made: list[McpPart] = self._read(lambda: [resource_part(each) for each in answer.contents])
        return made

    @expose
    async def prompts(self) -> list[McpPrompt]:
        """Return the prompts that the server offers."""
        import mcp_types as types

        kinds = types.ListPromptsRequest, types.ListPromptsResult
        found = await self._connection.listed(*kinds, "prompts", self._seconds)
        made: list[McpPrompt] = self._clean([_prompt(each) for each in found])
        return made

    @expose
    async def prompt(self, name: str, args: dict[str, str] | None = None) -> list[McpMessage]:
        """Return the messages of a prompt.

        :param name: of the prompt
        :param args: what to fill in
        """
        import mcp_types as types

        request = types.GetPromptRequest(params=types.GetPromptRequestParams(name=name, arguments=args))
        answer = await self._connection.ask(request, types.GetPromptResult, self._seconds)
        made: list[McpMessage] = self._read(
            lambda: [{"role": each.role, "content": content_part(each.content)} for each in answer.messages]
        )
        return made

    async def _end(self) -> None:
        known = offerings_of(self._context)
        if known.get(self.name) is self:
            del known[self.name]
        await self._connection.close()

    async def _check(self, name: str, structured: Any) -> None:
        """:raises McpFailed: when a tool's structured result is not what the server has said it would be.

        The library would check it with patterns of strangers, on the event loop, for as long as that takes.
        """
        from llmspell_bridges.structured.checking import aside
        from llmspell_bridges.structured.schema import BadSchema, check

        schema = (self._outputs or {}).get(name)
        if schema is None:
            return
        try:
            problems = await aside(check, structured, schema)
        except BadSchema as error:
            raise McpFailed(self._connection.name, "bad_answer", f"the output schema of {name!r}: {error}") from error
        if problems:
            problem = f"the result of its tool {name!r} is not what it said it would be: {problems[0]}"
            raise McpFailed(self._connection.name, "bad_answer", problem)

    def _read(self, read: Callable[[], Any]) -> Any:
        try:
            return self._clean(read())
        except ValueError as error:
            raise McpFailed(self._connection.name, "bad_answer", f"its answer cannot be read: {error}") from error

    def _clean(self, value: Any) -> Any:
        return self._context.secrets.clean(value)


def _result(answer: Any) -> dict[str, Any]:
    parts = [content_part(block) for block in answer.content]
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    return {"text": text, "content": parts, "structured": answer.structured_content}


def _tool(tool: Any) -> dict[str, Any]:
    made = plain(tool, "name", "title", "description", "output_schema", schema="input_schema")
    if tool.annotations is not None:
        made["annotations"] = tool.annotations.model_dump(by_alias=True, exclude_none=True)
    return made


def _prompt(prompt: Any) -> dict[str, Any]:
    arguments = [plain(each, "name", "description", "required") for each in prompt.arguments or ()]
    return {**plain(prompt, "name", "title", "description"), "arguments": arguments}
