"""A request to a model, tried until it does not fail: each attempt is paid for, and all of them have one time."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.retries import pause_before_retry
from llmspell_core.errors import BudgetSpent

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable

    from llmspell_bridges.llm.models import Model
    from llmspell_core.budget import Reservation

__all__ = ["deadline", "tried"]

_S = TypeVar("_S")
_T = TypeVar("_T")


async def tried(
    model: Model,
    seconds: float | None,
    retries: int,
    reserve: Callable[[], Awaitable[tuple[Reservation, _S]]],
    ask: Callable[[_S, Reservation], Awaitable[_T]],
) -> tuple[_T, int]:
    """Return what the first attempt that does not fail comes to, and how many there were.

    :param seconds: that all of them may take
    :param reserve: asks for what an attempt may spend, and returns that and the settings that keep it within
    :param ask: makes an attempt
    """
    import asyncio

    failed: ProviderFailed | None = None
    attempts = 0
    async with deadline(model.name, seconds) as timer:
        while True:
            try:
                reserved, settings = await reserve()
            except BudgetSpent as spent:
                raise spent from failed
            attempts += 1
            try:
                return await _settled(ask(settings, reserved), reserved), attempts
            except ProviderFailed as failure:
                pause = pause_before_retry(failure, attempts - 1) if attempts <= retries else None
                ends = timer.when()
                if pause is None or (ends is not None and asyncio.get_running_loop().time() + pause >= ends):
                    raise
                failed = failure
            await asyncio.sleep(pause)


async def _settled(asking: Awaitable[_T], reserved: Reservation) -> _T:
    """Return what is asked for; what fails costs nothing if the provider said so, else all that was set aside."""
    try:
        return await asking
    except BaseException as error:
        if isinstance(error, ProviderFailed) and not error.charged:
            reserved.settle()
        reserved.forfeit()
        raise


@asynccontextmanager
async def deadline(model: str, seconds: float | None) -> AsyncIterator[asyncio.Timeout]:
    """Cancel what runs inside after so many seconds, and raise :class:`ProviderFailed`."""
    import asyncio

    timer = asyncio.timeout(seconds)
    try:
        async with timer:
            yield timer
    except TimeoutError:
        if not timer.expired():
            raise
        problem = f"no answer within {seconds} seconds; pass a longer timeout, or a shorter prompt"
        raise ProviderFailed(model, "timeout", problem) from None
