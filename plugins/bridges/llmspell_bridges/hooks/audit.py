"""Write down what is done: what, when, for how long, and how it ended, never with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.hooks.ready_made import ReadyMade
from llmspell_core.actions import POINTS
from llmspell_core.errors import LlmspellError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

    Write: TypeAlias = Callable[[dict[str, Any]], Awaitable[object] | object]

__all__ = ["Audit"]


class Audit(ReadyMade):
    """Tells of each action when it has ended: ``{run, number, parent, point, name, began, duration, outcome}``.

    ``outcome`` is ``ok`` or the kind of the error. Arguments and results are in none of it.

    :param write: is told; what it raises is logged and changes nothing
    """

    def __init__(self, write: Write, at: str | Sequence[str] = POINTS) -> None:
        super().__init__(at)
        self._write = write

    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what comes of an action, and tell of it."""
        from time import monotonic

        began, outcome = monotonic(), "cancelled"
        try:
            result = await rest()
            outcome = "ok"
        except Exception as error:
            outcome = error.kind if isinstance(error, LlmspellError) else "internal"
            raise
        finally:
            await self._tell(_told(action, monotonic() - began, outcome))
        return result

    async def _tell(self, record: dict[str, Any]) -> None:
        from inspect import isawaitable

        try:
            writing = self._write(record)
            if isawaitable(writing):
                await writing
        except Exception:
            import logging

            logging.getLogger("llmspell").exception("the audit of %s %s failed", record["point"], record["name"])


def _told(action: Action, duration: float, outcome: str) -> dict[str, Any]:
    names = ("run", "number", "parent", "point", "name", "began")
    return {**{name: getattr(action, name) for name in names}, "duration": duration, "outcome": outcome}
