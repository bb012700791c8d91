"""Hands out workers of one engine, each used once: some are forked ahead, more when more are asked for."""

from __future__ import annotations

import select
import time
from _thread import allocate_lock  # `threading` would be imported for a spell that has but one
from collections import deque
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from llmspell_core.errors import NoProcess
from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.isolation.cradle import Cradle

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

__all__ = ["Metrics", "Pool", "PoolSize", "Worker"]


@fact
class PoolSize(Fact):
    """How many workers wait, and how long things live.

    :param min_spares: workers forked ahead, once a second spell has come; 0 for none, ever
    :param max_spares: how many that may become when spells come faster than workers
    :param idle: seconds after which a waiting worker ends
    :param forks: workers after which a zygote is replaced by a fresh one
    :param shutdown: seconds that a zygote may take to end
    """

    min_spares: int = 1
    max_spares: int = 8
    idle: float = 60.0
    forks: int = 10_000
    shutdown: float = 2.0


@record
class Metrics(Record):
    """What a pool has done.

    :param taken: workers handed out
    :param ahead: of those, how many had been forked ahead
    :param waiting: workers that wait now
    :param running: workers that run a spell now
    :param idled: workers that waited too long and were ended
    :param crashed: workers that ended by a crash
    :param killed: workers that were ended at a limit, or with their run
    :param refused: casts refused because their spell had crashed too many workers
    :param zygotes: zygotes started
    :param cpu: CPU seconds of the workers that have ended
    :param memory: the most bytes that one of them took beside those it began with
    :param steps: steps that spells made
    :param step_time: seconds that all of them took, the way there and back included
    :param longest_step: seconds that the longest took
    """

    taken: int = 0
    ahead: int = 0
    waiting: int = 0
    running: int = 0
    idled: int = 0
    crashed: int = 0
    killed: int = 0
    refused: int = 0
    zygotes: int = 0
    cpu: float = 0.0
    memory: int = 0
    steps: int = 0
    step_time: float = 0.0
    longest_step: float = 0.0


class Worker:
    """A worker: its socket, its number, and the zygote that knows it."""

    __slots__ = ("ahead", "born", "cradle", "number", "socket")

    def __init__(self, number: int, cradle: Cradle, *, ahead: bool = False, idle: float = 0.0) -> None:
        self.number, self.cradle, self.ahead = number, cradle, ahead
        self.socket: socket.socket = cradle.fork(number, idle)
        self.born = time.monotonic()

    def drop(self) -> None:
        """End a worker that has waited in vain."""
        self.socket.close()
        self.cradle.kill(self.number)


class Pool:
    """The workers of one engine.

    :param engine: ``installed:NAME``, or ``MODULE:CLASS``
    :param without: layers of the lock that are left out, for tests of the others
    """

    def __init__(self, engine: str, size: PoolSize | None = None, *, without: Sequence[str] = ()) -> None:
        self.engine = engine
        self._size, self._without = size or PoolSize(), tuple(without)
        self._cradle: Cradle | None = None
        self._next: Cradle | None = None
        self._retired: list[Cradle] = []
        self._spares: deque[Worker] = deque()
        self._wanted = 0
        self._numbers = count(1)
        self._metrics = Metrics()
        self._taken: set[Worker] = set()
        self._taking = allocate_lock()  # threads may share a runner
        self.closed = False

    def take(self) -> Worker:
        """Return a worker; the pool has another one ready for the next.

        :raises NoProcess: when the machine has none left
        """
        with self._taking:
            return self._take()

    def _take(self) -> Worker:
        self._drop_idle()
        try:
            cradle = self._choose()
            worker = self._spare() or Worker(next(self._numbers), cradle)
        except OSError as error:
            raise NoProcess(error.strerror or str(error)) from error
        if worker.ahead and worker.cradle.has_forked(worker.number):
            self._metrics.ahead += 1
        elif self._metrics.taken:
            # The first spell of all may be the only one: nothing is forked ahead for it.
            self._wanted = min(max(self._size.min_spares, 2 * self._wanted), self._size.max_spares)
        self._taken.add(worker)
        self._metrics.taken += 1
        self._fork_ahead(cradle)
        return worker

    def give_back(self, worker: Worker, *, crashed: bool, killed: bool) -> None:
        """End a worker whose run has ended."""
        worker.cradle.kill(worker.number)
        self._taken.discard(worker)
        self._metrics.crashed += crashed
        self._metrics.killed += killed

    def refuse(self) -> None:
        """Note that a cast was refused."""
        self._metrics.refused += 1

    def stepped(self, seconds: float) -> None:
        """Note that a spell made a step."""
        metrics = self._metrics
        metrics.steps += 1
        metrics.step_time += seconds
        metrics.longest_step = max(metrics.longest_step, seconds)

    def metrics(self) -> Metrics:
        """Return what the pool has done so far."""
        from dataclasses import replace

        known = [cradle for cradle in (self._cradle, self._next, *self._retired) if cradle is not None]
        for cradle in known:
            cradle.hear()
        return replace(
            self._metrics,
            waiting=sum(map(_lives, self._spares)),
            running=len(self._taken),
            cpu=self._metrics.cpu + sum(cradle.used_cpu for cradle in known),
            memory=max([self._metrics.memory, *(cradle.most_memory for cradle in known)]),
        )

    def close(self) -> None:
        """End every worker and zygote. A second call does nothing."""
        self.closed = True
        for spare in self._spares:
            spare.socket.close()
        self._spares.clear()
        cradles = [self._cradle, self._next, *self._retired]
        self._cradle = self._next = None
        self._retired = []
        for cradle in cradles:
            if cradle is not None:
                self._end(cradle)

    def forked(self) -> None:
        """Let go of every worker and zygote without ending it, in a process that was forked from theirs."""
        for worker in (*self._spares, *self._taken):
            worker.socket.close()
        for cradle in (self._cradle, self._next, *self._retired):
            if cradle is not None:
                cradle.forked()

    def _fork_ahead(self, cradle: Cradle) -> None:
        """Have as many workers wait as are wanted; where no more can, those that there are have to do."""
        with suppress(OSError):
            while len(self._spares) < self._wanted:
                self._spares.append(Worker(next(self._numbers), cradle, ahead=True, idle=self._size.idle))

    def _end(self, cradle: Cradle) -> None:
        cradle.close(self._size.shutdown)
        self._metrics.cpu += cradle.used_cpu
        self._metrics.memory = max(self._metrics.memory, cradle.most_memory)

    def _spare(self) -> Worker | None:
        while self._spares:
            worker = self._spares.popleft()
            if _lives(worker):
                return worker
            worker.drop()
        return None

    def _drop_idle(self) -> None:
        oldest = time.monotonic() - self._size.idle
        while self._spares and self._spares[0].born < oldest:
            self._spares.popleft().drop()
            self._metrics.idled += 1
            self._wanted = max(self._size.min_spares, self._wanted - 1)

    def _choose(self) -> Cradle:
        """Return the zygote that is to fork: the present one, or its successor once that is warm."""
        for known in (self._cradle, self._next, *self._retired):
            if known is not None:
                known.hear()
        self._bury()
        if self._cradle is None or self._cradle.gone:
            if self._cradle is not None:
                self._end(self._cradle)
            self._cradle, self._next = self._next or self._start(), None
        if self._cradle.forks >= self._size.forks and self._next is None:
            self._next = self._start()
        elif self._next is not None and self._next.ready:
            self._retired.append(self._cradle)
            self._cradle, self._next = self._next, None
        return self._cradle

    def _bury(self) -> None:
        """End the retired zygotes that have no worker left."""
        waiting = {spare.cradle for spare in self._spares}
        for cradle in [each for each in self._retired if not each.living or each.gone]:
            if cradle not in waiting:
                self._retired.remove(cradle)
                self._end(cradle)

    def _start(self) -> Cradle:
        self._metrics.zygotes += 1
        return Cradle(self.engine, self._without)


def _lives(worker: Worker) -> bool:
    """Tell whether nothing is known of a waiting worker's end."""
    if worker.number not in worker.cradle.living or worker.cradle.gone:
        return False
    poll = select.poll()
    poll.register(worker.socket, 0)
    return not poll.poll(0)
