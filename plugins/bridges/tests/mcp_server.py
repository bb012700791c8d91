"""A server made with the official library, over stdio or HTTP, that also dies, stalls and lies when asked to."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

_NUMBERS = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
}
_SUM = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}
_ANY: dict[str, Any] = {"type": "object"}


def tool(name: str, description: str = "", schema: dict[str, Any] = _ANY, **more: Any) -> types.Tool:
    return types.Tool(name=name, description=description, input_schema=schema, **more)


TOOLS = [
    tool("add", "Add two numbers.", _NUMBERS, output_schema=_SUM),
    tool("echo.env", "Tell the environment."),
    tool("picture"),
    tool("fail"),
    tool("die"),
    tool("stall"),
    tool("lie", output_schema=_SUM),
    tool("big"),
    tool("spawn"),
    tool("garble"),
]


async def list_tools(ctx: Any, params: Any) -> types.ListToolsResult:
    page = 0 if params is None or params.cursor is None else int(params.cursor)
    more = str(page + 1) if 4 * (page + 1) < len(TOOLS) else None
    return types.ListToolsResult(tools=TOOLS[4 * page : 4 * page + 4], next_cursor=more)


async def call_tool(ctx: Any, params: Any) -> types.CallToolResult:
    given = params.arguments or {}
    if params.name == "add":
        total = given["a"] + given["b"]
        return said(str(total), structured_content={"sum": total})
    if params.name == "echo.env":
        return said(json.dumps(dict(os.environ)))
    if params.name == "picture":
        data = base64.b64encode(b"\x89PNG\0").decode()
        return types.CallToolResult(content=[types.ImageContent(type="image", data=data, mime_type="image/png")])
    if params.name == "fail":
        return said("no luck today", is_error=True)
    if params.name == "die":
        os._exit(3)
    if params.name == "stall":
        await asyncio.Event().wait()
    if params.name == "lie":
        return said("7", structured_content={"sum": "seven"})
    if params.name == "big":
        return said("x" * 3_000_000)
    if params.name == "spawn":
        child = await asyncio.create_subprocess_exec("sleep", "600", stdin=asyncio.subprocess.DEVNULL)
        return said(str(child.pid))
    if params.name == "garble":
        os.write(int(os.environ["OUT"]) if "OUT" in os.environ else 1, b'{"jsonrpc": "2.0", "id": []}\n')
    raise ValueError(f"no tool {params.name}")


def said(text: str, **more: Any) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], **more)


async def list_resources(ctx: Any, params: Any) -> types.ListResourcesResult:
    return types.ListResourcesResult(
        resources=[types.Resource(name="notes", uri="memo://notes", mime_type="text/plain")]
    )


async def read_resource(ctx: Any, params: Any) -> types.ReadResourceResult:
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=params.uri, text="buy milk")])


async def list_prompts(ctx: Any, params: Any) -> types.ListPromptsResult:
    arguments = [types.PromptArgument(name="who", required=True)]
    return types.ListPromptsResult(prompts=[types.Prompt(name="greet", description="Greet.", arguments=arguments)])


async def get_prompt(ctx: Any, params: Any) -> types.GetPromptResult:
    text = types.TextContent(type="text", text=f"Greet {params.arguments['who']}.")
    return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=text)])


def made() -> Server[Any]:
    return Server(
        "tests",
        version="1.2",
        instructions="Only for tests.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


async def over_stdio() -> None:
    # The library moves the protocol away from descriptor 1; this one still leads to the client.
    os.environ["OUT"] = str(os.dup(1))
    server = made()
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def over_http() -> None:
    import uvicorn

    config = uvicorn.Config(made().streamable_http_app(), host="127.0.0.1", port=0, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the library has no event for it
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await task


if __name__ == "__main__":
    asyncio.run(over_http() if "--http" in sys.argv else over_stdio())
