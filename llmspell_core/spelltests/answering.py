"""What answers in the place of something else, in the run that made it and in the spells that this run casts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.standing import Rest, Standing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_core.actions import Action

__all__ = ["Answering"]


class Answering(Standing):
    """Stands at a point in the place of what is done there; its failures are those of the action.

    :param answer: awaited with each action; what it returns is the result
    """

    reaches = answers = True

    def __init__(self, where: str, answer: Callable[[Action], Awaitable[Any]], label: str) -> None:
        async def around(action: Action, rest: Rest) -> Any:
            return await answer(action)

        super().__init__(where, around, float("-inf"), label)
        self._answer = answer

    async def run(self, action: Action, rest: Rest) -> Any:
        """Return the answer; what would be done otherwise is not done."""
        return await self._answer(action)
