"""Work that goes on at the same time, no more of it at once than it may, stopped when one part says so."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

from llmspell_bridges.workflow.outcomes import FATAL, error_of
from llmspell_core.facts import Record, record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llmspell_bridges.workflow.course import Course

__all__ = ["Came", "at_once", "in_place"]


class _Enough(Exception):
    """The other parts are not wanted any more."""


@record
class _Part(Record):
    """What came of one part: its value, or why it failed."""

    value: Any = None
    error: Exception | None = None


class Came:
    """What came of all parts.

    :param outcomes: in the order of the parts; None for one that was stopped
    :param ended: the parts in the order in which they ended well
    """

    def __init__(self, parts: int) -> None:
        self.outcomes: list[_Part | None] = [None] * parts
        self.ended: list[int] = []
        self.broke: list[Exception] = []
        self.first = -1

    def value(self, part: int) -> Any:
        """Return the value of a part."""
        found = self.outcomes[part]
        assert found is not None
        return found.value

    async def last(self) -> int:
        """Return the part that has ended last, and well."""
        return self.ended[-1]


async def at_once(
    course: Course, works: Sequence[Callable[[], Awaitable[Any]]], key: str, *, most: int, go_on: bool, race: bool
) -> Came:
    """Return what comes of all parts.

    :param key: of the step that they are parts of
    :param go_on: one that fails does not stop the others; when all do, the first failure is raised
    :param race: the first that ends well stops the others
    """
    came = Came(len(works))
    parts = _Parts(course, came, most, go_on=go_on, race=f"{key} first" if race else None)
    try:
        with course.control.split(len(works)):
            async with asyncio.TaskGroup() as group:
                for part, work in enumerate(works):
                    group.create_task(parts.one(part, work))
    except* _Enough:
        pass
    failures = [each.error for each in came.outcomes if each is not None and each.error is not None]
    if came.broke or (failures and not came.ended):
        raise (came.broke or failures)[0]
    return came


class _Parts:
    """Does parts, and notes what comes of them.

    :param race: what the choice of the one that came first is called in the journal; None where there is none
    """

    def __init__(self, course: Course, came: Came, most: int, *, go_on: bool, race: str | None) -> None:
        self._course, self._came, self._go_on, self._race = course, came, go_on, race
        self._places, self._turns = asyncio.Semaphore(most), asyncio.Lock()

    async def one(self, part: int, work: Callable[[], Awaitable[Any]]) -> None:
        """Do one; :raises _Enough: when the others are not wanted any more."""
        try:
            self._came.outcomes[part] = _Part(await self._placed(work))
        except FATAL as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - it is told in the part's place, or raised in the end
            self._came.outcomes[part] = _Part(error=error)
            if not self._go_on:
                self._end(error)
            return
        finally:
            self._course.control.ended()
        self._came.ended.append(part)
        if self._race is not None:
            await self._choose(part, self._race)

    async def _placed(self, work: Callable[[], Awaitable[Any]]) -> Any:
        with self._course.control.waiting() if self._places.locked() else nullcontext():
            await self._places.acquire()
        try:
            return await work()
        finally:
            self._places.release()

    async def _choose(self, part: int, race: str) -> None:
        """Have the part be the first, unless another one is or was before the run was interrupted."""
        came = self._came
        async with self._turns:
            if came.first < 0:
                came.first = await self._course.home.once(race, lambda: _itself(part))
        if came.first in came.ended:
            raise _Enough

    def _end(self, error: Exception) -> NoReturn:
        self._came.broke.append(error)
        raise _Enough from None


def in_place(part: _Part | None, where: str) -> Any:
    """Return the value of a part; of one that failed ``{ok = false, error}``."""
    assert part is not None
    if part.error is None:
        return part.value
    error = error_of(part.error, where)
    return {"ok": False, "error": {"kind": error.kind, "message": error.message, "data": error.data}}


async def _itself(part: int) -> int:
    return part
