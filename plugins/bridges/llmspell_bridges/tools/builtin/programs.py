"""Run a program of the host, alone with a few variables, for a bounded time and with a bounded output."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from llmspell_bridges.tools.failures import ToolTimeout
from llmspell_core.errors import BadArgument, LimitExceeded

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["run"]

_MOST_BYTES = 2**20
_VARIABLES = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
"""What a program sees of the environment: no keys."""


async def run(
    context: Context,
    args: list[str],
    input: str,
    timeout: float,  # noqa: ASYNC109 - the name that callers of the tool know
    program: str | None = None,
    line: str | None = None,
) -> dict[str, Any]:
    """Return ``{exit, stdout, stderr}`` of a program.

    :raises Denied: when ``run:PROGRAM`` was not granted; for a line of the shell that is ``run:sh``
    :raises ToolTimeout: when it ran too long, and was killed with all that it started
    """
    if (program is None) == (line is None):
        raise BadArgument(
            "shell", None, "program", "pass either a program, with its arguments, or a line for the shell"
        )
    name = program or "sh"
    context.require(f"run:{name}", "shell")
    path = shutil.which(name)
    if path is None or "\0" in "".join([*args, line or ""]):
        raise BadArgument(
            "shell", None, "program", f"there is no program {name!r}, or its arguments have a NUL in them"
        )
    words = [path, *args] if line is None else [path, "-c", line]
    try:
        async with asyncio.timeout(timeout):
            return await _run(words, input.encode())
    except TimeoutError as error:
        raise ToolTimeout("shell", timeout) from error
    except OSError as error:
        raise BadArgument(
            "shell", None, "program", f"{name!r} cannot be run: {(error.strerror or str(error)).lower()}"
        ) from error


async def _run(words: list[str], given: bytes) -> dict[str, Any]:
    pipe = asyncio.subprocess.PIPE
    environment = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_feed(process, given))
            out = group.create_task(_read(process.stdout))
            errors = group.create_task(_read(process.stderr))
        await process.wait()
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        await _end(process)
    return {"exit": process.returncode, "stdout": out.result(), "stderr": errors.result()}


async def _feed(process: asyncio.subprocess.Process, given: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(given)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it does not read what it is given, which is its own affair
    finally:
        process.stdin.close()


async def _read(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    data = bytearray()
    while chunk := await stream.read(65536):
        data += chunk
        if len(data) > _MOST_BYTES:
            message = f"the program wrote more than {_MOST_BYTES} bytes, and was killed; have it write less"
            raise LimitExceeded("program_output", _MOST_BYTES, message)
    return data.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the program and what it started, as far as that stayed in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    # What was not read keeps the process waiting for its pipes, and what left the group may hold them open.
    process._transport.close()  # type: ignore[attr-defined]
    await process.wait()
