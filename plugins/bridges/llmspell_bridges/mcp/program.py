"""A server that is a program: started with nothing of the host's environment, read in bounded lines, ended whole."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.mcp.failures import McpFailed
from llmspell_core.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmspell_bridges.mcp.servers import Program
    from llmspell_bridges.mcp.trouble import Trouble

__all__ = ["program_streams"]

_PATIENCE = 1.0
"""Seconds that a server has to end by itself when its input ends."""
_Streams: TypeAlias = "tuple[Any, Any]"


@asynccontextmanager
async def program_streams(server: Program, most: int, trouble: Trouble) -> AsyncIterator[_Streams]:
    """Run a server and yield the streams that the library reads its messages from and writes ours to.

    :param most: bytes that a message may have
    """
    import anyio

    process = await _started(server, most)
    from_server, read = anyio.create_memory_object_stream[Any](0)
    write, to_server = anyio.create_memory_object_stream[Any](0)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_receive(server.name, process, from_server, most, trouble)),
                group.create_task(_send(process, to_server)),
                group.create_task(_log(server.name, process)),
            ]
            try:
                yield read, write
            finally:
                await _ended(process)
                for task in tasks:
                    task.cancel()
    finally:
        _kill(process)
        # What left the group may hold the pipes open.
        process._transport.close()  # type: ignore[attr-defined]
        for stream in (from_server, read, write, to_server):
            stream.close()


async def _started(server: Program, most: int) -> asyncio.subprocess.Process:
    path = shutil.which(server.command, path=server.env.get("PATH") or os.environ.get("PATH"))
    if path is None:
        raise McpFailed(server.name, "connect", "its program is not installed")
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            path,
            *server.args,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=dict(server.env),
            cwd=server.cwd,
            start_new_session=True,
            limit=most,
        )
    except OSError as error:
        problem = f"its program cannot be run: {(error.strerror or str(error)).lower()}"
        raise McpFailed(server.name, "connect", problem) from error


async def _receive(name: str, process: asyncio.subprocess.Process, stream: Any, most: int, trouble: Trouble) -> None:
    """Pass on what the server says until it ends or says what it may not."""
    import anyio

    assert process.stdout is not None
    async with stream:
        try:
            while True:
                line = await process.stdout.readuntil(b"\n")
                if message := _message(name, line):
                    await stream.send(message)
        except asyncio.IncompleteReadError:
            trouble.note(McpFailed(name, "closed", "it has ended"))
        except asyncio.LimitOverrunError:
            trouble.note(
                LimitExceeded("mcp_bytes", most, f"the MCP server {name!r} sent more than {most} bytes at once")
            )
        except McpFailed as error:
            trouble.note(error)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # nobody listens any more: the connection is being closed


def _message(name: str, line: bytes) -> Any:
    """Return a message, or None for a line that is none: many programs print a greeting."""
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    if not line.lstrip().startswith(b"{"):
        return None
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        raise McpFailed(name, "bad_answer", "it sent what is no message of the protocol") from error


async def _send(process: asyncio.subprocess.Process, stream: Any) -> None:
    assert process.stdin is not None
    async with stream:
        async for each in stream:
            text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
            # A server that has gone is noticed where it is read.
            with suppress(ConnectionError):
                process.stdin.write(text.encode() + b"\n")
                await process.stdin.drain()


async def _log(name: str, process: asyncio.subprocess.Process) -> None:
    """Log what the server says on its standard error, for the person who configured it."""
    import logging

    log = logging.getLogger("llmspell.mcp")
    assert process.stderr is not None
    while chunk := await process.stderr.read(4096):
        log.info("%s: %s", name, chunk.decode(errors="replace").rstrip())


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End the server's input, wait a little, and kill it with what it started, as far as that stayed in its group."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        await _gone(process)
    finally:
        _kill(process)
    await _gone(process)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait until the program has ended, or its time is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            # wait() would also wait for whoever else holds the pipes.
            while process.returncode is None:  # noqa: ASYNC110 - the library tells of the end in no other way
                await asyncio.sleep(0.005)


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
