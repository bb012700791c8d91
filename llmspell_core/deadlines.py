"""Time limits of what is made again when a run goes on: they strike where they have struck before, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType
    from typing import Self

__all__ = ["Deadline", "Mark"]


class Mark(Protocol):
    """What the journal of a run has of one deadline."""

    is_past: bool
    """True for one that is set again while the run is rebuilt."""

    async def has_struck(self) -> bool:
        """Wait until the run is where it had struck, and return true; false in the present, where it had not."""
        ...

    async def strikes(self) -> None:
        """Write down that it strikes, unless it had."""
        ...


class Deadline:
    """Stops what runs inside after so many seconds, as ``asyncio.timeout`` does.

    While a run is rebuilt no time passes: it strikes after all that it had struck after. What had not been stopped by
    then has all of its time again from the present on.

    :param mark: of it in the journal; None where the run has none
    """

    def __init__(self, seconds: float | None, mark: Mark | None = None) -> None:
        self._seconds, self._mark = seconds, mark
        self._timer: asyncio.Timeout
        self._watch: asyncio.Task[None] | None = None

    def expired(self) -> bool:
        """Tell whether it has struck."""
        return self._timer.expired()

    async def __aenter__(self) -> Self:
        import asyncio

        mark = self._mark
        again = mark is not None and mark.is_past
        self._timer = asyncio.timeout(None if again else self._seconds)
        await self._timer.__aenter__()
        if mark is not None and again:
            self._watch = asyncio.get_running_loop().create_task(self._set(mark))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
        try:
            await self._timer.__aexit__(kind, error, trace)
        except TimeoutError:
            if self._mark is not None:
                await self._mark.strikes()
            raise

    async def _set(self, mark: Mark) -> None:
        import asyncio

        left = 0.0 if await mark.has_struck() else self._seconds
        if left is not None:
            self._timer.reschedule(asyncio.get_running_loop().time() + left)
