"""Workers are used once; some are forked ahead, more under load, fewer when idle, and all end with the pool."""

from __future__ import annotations

import asyncio
import gc
import select
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.errors import NotLocked, UsageError
from llmspell_core.isolation.pool import PoolSize
from llmspell_core.runner import Runner, cast

ONE = "return 1"


def pids(runner: Runner, count: int) -> list[int]:
    return [runner.cast("return os.getpid()", engine="breakout").unwrap() for _ in range(count)]


def test_every_run_has_a_process_of_its_own(runner: Runner) -> None:
    assert len(set(pids(runner, 8))) == 8


def test_what_a_run_leaves_behind_is_seen_by_none(runner: Runner) -> None:
    leave = "sys.kept = 1\nreturn 1"
    look = "return getattr(sys, 'kept', 0)"
    seen = [runner.cast(source, engine="breakout").unwrap() for source in (leave, look) * 5]
    assert seen == [1, 0] * 5


def test_the_first_spell_forks_nothing_ahead(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=3))
    pids(runner, 1)
    assert runner.processes.metrics()["breakout"].waiting == 0
    pids(runner, 1)
    assert runner.processes.metrics()["breakout"].waiting == 3


def test_spares_grow_with_demand_and_not_beyond_the_most(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=1, max_spares=4))

    async def burst() -> None:
        await asyncio.gather(*(runner.acast(ONE, engine="breakout") for _ in range(20)))

    asyncio.run(burst())
    metrics = runner.processes.metrics()["breakout"]
    assert metrics.taken == 20
    assert 1 < metrics.waiting <= 4


def test_a_spare_that_waited_too_long_is_not_used(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=2, idle=0.0))
    pids(runner, 4)
    metrics = runner.processes.metrics()["breakout"]
    assert metrics.ahead == 0
    assert metrics.idled > 0


def test_waiting_workers_end_by_themselves_when_nothing_comes(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=3, idle=0.2))
    pids(runner, 2)
    pool = runner.processes._pools["breakout"]
    assert pool._cradle is not None
    for spare in pool._spares:
        spare.socket.setblocking(True)
        spare.socket.settimeout(60)
        while spare.socket.recv(65536):
            pass  # which layers hold; then the end
    assert [pool._cradle.exit_of(spare.number).status for spare in pool._spares] == [0, 0, 0]  # type: ignore[union-attr]
    assert runner.processes.metrics()["breakout"].waiting == 0
    pids(runner, 1)
    metrics = runner.processes.metrics()["breakout"]
    assert (metrics.idled, metrics.ahead, metrics.crashed) == (3, 0, 0)


def test_a_worker_that_has_begun_waits_for_its_calls_however_long() -> None:
    with Runner(bridges={}, pool=PoolSize(min_spares=1, idle=0.3)) as runner:
        for _ in range(3):
            assert [runner.cast(source, engine="lua").value for source in ("return 1", "sleep(0.5) return 2")] == [1, 2]
        assert runner.metrics()["lua"].ahead > 0


def test_a_zygote_is_replaced_after_its_forks(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=0, forks=3))
    found = pids(runner, 1)
    while runner.processes.metrics()["breakout"].zygotes < 3:
        found += pids(runner, 1)
    assert len(set(found)) == len(found)
    pool = runner.processes._pools["breakout"]
    assert len(pool._retired) <= 1


def test_metrics_count_what_ended_how(runner: Runner) -> None:
    runner.cast(ONE, engine="breakout")
    runner.cast("os.abort()", engine="breakout")
    metrics = runner.processes.metrics()["breakout"]
    assert (metrics.taken, metrics.crashed, metrics.killed, metrics.running) == (2, 1, 0, 0)


def test_metrics_tell_how_workers_fared(runner: Runner) -> None:
    runner.cast("kept = bytearray(30_000_000)\nfor _ in range(10**6): pass\nreturn 1", engine="breakout")
    for _ in range(4):
        runner.cast("os.abort()", engine="breakout")
    cradle = runner.processes._pools["breakout"]._cradle
    assert cradle is not None
    cradle.exit_of(1)
    metrics = runner.metrics()["breakout"]
    assert (metrics.steps, metrics.crashed, metrics.refused) == (1, 3, 1)
    assert metrics.memory > 25_000_000
    assert metrics.cpu > 0
    assert 0 < metrics.longest_step <= metrics.step_time


def test_shutting_down_lets_spells_end_and_begins_none(runner: Runner) -> None:
    async def main() -> Any:
        source = "for _ in range(10**6): pass\nreturn 5"
        cast = asyncio.ensure_future(runner.acast(source, engine="breakout"))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(runner.shut_down(60))
        await asyncio.sleep(0)
        with pytest.raises(UsageError, match="this runner is closed"):
            await runner.acast(ONE, engine="breakout")
        await closing
        return await cast

    assert asyncio.run(main()).value == 5


def test_shutting_down_waits_no_longer_than_it_is_told(runner: Runner) -> None:
    async def main() -> Any:
        cast = asyncio.ensure_future(runner.acast("while True: pass", engine="breakout"))
        await asyncio.sleep(0)
        await runner.shut_down(0.05)
        return await cast

    assert asyncio.run(main()).error.kind == "cancelled"
    assert runner.metrics()["breakout"].crashed == 0


def test_threads_that_cast_their_first_spells_at_once_share_one_zygote(breakout: type[Any]) -> None:
    for _ in range(5):
        at_once = threading.Barrier(8)
        with Runner(engines={"breakout": breakout}, bridges={}) as runner, ThreadPoolExecutor(8) as threads:

            def cast(number: int, runner: Runner = runner, at_once: threading.Barrier = at_once) -> Any:
                at_once.wait()
                return runner.cast(f"return {number}", engine="breakout").value

            assert list(threads.map(cast, range(8))) == list(range(8))
            metrics = runner.metrics()["breakout"]
            assert (metrics.taken, metrics.zygotes) == (8, 1)


def test_what_a_pool_has_done_is_told_when_it_is_closed(runner: Runner) -> None:
    assert runner.cast(ONE, engine="breakout").ok
    runner.close()
    metrics = runner.metrics()["breakout"]
    assert (metrics.taken, metrics.running, metrics.waiting) == (1, 0, 0)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_runner_that_is_dropped_without_being_closed_leaves_no_zombie(breakout: type[Any]) -> None:
    """The fixture sees that no process is left."""
    runner = Runner(engines={"breakout": breakout}, bridges={})
    assert all(runner.cast(ONE, engine="breakout").ok for _ in range(3))
    del runner
    gc.collect()


def test_too_many_open_files_are_told_with_their_cure(runner: Runner) -> None:
    import resource

    assert runner.cast(ONE, engine="breakout").ok
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        error = runner.cast(ONE, engine="breakout").error
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert error is not None
    assert "ulimit -n" in str(error)
    assert runner.cast(ONE, engine="breakout").ok


@pytest.mark.slow
def test_five_hundred_workers_wait_in_three_megabytes_each() -> None:
    with Runner(bridges={}, pool=PoolSize(min_spares=500, max_spares=500, idle=600)) as runner:
        assert [runner.cast("return 1", engine="lua").value for _ in range(2)] == [1, 1]
        pool = runner.processes._pools["lua"]
        assert pool._cradle is not None
        spares = list(pool._spares)
        for spare in spares:
            spare.socket.setblocking(True)
            spare.socket.settimeout(60)
            assert spare.socket.recv(1)  # it is locked, and waits
        while not all(pool._cradle.has_forked(spare.number) for spare in spares):
            select.select([pool._cradle._control], [], [], 60)
            pool._cradle.hear()
        sizes = [memory_of(pool._cradle._pids[spare.number]) for spare in spares]
        assert len(sizes) == 500
        assert sum(sizes) / len(sizes) < 3 * 2**20


def memory_of(pid: int) -> int:
    """The bytes that a process has in memory, its part of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no Pss")


def test_closing_ends_running_workers_and_twice_is_fine(runner: Runner) -> None:
    """The fixture sees that no process is left."""

    async def main() -> Any:
        cast = asyncio.ensure_future(runner.acast("while True: pass", engine="breakout"))
        await asyncio.sleep(0)
        runner.close()
        return await cast

    assert asyncio.run(main()).error.kind == "cancelled"
    runner.close()


def test_elsewhere_than_on_linux_the_caller_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmspell_core.isolation.cradle.sys.platform", "darwin")
    with Runner() as runner, pytest.raises(NotLocked, match=r"darwin.*isolation='inline'"):
        runner.cast(ONE, engine="lua")


def test_an_isolation_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="'inline' or 'process' or 'strict', not 'jail'"):
        Runner(isolation="jail")  # type: ignore[arg-type]


def test_one_cast_can_have_a_process_of_its_own() -> None:
    result = cast("return 6 * 7", engine="lua")
    assert (result.unwrap(), result.isolation.mode) == (42, "process")
