"""Do once more what failed by bad luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.hooks.ready_made import ReadyMade, check, sleeping, texts
from llmspell_core.errors import BudgetSpent, Cancelled, Denied, LimitExceeded, LlmspellError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

__all__ = ["KINDS", "Retry"]

KINDS = ("provider", "timeout", "http", "mcp")
"""The kinds of errors that may not come again."""
_DOUBLED = 60
"""How often a delay is doubled at the most: it is then longer than anybody waits, and still a number."""
_LASTING = (BudgetSpent, Cancelled, Denied, LimitExceeded)


class Retry(ReadyMade):
    """Tries again what fails, after a delay that doubles each time.

    :param attempts: how often it is tried altogether
    :param delay: seconds before the second attempt
    :param kinds: the kinds of errors that are worth it; refusals, limits and spent budgets never are
    :param sleep: waits, in seconds
    """

    def __init__(
        self,
        at: str | Sequence[str] = "tool",
        *,
        attempts: int = 3,
        delay: float = 1,
        kinds: Sequence[str] = KINDS,
        sleep: Callable[[float], Awaitable[object]] | None = None,
    ) -> None:
        super().__init__(at)
        check("retry", "attempts", attempts, least=1)
        check("retry", "delay", delay)
        self._attempts, self._delay, self._kinds = attempts, delay, texts("retry", "kinds", kinds)
        self._sleep = sleep or sleeping

    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what comes of the first attempt that does not fail."""
        for attempt in range(1, self._attempts):
            try:
                return await rest()
            except Exception as error:
                if not self._is_worth_it(error):
                    raise
            action.facts["attempts"] = attempt + 1
            if not action.again:
                await self._sleep(self._delay * 2.0 ** min(attempt - 1, _DOUBLED))
        return await rest()

    def _is_worth_it(self, error: Exception) -> bool:
        if isinstance(error, _LASTING):
            return False
        kind = error.kind if isinstance(error, LlmspellError) else "timeout" if isinstance(error, TimeoutError) else ""
        return kind in self._kinds
