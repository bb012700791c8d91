"""Ask no model any more once so many dollars are spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.hooks.ready_made import ReadyMade
from llmspell_core.errors import BadArgument, BudgetSpent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

__all__ = ["CostCap"]


class CostCap(ReadyMade):
    """Refuses requests to models once those before them have cost so much, over all runs that it stands in.

    Unlike a budget it knows what was spent, not what the next request may cost at the most: those under way are
    counted as dear as the dearest so far. After an answer that nobody knows the price of it refuses everything.

    :param cost: US dollars
    """

    def __init__(self, cost: float, at: str | Sequence[str] = "llm") -> None:
        super().__init__(at)
        if not cost >= 0:
            raise BadArgument("hooks.cost_cap", 1, "cost", f"must be at least 0 dollars, not {cost!r}")
        self._cost = cost
        self._under_way = 0
        self._dearest = 0.0
        self._unknown = ""
        self.spent = 0.0

    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what comes of a request that is still paid for."""
        expected = self.spent + self._under_way * self._dearest
        if self._unknown:
            words = f"the price of {self._unknown} is unknown, so that the cap of {self._cost:g} dollars cannot hold"
            raise BudgetSpent("cost", self._cost, self.spent, None, f"{words}; use models whose price is known")
        if expected >= self._cost:
            words = f"a hook caps the cost at {self._cost:g} dollars, and {expected:.4g} are spent or under way"
            raise BudgetSpent("cost", self._cost, expected, None, f"{words}; raise the cap")
        self._under_way += 1
        action.facts.pop("cost", None)
        try:
            return await rest()
        finally:
            self._under_way -= 1
            self._count(action)

    def _count(self, action: Action) -> None:
        cost = action.facts.get("cost", 0.0)
        if cost is None:
            self._unknown = action.name
            return
        self.spent += cost
        self._dearest = max(self._dearest, cost)
