"""Let no more than so many actions begin in so many seconds."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from llmspell_bridges.hooks.ready_made import ReadyMade, check, sleeping
from llmspell_core.errors import Denied

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

__all__ = ["RateLimit", "TooOften"]


class TooOften(Denied):
    """A hook allows no more for now; ``data`` is ``{calls, per, retry_after}``."""

    kind = "rate_limited"

    def __init__(self, what: str, calls: int, per: float, retry_after: float) -> None:
        self.data = {"calls": calls, "per": per, "retry_after": retry_after}
        super().__init__(
            f"{what}: a hook allows {calls} in {per:g} s, and the next in {retry_after:.3g} s; wait so long"
        )


class RateLimit(ReadyMade):
    """Refuses what comes too often, or has it wait for its turn.

    :param calls: how many may begin
    :param per: in how many seconds
    :param wait: have them wait
    :param sleep: waits, in seconds
    """

    def __init__(
        self,
        at: str | Sequence[str] = "llm",
        *,
        calls: int,
        per: float = 60,
        wait: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] | None = None,
    ) -> None:
        super().__init__(at)
        check("rate_limit", "calls", calls, least=1)
        check("rate_limit", "per", per, more_than=0)
        self._calls, self._per, self._waits = calls, per, wait
        self._clock, self._sleep = clock, sleep or sleeping
        self._times: deque[float] = deque()

    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what comes of an action, in its turn; in a run that goes on, where it had its turn before."""
        now = self._clock()
        if action.again:
            # That was as long ago by this clock as by any.
            now -= time.time() - action.began
        while (pause := self._pause(now)) > 0:
            if not self._waits:
                raise TooOften(f"{action.point} {action.name}", self._calls, self._per, pause)
            if not action.again:
                await self._sleep(pause)
            now = now + pause if action.again else self._clock()
        self._times.append(now)
        return await rest()

    def _pause(self, now: float) -> float:
        """Return the seconds until one more may begin."""
        while self._times and self._times[0] <= now - self._per:
            self._times.popleft()
        return self._times[0] + self._per - now if len(self._times) >= self._calls else 0.0
