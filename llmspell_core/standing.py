"""A hook that stands around actions: what it may do with them, and what becomes of its own faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_core.errors import BudgetSpent, Cancelled, Denied, LimitExceeded
from llmspell_core.present import in_call

if TYPE_CHECKING:
    from llmspell_core.actions import Action

__all__ = ["Around", "HookFailed", "Reached", "Rest", "Standing"]

Rest: TypeAlias = Callable[[], Awaitable[Any]]
"""Does what a hook stands around, and returns what comes of it; each call does it once more."""
Around: TypeAlias = Callable[["Action", Rest], Awaitable[Any]]
"""Is awaited in the place of an action; what it returns is the result, and ``Denied`` refuses."""

_FINAL = (BudgetSpent, Cancelled, Denied, LimitExceeded)


class HookFailed(Exception):
    """A hook failed by itself, whatever became of the action."""


class Standing:
    """A hook and where it stands.

    :param where: a point, or a point and the names that it is for: ``tool:web_*``
    :param priority: the higher, the further out
    :param label: what is said of it besides
    """

    id: int
    """Its number among those of its run, once it stands."""
    reaches: bool = False
    """Whether it stands in the runs that its own one casts, too."""
    answers: bool = False
    """Whether it answers all that comes to it, so that nothing is needed to do that otherwise."""

    def __init__(self, where: str, around: Around, priority: float = 0, label: str = "") -> None:
        self.where, self.priority, self.label = where, priority, label
        self._around = around
        self.calls = self.failures = 0
        self.last_error: str | None = None

    @property
    def is_free(self) -> bool:
        """False for what the hook itself does: it does not stand there."""
        return self not in _busy.get()

    async def run(self, action: Action, rest: Rest) -> Any:
        """Return what the hook makes of an action; if it fails by itself, what the action comes to without it."""
        passage = _Passage(rest)
        self.calls += 1
        busy = _busy.set(passage.outside | {self})
        try:
            return await self._around(action, passage.proceed)
        except _FINAL:
            raise
        except Exception as fault:
            # Around what has failed, its error is what it makes of the failure.
            if passage.is_underway or (passage.error is not None and not isinstance(fault, HookFailed)):
                raise
            self._report(fault, action)
            if passage.error is not None:
                raise passage.error from None
            return passage.result if passage.begun else await passage.proceed()
        finally:
            _busy.reset(busy)

    def _report(self, fault: Exception, action: Action) -> None:
        import logging

        self.failures += 1
        self.last_error = str(fault) if isinstance(fault, HookFailed) else f"{type(fault).__name__}: {fault}"
        where = f"{action.point} {action.name}"
        logging.getLogger("llmspell").error("a hook failed at %s and is passed over: %s", where, self.last_error)


class Reached(Standing):
    """A hook as it stands in a run below its own: there it is the doing of the call that has cast that run."""

    reaches = True

    def __init__(self, above: Standing, call: int) -> None:
        super().__init__(above.where, above._around, above.priority, above.label)
        self._above, self._call = above, call

    @property
    def is_free(self) -> bool:
        """As the hook itself."""
        return self._above.is_free

    async def run(self, action: Action, rest: Rest) -> Any:
        """Return what the hook makes of an action."""
        below = in_call.get()

        async def proceed() -> Any:
            above = in_call.set(below)
            try:
                return await rest()
            finally:
                in_call.reset(above)

        mine = in_call.set(self._call)
        try:
            return await self._above.run(action, proceed)
        finally:
            in_call.reset(mine)


class _Passage:
    """The way through what a hook stands around, and how far it was gone."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self.outside = _busy.get()
        self.begun = self.is_underway = False
        self.result: Any = None
        self.error: Exception | None = None

    async def proceed(self) -> Any:
        """Do what the hook stands around; that is not the hook's own doing."""
        self.begun = self.is_underway = True
        busy = _busy.set(self.outside)
        try:
            self.result, self.error = await self._rest(), None
        except Exception as error:
            self.error = error
            raise
        finally:
            self.is_underway = False
            _busy.reset(busy)
        return self.result


_busy: ContextVar[frozenset[Standing]] = ContextVar("llmspell_hooks", default=frozenset())
"""The hooks that what runs now is the doing of."""
