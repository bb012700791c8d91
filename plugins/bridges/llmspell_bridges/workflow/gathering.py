"""Work that goes on at the same time, no more of it at once than it may, stopped when one part says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

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
    came, places, turns = Came(len(works)), asyncio.Semaphore(most), asyncio.Lock()

    async def one(part: int, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            await _place(course, places)
            try:
                came.outcomes[part] = _Part(await work())
            finally:
                places.release()
        except FATAL as error:
            came.broke.append(error)
            raise _Enough from None
        except Exception as error:  # noqa: BLE001 - it is told in the part's place, or raised in the end
            came.outcomes[part] = _Part(error=error)
            if go_on:
                return
            came.broke.append(error)
            raise _Enough from None
        finally:
            course.control.ended()
        came.ended.append(part)
        if race:
            async with turns:
                if came.first < 0:
                    came.first = await course.home.once(f"{key} first", lambda: _itself(part))
            if came.first in came.ended:
                raise _Enough

    try:
        with course.control.split(len(works)):
            async with asyncio.TaskGroup() as group:
                for part, work in enumerate(works):
                    group.create_task(one(part, work))
    except* _Enough:
        pass
    failures = [each.error for each in came.outcomes if each is not None and each.error is not None]
    if came.broke or (failures and not came.ended):
        raise (came.broke or failures)[0]
    return came


def in_place(part: _Part | None, where: str) -> Any:
    """Return the value of a part; of one that failed ``{ok = false, error}``."""
    assert part is not None
    if part.error is None:
        return part.value
    error = error_of(part.error, where)
    return {"ok": False, "error": {"kind": error.kind, "message": error.message, "data": error.data}}


async def _place(course: Course, places: asyncio.Semaphore) -> None:
    if places.locked():
        with course.control.waiting():
            await places.acquire()
    else:
        await places.acquire()


async def _itself(part: int) -> int:
    return part
