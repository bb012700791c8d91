"""The health checks of one run: functions of the spell, asked from outside while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability.measures import Check, Checked
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from llmspell_core.bridge import Context
    from llmspell_core.values import Function

__all__ = ["HealthChecks"]

_MOST = 50
_ENDED = Checked(True, "the run has ended")


class HealthChecks:
    """Makes the checks of a run known, and takes them back at its end."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names: set[str] = set()

    def add(self, name: str, function: Function) -> None:
        """Make a check known, in the place of one of the same name."""
        if len(self._names | {name}) > _MOST:
            raise BadArgument("observability.health_check", 1, "name", f"would be one of more than {_MOST} checks")
        import asyncio
        from concurrent.futures import CancelledError

        loop = asyncio.get_running_loop()

        def ask(seconds: float) -> Checked:
            # From another thread, while the run goes on in its own, or has just ended.
            work = self._asked(function)
            try:
                asking = asyncio.run_coroutine_threadsafe(work, loop)
            except RuntimeError:
                work.close()
                return _ENDED
            try:
                return asking.result(seconds)
            except TimeoutError:
                asking.cancel()
                return Checked(False, f"no answer within {seconds:.3g} s")
            except CancelledError:
                return _ENDED

        self._names.add(name)
        self._context.points.tell(Check(self._context.run_id, name, ask))

    def close(self) -> None:
        """Take all of them back."""
        for name in self._names:
            self._context.points.tell(Check(self._context.run_id, name, None))
        self._names.clear()

    async def _asked(self, function: Function) -> Checked:
        try:
            said: Any = await function()
        except Exception as error:  # noqa: BLE001 - whatever a check raises is its answer
            return Checked(False, self._context.secrets.redact(str(error)))
        if said is False or isinstance(said, str):
            return Checked(False, self._context.secrets.redact(said or ""))
        return Checked(True)
