"""Whatever is killed, stopped, refused or slow: every cast ends with its own result or its own clear error."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llmspell_core.errors import LimitExceeded, NoProcess, ProtocolError, WorkerCrashed
from llmspell_core.isolation.pool import PoolSize
from llmspell_core.limits import Limits
from llmspell_core.runner import Runner

AT_ONCE = 100
LIMITS = Limits(wall=20.0)
BUSY = "for _ in range(20000): pass\nreturn inbox.events[0].params['n']"


def cradles(runner: Runner) -> list[Any]:
    pool = runner.processes._pools.get("breakout")
    known = [] if pool is None else [pool._cradle, pool._next, *pool._retired]
    return [cradle for cradle in known if cradle is not None and not cradle.gone]


def workers(runner: Runner) -> list[int]:
    found: list[int] = []
    for cradle in cradles(runner):
        cradle.hear()
        found += cradle._pids.values()
    return sorted(found)


def send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


async def cast_all(runner: Runner, limits: Limits = LIMITS) -> list[asyncio.Task[Any]]:
    """Start a hundred casts, each with a number to give back; each a spell of its own, so that none is quarantined."""
    casts = [
        asyncio.ensure_future(runner.acast(f"{BUSY} # {n}", engine="breakout", params={"n": n}, limits=limits))
        for n in range(AT_ONCE)
    ]
    while not cradles(runner):  # noqa: ASYNC110 - the casts are about to start
        await asyncio.sleep(0)
    return casts


async def while_they_run(casts: list[asyncio.Task[Any]], fault: Callable[[], None]) -> None:
    while not all(cast.done() for cast in casts):
        fault()
        await asyncio.sleep(0)


def check(casts: list[asyncio.Task[Any]], *kinds: type[Exception]) -> int:
    """Each has its own result, or an error of these kinds; return how many have a result."""
    results = [cast.result() for cast in casts]
    for number, result in enumerate(results):
        assert result.value == number if result.ok else isinstance(result.error, kinds), (number, result)
    return sum(result.ok for result in results)


def all_is_well_again(runner: Runner) -> None:
    """One cast may still be given what was killed a moment ago; after it a hundred are fine."""

    async def main() -> int:
        await runner.acast("return 1", engine="breakout")
        return check(await wait(await cast_all(runner)))

    assert asyncio.run(main()) == AT_ONCE
    assert runner.processes.metrics()["breakout"].running == 0


async def wait(casts: list[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    await asyncio.wait(casts)
    return casts


@contextlib.contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """Leave this process so many free descriptors."""
    limits = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = set(map(int, os.listdir("/proc/self/fd")))
    free = [number for number in range(soft) if number not in taken]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[count], hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


class Chance:
    """Sends a signal to workers of a runner, at random."""

    def __init__(self, runner: Runner, number: signal.Signals, most: int = 10**6) -> None:
        self._runner, self._number, self._most = runner, number, most
        self._random = random.Random(int(number))
        self.hit: set[int] = set()

    def __call__(self) -> None:
        known = [pid for pid in workers(self._runner) if pid not in self.hit]
        if known and len(self.hit) < self._most:
            pid = self._random.choice(known)
            self.hit.add(pid)
            send(pid, self._number)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_workers_killed_under_load_cost_their_own_runs_only(runner: Runner, number: signal.Signals) -> None:
    chance = Chance(runner, number)

    async def main() -> None:
        casts = await cast_all(runner)
        await while_they_run(casts, chance)
        check(casts, WorkerCrashed)

    asyncio.run(main())
    assert chance.hit
    all_is_well_again(runner)


@pytest.mark.slow
def test_stopped_workers_are_ended_at_the_deadline(runner: Runner) -> None:
    chance = Chance(runner, signal.SIGSTOP, most=8)

    async def main() -> None:
        casts = await cast_all(runner, Limits(wall=6.0))
        await while_they_run(casts, chance)
        assert check(casts, LimitExceeded) >= AT_ONCE - len(chance.hit)

    asyncio.run(main())
    assert len(chance.hit) == 8
    # Those that waited when they were stopped look alive: each costs one more run its time.
    while any(runner.cast("return 1", engine="breakout", limits=Limits(wall=0.5)).error for _ in range(10)):
        pass
    all_is_well_again(runner)


@pytest.mark.slow
def test_a_zygote_killed_under_load_takes_its_own_runs_along_and_is_replaced(runner: Runner) -> None:
    async def main() -> None:
        for _ in range(3):
            casts = await cast_all(runner)
            await asyncio.wait(casts, return_when=asyncio.FIRST_COMPLETED)
            for cradle in cradles(runner):
                send(cradle._pid, signal.SIGKILL)
            check(await wait(casts), WorkerCrashed)

    asyncio.run(main())
    all_is_well_again(runner)


@pytest.mark.slow
def test_casts_that_get_no_descriptor_say_so(runner: Runner) -> None:
    """The host has a few descriptors left: as many casts run, the others are refused."""
    assert runner.cast("return 1", engine="breakout").unwrap() == 1

    async def main() -> int:
        with descriptors_left(20):
            return check(await wait(await cast_all(runner)), NoProcess)

    assert 0 < asyncio.run(main()) < AT_ONCE
    all_is_well_again(runner)


def test_a_first_cast_that_gets_no_descriptor_says_so(runner: Runner) -> None:
    with descriptors_left(0):
        error = runner.cast("return 1", engine="breakout").error
    assert isinstance(error, NoProcess)
    assert "ulimit -n" in str(error)
    assert runner.cast("return 1", engine="breakout").unwrap() == 1


@pytest.fixture
def refused(breakout: type[Any]) -> Iterator[Runner]:
    """A runner whose zygote is refused every other fork."""
    from faulty import FaultyEngine  # type: ignore[import-not-found]  # on the path by `breakout`

    with Runner(isolation="process", engines={"breakout": FaultyEngine}, bridges={}) as made:
        yield made


def test_a_fork_that_the_machine_refuses_is_the_error_of_its_run(refused: Runner) -> None:
    async def main() -> int:
        return check(await wait(await cast_all(refused)), NoProcess)

    assert 0 < asyncio.run(main()) < AT_ONCE
    metrics = refused.processes.metrics()["breakout"]
    assert (metrics.running, metrics.crashed, metrics.zygotes) == (0, 0, 1)


@pytest.mark.slow
def test_nothing_outlives_a_killed_host() -> None:
    """It has a run that computes, one that sleeps, and spares; then it is gone from one moment to the next."""
    with contextlib.ExitStack() as kept:
        host = kept.enter_context(subprocess.Popen([sys.executable, "-c", HOST], stdout=subprocess.PIPE, text=True))
        kept.callback(host.kill)
        assert host.stdout is not None
        watched = []
        for word in host.stdout.readline().split():
            with contextlib.suppress(ProcessLookupError):  # that of a cast which had ended was about to go
                watched.append(os.pidfd_open(int(word)))
                kept.callback(os.close, watched[-1])
        assert len(watched) >= 3
        host.kill()
        host.wait()
        for fd in watched:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            assert poll.poll(20_000), "a process outlived its host"


HOST = """
import asyncio
from pathlib import Path
from llmspell_core.runner import Runner

def children(pid):
    return [each for task in Path(f'/proc/{pid}/task').glob('*/children') for each in task.read_text().split()]

async def main():
    async with Runner(isolation='process', bridges={}) as runner:
        heard = asyncio.Event()
        await runner.acast('return 1', engine='lua')
        await runner.acast('return 1', engine='lua')
        casts = [
            asyncio.ensure_future(
                runner.acast('sleep(0) while true do end', engine='lua', record=lambda *_: heard.set())),
            asyncio.ensure_future(runner.acast('sleep(100)', engine='lua')),
        ]
        await heard.wait()
        zygotes = children('self')
        print(*zygotes, *(pid for zygote in zygotes for pid in children(zygote)), flush=True)
        await asyncio.wait(casts)

asyncio.run(main())
"""

SLOW = {
    "byte by byte": (
        "body = b'[[\"finish\",5]]'\nfor byte in len(body).to_bytes(4, 'big') + body: os.write(3, bytes([byte]))\n"
        "while True: pass",
        5,
    ),
    "and never ends": ("while True: os.write(3, b'\\x00\\x00\\x10\\x00'[:1])\nwhile True: pass", ProtocolError),
    "half a frame a turn": ("os.write(3, b'\\x00\\x00\\xff\\xff')\nwhile True: os.write(3, b' ')", ProtocolError),
    "a wait, then a flood": ('say(\'[["call",1,"probe","hang",[]]]\')\nwhile True: say(\'[]\')', LimitExceeded),
    "its end closed": ("os.close(3)\nwhile True: pass", WorkerCrashed),
    "a signal without a name": ("syscall(234, os.getpid(), os.getpid(), 40)", WorkerCrashed),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_worker_that_speaks_oddly_ends_with_its_own_result_or_error(runner: Runner, name: str) -> None:
    source, wanted = SLOW[name]
    result = runner.cast(source, engine="breakout", limits=Limits(wall=3.0, message=2**16))
    assert result.value == wanted if isinstance(wanted, int) else isinstance(result.error, wanted), result
    assert runner.cast("return 1", engine="breakout").unwrap() == 1


@pytest.mark.slow
def test_a_pool_forgets_the_workers_that_waited_in_vain(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=4, max_spares=4, idle=0.0))
    for _ in range(20):
        assert runner.cast("return 1", engine="breakout").unwrap() == 1
    (cradle,) = cradles(runner)
    while len(cradle.living) > 4:
        select.select([cradle._control], [], [])
        cradle.hear()
    assert len(cradle._asked) <= 4
    assert cradle._exits == {}


MESSAGE = 2**20
LARGEST = f"""
import asyncio, json, re
from pathlib import Path
from llmspell_core import Limits, Runner

def most():
    # Not ru_maxrss, which a process inherits from the one that started it.
    return 1024 * int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])

SPELLS = {{
    "maps": ("lua", "local t = {{}} for i = 1, 110000 do t[i] = {{a = i % 10}} end return t", 110000),
    "lists": ("js", "return Array.from({{length: 340000}}, () => [])", 340000),
    "text": ("lua", "return ('x'):rep({MESSAGE} - 100)", {MESSAGE} - 100),
    "letters": ("js", "return 'é'.repeat({MESSAGE} / 2 - 100)", {MESSAGE} // 2 - 100),
    "too much": ("lua", "return ('x'):rep({MESSAGE} + 1)", None),
    "far too much": ("js", "return 'x'.repeat(20 * {MESSAGE})", None),
    "all there is": ("js", "const t = []; for (;;) t.push('x'.repeat(1000) + t.length)", None),
}}

async def main():
    limits = Limits(message={MESSAGE}, memory=64 * {MESSAGE}, wall=120)
    async with Runner() as runner:
        for engine in ("lua", "js"):
            await runner.acast("return 1", engine=engine)
        before = most()
        names = [name for name in SPELLS for _ in range(8)]
        casts = [runner.acast(SPELLS[name][1], engine=SPELLS[name][0], limits=limits) for name in names]
        results = await asyncio.gather(*casts)
        wrong = [
            name for name, result in zip(names, results)
            if (result.error.data["limit"] not in ("message", "memory") if SPELLS[name][2] is None
                else result.value is None or len(result.value) != SPELLS[name][2])
        ]
        running = [metrics.running for metrics in runner.metrics().values()]
        print(json.dumps({{"wrong": wrong, "grown": most() - before, "running": running}}))

asyncio.run(main())
"""


@pytest.mark.slow
def test_the_largest_answers_of_many_runs_at_once_take_no_more_of_the_parent_than_their_limits_say() -> None:
    found = subprocess.run([sys.executable, "-c", LARGEST], capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    assert (told["wrong"], told["running"]) == ([], [0, 0])
    # Eight runs each hold 110,000 maps, which take twenty times their text; the others take far less.
    assert 8 * 16 * MESSAGE < told["grown"] < 56 * 14 * MESSAGE
