"""What all ready-made hooks have in common: where they stand, and how their options are checked."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from llmspell_core.actions import POINTS, suits
from llmspell_core.errors import BadArgument, closest
from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

__all__ = ["ReadyMade", "check", "check_point", "sleeping", "texts"]


class ReadyMade(ABC):
    """A hook for ``Runner(plugins=[...])``, and for spells by the bridge ``hooks``.

    :param at: the points where it stands; ``tool:web_*`` is a point and the names that it is for
    """

    def __init__(self, at: str | Sequence[str]) -> None:
        self.at = (at,) if isinstance(at, str) else tuple(at)
        for where in self.at:
            check_point(self._name(), where)

    @classmethod
    def _name(cls) -> str:
        """Return what spells call the hook: ``rate_limit`` is ``RateLimit``."""
        return re.sub("(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

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


def check_point(hook: str, where: str) -> None:
    """Do nothing where something may pass; :raises BadArgument: when nothing ever passes a point of that name."""
    point = where.partition(":")[0]
    if point not in POINTS and (hint := closest(point, POINTS) or ("" if point.isidentifier() else _KNOWN)):
        raise BadArgument(f"hooks.{hook}", None, "point", f"there is no point {point!r}{hint}")


_KNOWN = f"; there are {', '.join(POINTS)}, and those that hooks.execute names"


def texts(hook: str, option: str, given: Sequence[str], known: Sequence[str] = ()) -> tuple[str, ...]:
    """Return several texts; :raises BadArgument: when they are one, or one of them is none of those that are known."""
    if isinstance(given, str):
        raise BadArgument(f"hooks.{hook}", None, option, f"must be a list of texts, not text {given!r}")
    for each in given:
        if known and each not in known:
            hint = closest(each, known) or f"; there are {', '.join(known)}"
            raise BadArgument(f"hooks.{hook}", None, option, f"has {each!r}, which is unknown{hint}")
    return tuple(given)


async def sleeping(seconds: float) -> None:
    """Wait so many seconds."""
    import asyncio

    await asyncio.sleep(seconds)
