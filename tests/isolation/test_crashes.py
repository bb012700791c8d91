"""A crash, a kill or a lie is the error of its own run, and no other run notices."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import ANY

import pytest

from llmspell_core.errors import BrokenPlugin, Quarantined, WorkerCrashed
from llmspell_core.isolation.pool import PoolSize
from llmspell_core.limits import Limits
from llmspell_core.runner import Runner

CRASHES = {
    "segfault": ("ctypes.string_at(0)", {"signal": "SIGSEGV"}),
    "abort": ("os.abort()", {"signal": "SIGABRT"}),
    "own signal": ("syscall(234, os.getpid(), os.getpid(), 9)", {"signal": "SIGKILL"}),
    "exit": ("os._exit(7)", {"exit": 7}),
    "quiet exit": ("os._exit(0)", {"exit": 0}),
    "forbidden call": ("os.execv('/bin/true', ['true'])", {"signal": "SIGSYS"}),
}
LIES = {
    "no JSON": "'{'",
    "no list": "'17'",
    "an empty text": "''",
    "an unknown request": "'[[\"steal\", 1]]'",
    "a request without its parts": "'[[\"call\", 1]]'",
    "two ends": '\'[["finish", 1], ["finish", 2]]\'',
    "a request after the end": '\'[["finish", 1], ["call", 1, "probe", "echo", []]]\'',
    "a call with the number of another": '\'[["call", 1, "probe", "echo", []], ["call", 1, "probe", "echo", []]]\'',
    "a call without a number": '\'[["call", "1", "probe", "echo", []]]\'',
    "a true number": '\'[["call", true, "probe", "echo", []]]\'',
    "a target that is a list": '\'[["call", 1, [], "echo", []]]\'',
    "a method that is a map": '\'[["call", 1, "probe", {}, []]]\'',
    "a very long name": "json.dumps([['call', 1, 'probe', 'x' * 5000, []]])",
    "arguments that are a text": '\'[["call", 1, "probe", "echo", "abc"]]\'',
    "an answer to no invocation": "'[[\"return\", 1, 5]]'",
    "an error for no invocation": '\'[["throw", 9, {"kind": "a", "message": "b"}]]\'',
    "something told that is not": '\'[["tell", "probe", "echo", []]]\'',
    "a release of texts": '\'[["release", ["1"]]]\'',
    "an error without a kind": '\'[["fail", {"message": "b"}]]\'',
    "a limit that may have struck": '\'[["fail", {"kind": "limit", "message": "b"}, 1]]\'',
    "a limit that is none": '\'[["fail", {"kind": "limit", "message": "b"}, true]]\'',
    "an error whose line is a text": '\'[["fail", {"kind": "a", "message": "b", "line": "1"}]]\'',
    "an error whose file is a list": '\'[["fail", {"kind": "a", "message": "b", "file": []}]]\'',
    "an integer beyond 64 bits": '\'[["finish", {"$": ["int", "18446744073709551616"]}]]\'',
    "bytes that are none": '\'[["finish", {"$": ["bytes", "%"]}]]\'',
    "an unknown tag": '\'[["finish", {"$": ["pickle", "gASVAA=="]}]]\'',
    "a function without a number": '\'[["finish", {"$": ["function", "1"]}]]\'',
    "a handle whose number is a list": '\'[["finish", {"$": ["handle", [1]]}]]\'',
    "a map with a key that is a number": '\'[["finish", {"$": ["map", [[1, 2]]]}]]\'',
    "a lone surrogate": r"""'[["finish", "\\ud800"]]'""",
    "a value of great depth": "'[[\"finish\", ' + '[' * 200 + ']' * 200 + ']]'",
    "a value of very great depth": "'[[\"finish\", ' + '[' * 100000 + ']' * 100000 + ']]'",
    "causes of great depth": (
        '\'[["fail", \' + \'{"kind":"a","message":"b","cause":\' * 500 + \'{}\' + \'}\' * 500 + \']]\''
    ),
    "an outbox of too many values": "'[[\"finish\", [' + '[],' * 2500000 + '[]]]]'",
    "a wait for nothing": "'[]'",
}
_NOBODY = 2**22
"""No process has this number."""
RAW = {
    "an oversized frame": "os.write(3, b'\\xff\\xff\\xff\\xff' + b'x' * 1000)",
    "a frame that is no text": "os.write(3, b'\\x00\\x00\\x00\\x02\\xff\\xfe')",
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_is_the_error_of_its_run(runner: Runner, name: str) -> None:
    source, data = CRASHES[name]
    error = runner.cast(source, engine="breakout").error
    assert isinstance(error, WorkerCrashed)
    assert (error.kind, error.data) == ("crash", data)
    assert runner.cast("return 1", engine="breakout").unwrap() == 1


@pytest.mark.parametrize("name", LIES)
def test_a_worker_that_lies_is_a_protocol_error_of_its_run(runner: Runner, name: str) -> None:
    source = f"say({LIES[name]})\nwhile True: pass"
    error = runner.cast(source, engine="breakout", limits=Limits(wall=10)).error
    assert error is not None
    assert error.kind == "protocol", error
    assert runner.cast("return 1", engine="breakout").unwrap() == 1


@pytest.mark.parametrize("name", RAW)
def test_a_worker_that_breaks_the_framing_is_a_protocol_error_of_its_run(runner: Runner, name: str) -> None:
    error = runner.cast(f"{RAW[name]}\nwhile True: pass", engine="breakout", limits=Limits(wall=10)).error
    assert error is not None
    assert error.kind == "protocol", error


def test_a_worker_that_never_stops_talking_is_ended(runner: Runner) -> None:
    async def main() -> Any:
        others = [runner.acast("return 1", engine="breakout") for _ in range(3)]
        loud = runner.acast("while True: say('[]')", engine="breakout", limits=Limits(wall=10))
        return await asyncio.gather(loud, *others)

    loud, *others = asyncio.run(main())
    assert loud.error.kind == "protocol"
    assert [other.unwrap() for other in others] == [1, 1, 1]


def test_a_worker_that_says_half_a_frame_ends_at_its_limit(runner: Runner) -> None:
    source = "os.write(3, b'\\x00\\x00\\x10\\x00half')\nwhile True: pass"
    error = runner.cast(source, engine="breakout", limits=Limits(wall=0.4)).error
    assert error is not None
    assert (error.kind, error.data) == ("limit", {"limit": "wall", "allowed": 0.4, "used": ANY})


def test_a_finished_worker_that_goes_on_is_ended(runner: Runner) -> None:
    """The fixture sees that no process is left."""
    assert runner.cast("say('[[\"finish\", 5]]')\nwhile True: pass", engine="breakout").unwrap() == 5


def test_an_engine_that_fails_is_told_with_the_place(runner: Runner) -> None:
    error = runner.cast("return [].x", engine="breakout").error
    assert error is not None
    assert error.kind == "internal"
    assert str(error) == "the engine failed: AttributeError: 'list' object has no attribute 'x' (<string>:2)"


def test_a_session_that_hands_over_what_is_no_script_value_is_a_protocol_error(runner: Runner) -> None:
    error = runner.cast("return {1}", engine="breakout").error
    assert error is not None
    assert error.kind == "protocol"
    assert "the session has handed over what is no script value: " in str(error)


def test_a_spell_that_keeps_crashing_workers_is_refused(runner: Runner) -> None:
    errors = [runner.cast("os.abort()", engine="breakout").error for _ in range(4)]
    assert [type(error) for error in errors] == [WorkerCrashed] * 3 + [Quarantined]
    assert runner.cast("return 1", engine="breakout").unwrap() == 1
    assert runner.processes.metrics()["breakout"].crashed == 3


def test_limits_and_protocol_errors_put_no_spell_in_quarantine(runner: Runner) -> None:
    kinds = [runner.cast("while True: pass", engine="breakout", limits=Limits(wall=0.05)).error for _ in range(5)]
    assert [error and error.kind for error in kinds] == ["limit"] * 5


def _workers(runner: Runner) -> list[int]:
    """The workers that are there, waiting or running."""
    cradle = runner.processes._pools["breakout"]._cradle
    assert cradle is not None
    cradle.hear()
    return sorted(cradle._pids.values()) or [_NOBODY]


def test_workers_killed_at_random_are_errors_of_their_own_runs(runner: Runner) -> None:
    """Under load: each cast ends with its result, or with its own crash."""
    chance = random.Random(7)

    async def kill_some(casts: list[Any]) -> None:
        while not all(cast.done() for cast in casts):
            for pid in chance.sample(_workers(runner), 1):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0)

    async def main() -> list[Any]:
        source = "for _ in range(20000): pass\nreturn inbox.events[0].params['n']"
        casts = [
            asyncio.ensure_future(runner.acast(f"{source} # {n}", engine="breakout", params={"n": n}))
            for n in range(60)
        ]
        while "breakout" not in runner.processes._pools:  # noqa: ASYNC110 - the casts are about to start
            await asyncio.sleep(0)
        await kill_some(casts)
        return [cast.result() for cast in casts]

    results = asyncio.run(main())
    for n, result in enumerate(results):
        assert result.value == n or isinstance(result.error, WorkerCrashed), result
    # A waiting worker that was killed a moment ago may still be handed out, once.
    after = [runner.cast("return 1", engine="breakout").value for _ in range(20)]
    assert after[-10:] == [1] * 10


def test_a_killed_zygote_is_replaced(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(size=PoolSize(min_spares=0))
    assert runner.cast("return 1", engine="breakout").unwrap() == 1
    cradle = runner.processes._pools["breakout"]._cradle
    assert cradle is not None
    os.kill(cradle._pid, signal.SIGKILL)
    error = runner.cast("return 2", engine="breakout").error
    assert error is None or isinstance(error, WorkerCrashed)
    assert runner.cast("return 3", engine="breakout").unwrap() == 3


def test_the_runs_of_a_killed_zygote_end_with_it(runner: Runner) -> None:
    async def main() -> Any:
        cast = asyncio.ensure_future(runner.acast("say('[]')\nwhile True: pass", engine="breakout"))
        return await cast

    assert asyncio.run(main()).error.kind == "protocol"

    async def killed() -> Any:
        cast = asyncio.ensure_future(runner.acast("while True: pass", engine="breakout"))
        await asyncio.sleep(0)
        cradle = runner.processes._pools["breakout"]._cradle
        assert cradle is not None
        os.kill(cradle._pid, signal.SIGKILL)
        return await cast

    error = asyncio.run(killed()).error
    assert isinstance(error, WorkerCrashed)
    assert error.data is None


def test_an_engine_that_does_not_load_is_named_with_its_cause(breakout: type[Any]) -> None:
    missing = type("Missing", (breakout,), {"__module__": breakout.__module__})
    unloaded = pytest.raises(
        BrokenPlugin, match=r"the engine 'breakout:Missing' is broken.*Missing.*isolation='inline'"
    )
    with Runner(isolation="process", engines={"breakout": missing}, bridges={}) as runner, unloaded:
        runner.cast("return 1", engine="breakout")


def test_threads_that_share_a_runner_are_told_how_their_workers_ended(runner: Runner) -> None:
    def crash(number: int) -> Any:
        return asyncio.run(runner.acast(f"os.abort() #{number}", engine="breakout")).error

    with ThreadPoolExecutor(8) as threads:
        assert [error.data for error in threads.map(crash, range(80))] == [{"signal": "SIGABRT"}] * 80
