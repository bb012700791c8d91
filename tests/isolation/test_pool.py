"""Workers are used once; some are forked ahead, more under load, fewer when idle, and all end with the pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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


def test_closing_ends_running_workers_and_twice_is_fine(runner: Runner) -> None:
    """The fixture sees that no process is left."""

    async def main() -> Any:
        cast = asyncio.ensure_future(runner.acast("while True: pass", engine="breakout"))
        await asyncio.sleep(0)
        runner.close()
        return await cast

    assert asyncio.run(main()).error.kind == "crash"
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
