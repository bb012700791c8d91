"""What all ready-made hooks have in common: where they stand, and how their options are checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument
from llmspell_core.hookspecs import hookimpl
from llmspell_core.points import suits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.points import Action
    from llmspell_core.standing import Rest

__all__ = ["ReadyMade", "check", "sleeping"]


class ReadyMade(ABC):
    """A hook for ``Runner(plugins=[...])``, and for spells by the bridge ``hooks``.

    :param at: the points where it stands; ``tool:web_*`` is a point and the names that it is for
    """

    def __init__(self, at: str | Sequence[str]) -> None:
        self.at = (at,) if isinstance(at, str) else tuple(at)

    @hookimpl
    async def llmspell_around(self, action: Action, proceed: Rest) -> Any:
        """Stand around an action where it is to."""
        if any(suits(where, action.point, action.name) for where in self.at):
            return await self.around(action, proceed)
        return await proceed()

    @abstractmethod
    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what is to come of an action."""


def check(hook: str, option: str, value: float, *, more_than: float | None = None, least: float = 0) -> None:
    """Do nothing where a number is large enough; :raises BadArgument: naming the hook and its option."""
    if more_than is not None and not value > more_than:
        raise BadArgument(f"hooks.{hook}", None, option, f"must be more than {more_than:g}, not {value!r}")
    if more_than is None and not value >= least:
        raise BadArgument(f"hooks.{hook}", None, option, f"must be at least {least:g}, not {value!r}")


async def sleeping(seconds: float) -> None:
    """Wait so many seconds."""
    import asyncio

    await asyncio.sleep(seconds)
