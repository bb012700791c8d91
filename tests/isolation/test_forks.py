"""A runner in a process that is forked from its own begins anew, and disturbs the other one in nothing."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Any

from llmspell_core.isolation.pool import PoolSize
from llmspell_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def in_a_fork(f: Callable[[], Any]) -> Any:
    """What a function returns in a process that is forked from this one."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            os.write(writer, pickle.dumps(f()))
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return pickle.loads(said)


def who(runner: Runner) -> tuple[int, int]:
    """The process of a spell, and its zygote."""
    worker = runner.cast("return os.getpid()", engine="breakout").unwrap()
    cradle = runner.processes._pools["breakout"]._cradle
    assert cradle is not None
    return worker, cradle._pid


def test_two_processes_share_neither_workers_nor_zygotes(runner: Runner) -> None:
    ours = [who(runner) for _ in range(3)]

    def theirs() -> Any:
        try:
            return [who(runner) for _ in range(3)]
        finally:
            runner.close()

    others = in_a_fork(theirs)
    ours += [who(runner) for _ in range(3)]
    assert len({worker for worker, _ in ours + others}) == 9
    assert len({zygote for _, zygote in ours}) == 1
    assert not {zygote for _, zygote in ours} & {zygote for _, zygote in others}


def test_a_runner_that_a_forked_process_closes_goes_on_in_the_other(runner: Runner) -> None:
    before = who(runner)[1]
    in_a_fork(runner.close)
    assert who(runner)[1] == before


def test_a_forked_process_holds_nothing_open_of_the_workers(breakout: type[Any]) -> None:
    with Runner(engines={"breakout": breakout}, bridges={}, pool=PoolSize(min_spares=2)) as runner:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            assert runner.cast("return 1", engine="breakout").ok
        assert in_a_fork(lambda: len(os.listdir("/proc/self/fd"))) <= before + 1  # the pipe of this very test
        assert len(os.listdir("/proc/self/fd")) > before


def test_a_closed_runner_stays_closed_in_a_forked_process(runner: Runner) -> None:
    def kind() -> str:
        try:
            runner.cast("return 1", engine="breakout")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            return type(error).__name__
        return "none"

    runner.close()
    assert in_a_fork(kind) == "UsageError"


def test_runs_of_both_processes_are_written_down(breakout: type[Any], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/runs.db"
    with Runner(engines={"breakout": breakout}, bridges={}, journal=url) as runner:

        def cast() -> list[str]:
            return [runner.cast("return 1", engine="breakout").run_id for _ in range(3)]

        ids = cast()
        connection = runner.journal
        assert in_a_fork(lambda: runner.journal is not connection)
        ids += in_a_fork(cast) + cast()
        assert runner.journal is connection
        assert [connection.run(each).status for each in ids if connection] == ["ok"] * 9
