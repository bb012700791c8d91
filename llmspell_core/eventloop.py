"""An event loop only for those who need one: a coroutine runs without until it awaits :class:`WantLoop`."""

from __future__ import annotations

import sys
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine, Generator

__all__ = ["WantLoop", "need_running", "run", "running"]

_T = TypeVar("_T")


class WantLoop:
    """Awaited where an event loop is needed; whoever drives the coroutine starts one and goes on."""

    def __await__(self) -> Generator[WantLoop, None, None]:
        yield self


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run the coroutine to its end, with an event loop only from where it wants one.

    :raises UsageError: when an event loop is already running in this thread
    """
    if running() is not None:
        coroutine.close()
        raise UsageError("cast() was called inside a running event loop; use `await acast(...)` there")
    # What it sets in its context before there is a loop, it finds there afterwards.
    context = copy_context()
    try:
        context.run(coroutine.send, None)
    except StopIteration as done:
        result: _T = done.value
        return result
    import asyncio

    with asyncio.Runner() as runner:
        return runner.run(_rest(coroutine), context=context)


def running() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread."""
    # Where nothing has imported asyncio, or another thread is just doing so, no loop can be running here.
    get_running_loop = getattr(sys.modules.get("asyncio"), "get_running_loop", None)
    if get_running_loop is None:
        return None
    try:
        loop: asyncio.AbstractEventLoop = get_running_loop()
    except RuntimeError:
        return None
    return loop


def need_running() -> None:
    """Do nothing where an event loop runs in this thread; :raises UsageError: where none of asyncio's does."""
    if running() is None:
        raise UsageError("acast() needs a running event loop of asyncio's; use cast() where there is none")


async def _rest(coroutine: Coroutine[Any, Any, _T]) -> _T:
    result: _T = await _Started(coroutine)
    return result


class _Started:
    """A coroutine that has already run up to a point where it wanted a loop."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._coroutine.__await__())
