"""What a process for each cast costs: a warm cast from end to end, casts at once, a call through the pipe, memory."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from benchmarks.calls import LOOP, ProbeBridge
from benchmarks.timing import Figure
from llmspell_core.isolation.pool import Pool, PoolSize
from llmspell_core.runner import Runner

CASTS, CALLS, AT_ONCE, WAITING = 300, 4_000, 4, 50
TRIVIAL = "return 1"


def figures() -> Iterator[Figure]:
    for engine in ("lua", "js"):
        yield Figure(f"{engine}: warm cast in a process, p50", warm_cast(engine) * 1e3, "ms", "under 3 ms")
        yield Figure(
            f"{engine}: casts a second, {AT_ONCE} at once", asyncio.run(per_second(engine)), "/s", "over 400 /s"
        )
        with one_core():
            piped, inline = asyncio.run(per_call(engine, "process")), asyncio.run(per_call(engine, "inline"))
        yield Figure(f"{engine}: call through the pipe, one core, p50", piped, "us", "under 120 us", inline)
        yield Figure(f"{engine}: memory of a waiting worker", waiting(engine) / 2**20, "MB", "under 3 MB")


def warm_cast(engine: str) -> float:
    """The median of seconds from :meth:`Runner.cast` to its result, one after another."""
    with Runner(isolation="process", bridges={}) as runner:
        times = []
        for _ in range(CASTS):
            began = time.perf_counter()
            runner.cast(TRIVIAL, engine=engine).unwrap()
            times.append(time.perf_counter() - began)
    return statistics.median(times)


async def per_second(engine: str) -> float:
    """Casts a second of a few that cast one after another, the best of three rounds."""
    async with Runner(isolation="process", bridges={}) as runner:

        async def many() -> None:
            for _ in range(CASTS // AT_ONCE):
                (await runner.acast(TRIVIAL, engine=engine)).unwrap()

        return max([CASTS / await _seconds(many) for _ in range(4)])


async def per_call(engine: str, isolation: str) -> float:
    """Microseconds of the median call of a spell that calls one after another."""
    async with Runner(isolation=isolation, bridges={"probe": ProbeBridge}) as runner:  # type: ignore[arg-type]
        stamps: list[float] = []

        def record(*_: object) -> None:
            stamps.append(time.perf_counter())

        for _ in range(3):
            await runner.acast(LOOP[engine], engine=engine, params={"n": CALLS}, record=record)
    return statistics.median(after - before for before, after in pairwise(stamps)) * 1e6


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and its workers on one core: some virtual machines take 100 us to wake another one."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def waiting(engine: str) -> float:
    """Bytes of a locked worker that waits for its spell: its own, and its share of what it has in common."""
    # What is not dumpable hides its figures too.
    pool = Pool(f"installed:{engine}", PoolSize(min_spares=0), without=("not_dumpable",))
    workers = [pool.take() for _ in range(WAITING)]
    try:
        for worker in workers:
            worker.socket.setblocking(True)
            worker.socket.recv(1)
        return statistics.mean(_share(pid) for pid in _grandchildren())
    finally:
        for worker in workers:
            worker.socket.close()
        pool.close()


def _grandchildren() -> list[int]:
    return [pid for child in _children("self") for pid in _children(child)]


def _children(process: int | str) -> list[int]:
    return [int(pid) for task in Path(f"/proc/{process}/task").glob("*/children") for pid in task.read_text().split()]


def _share(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


async def _seconds(cast: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await asyncio.gather(*[cast() for _ in range(AT_ONCE)])
    return time.perf_counter() - began
