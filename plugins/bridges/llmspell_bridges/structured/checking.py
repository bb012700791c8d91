"""Check data off the event loop where that takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_core.errors import LimitExceeded
from llmspell_core.schemas.steps import STEPS, TooCostly, bounded

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["aside"]

_AT_ONCE = 2000
_T = TypeVar("_T")


async def aside(function: Callable[..., _T], *args: Any) -> _T:
    """Return what a function makes of its arguments: at once when that is little work, else in a thread.

    :raises LimitExceeded: when it takes more steps than a check may
    """
    import asyncio

    try:
        with bounded(_AT_ONCE):
            return function(*args)
    except LimitExceeded as error:
        if error.allowed != _AT_ONCE:
            raise
    except TooCostly:
        pass  # it is begun again where it holds nobody up
    return await asyncio.to_thread(_whole, function, *args)


def _whole(function: Callable[..., _T], *args: Any) -> _T:
    try:
        with bounded(STEPS):
            return function(*args)
    except TooCostly as error:
        raise LimitExceeded("schema_steps", error.steps, f"the check was ended: {error}") from error
