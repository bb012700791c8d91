"""What a worker looks after while it works: the jobs of the dead, those that were cancelled, and its own strays."""

from __future__ import annotations

import asyncio
import random
from itertools import count
from typing import TYPE_CHECKING, Any

from llmspell_core.database import DatabaseError
from llmspell_core.queue import takeover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_core.queue.heartbeats import Heartbeats, Pulse

__all__ = ["CROWD", "Watch"]

CROWD = 4
"""So many workers look for the dead, and into their queue, as often as one; more of them share these looks."""
_CHECK = 0.5
"""Seconds between two looks."""
_ROUND = 10
"""Every so many looks it counts the worker's own jobs."""


class Watch:
    """Looks twice a second.

    :param id: the worker's
    :param at_work: the tasks of the jobs that the worker has, by their ids
    :param told: called with what happens
    """

    def __init__(
        self,
        id: str,
        queue: str,
        heartbeats: Heartbeats,
        pulse: Pulse,
        at_work: Mapping[str, asyncio.Task[Any]],
        told: Callable[[str], object],
    ) -> None:
        self._id, self._queue, self._heartbeats, self._pulse = id, queue, heartbeats, pulse
        self._at_work, self._told = at_work, told
        self.living = 1
        """How many workers the queue has."""
        self._suspects: set[str] = set()

    async def run(self) -> None:
        """Look until cancelled."""
        from sqlalchemy.exc import SQLAlchemyError

        for look in count(1):
            await asyncio.sleep(_CHECK * random.uniform(0.8, 1.2))
            try:
                await self._heed_cancelled()
                if look % _ROUND == 0:
                    await self._return_strays()
                if self._pulse.is_steady and random.random() * self.living < CROWD:
                    await self._look_after_the_dead()
            except (DatabaseError, SQLAlchemyError) as error:
                self._told(f"the database cannot be asked: {error}")

    async def _look_after_the_dead(self) -> None:
        for worker in await asyncio.to_thread(self._heartbeats.bury):
            self._told(f"worker {worker} is dead")
        left = await asyncio.to_thread(takeover.ownerless, self._heartbeats.database)
        jobs = await asyncio.to_thread(takeover.take_over, left) if left else []
        if jobs:
            self._told(f"back in the queue, as {', '.join(left)} has died: {', '.join(jobs)}")
        self.living = max(1, await asyncio.to_thread(self._heartbeats.living, self._queue))

    async def _return_strays(self) -> None:
        """Put back what is the worker's and has not been at work for a whole round.

        The database may have gone just when a job was handed over, so that the worker has never heard of it; or when
        it was to be told that it had ended.
        """
        database = self._heartbeats.database
        idle = await asyncio.to_thread(takeover.held, database, self._id) - set(self._at_work)
        strays, self._suspects = idle & self._suspects, idle
        for job in strays:
            if await asyncio.to_thread(takeover.return_one, database, self._id, job):
                self._told(f"job {job} goes back into the queue: it was left lying")

    async def _heed_cancelled(self) -> None:
        ids = list(self._at_work)
        for job in await asyncio.to_thread(_cancelled, ids) if ids else ():
            task = self._at_work.get(job)
            if task is not None:
                self._told(f"job {job} was cancelled")
                task.cancel()


def _cancelled(ids: list[str]) -> list[str]:
    from dbos import DBOS

    found = DBOS.list_workflows(workflow_ids=ids, status="CANCELLED", load_input=False, load_output=False)
    return [each.workflow_id for each in found]
