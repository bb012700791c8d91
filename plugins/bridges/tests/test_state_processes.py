"""Several processes that share a store: nothing is lost, locks exclude, and who dies holds up nobody for long."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SHARED = ("sqlite", "postgresql", "redis")
PROCESSES, TIMES = 3, 20
PROGRAM = """
import asyncio, json, sys
from llmspell_bridges.state.bridge import StateBridge
from llmspell_core.bridge import Context
from llmspell_core.spells import Spell
from llmspell_core.values import Function
import time

settings, what, times = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
state = StateBridge(Context("r", Spell("", "a"), options=settings, clock=time.time))
at = {"scope": "shared"}

def function(called):
    async def invoke(_, args):
        return await called(*args)
    return Function(1, invoke)

async def plus_one(value):
    await asyncio.sleep(0)
    return (value or 0) + 1

async def move(tx):
    a = await tx.get("a", default=0)
    await asyncio.sleep(0)
    await tx.set("a", a - 1)
    await tx.set("b", await tx.get("b", default=0) + 1)

async def counted_under_lock():
    lock = await state.lock("l", timeout=50, ttl=50, **at)
    n = await state.get("n", default=0, **at)
    await asyncio.sleep(0)
    await state.set("n", n + 1, under=lock, **at)
    await lock.release()

async def main():
    if what == "hold":
        lock = await state.lock("l", ttl=1.5, **at)
        print("held", lock.fence(), flush=True)
        await asyncio.sleep(600)
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(times):
        if what == "incr":
            await state.incr("n", **at)
        elif what == "update":
            await state.update("n", function(plus_one), **at)
        elif what == "transaction":
            await state.transaction(function(move), **at)
        elif what == "lock":
            await counted_under_lock()
    await state.close()

asyncio.run(main())
"""


@pytest.fixture(params=SHARED)
def settings(request, kept_stores, tmp_path):
    with kept_stores.settings_of(request.param, tmp_path) as settings:
        yield settings


def begin(settings, what, times=TIMES):
    command = [sys.executable, "-c", PROGRAM, json.dumps(settings), what, str(times)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def all_at_once(settings, what):
    started = [begin(settings, what) for _ in range(PROCESSES)]
    try:
        for each in started:
            assert each.stdout.readline() == "ready\n"
        for each in started:
            each.stdin.write("go\n")
            each.stdin.flush()
        for each in started:
            each.communicate(timeout=110)
        assert [each.returncode for each in started] == [0] * PROCESSES
    finally:
        for each in started:
            each.kill()
            each.wait()
            each.stdout.close()
            each.stdin.close()


@pytest.fixture
def state(settings, context):
    import time
    from dataclasses import replace

    from llmspell_bridges.state.bridge import StateBridge

    return StateBridge(replace(context(**settings), clock=time.time))


@pytest.mark.slow
@pytest.mark.parametrize("what", ["incr", "update", "lock"])
def test_processes_that_count_lose_nothing(settings, state, run, what):
    all_at_once(settings, what)
    assert run(state.get("n", scope="shared")) == PROCESSES * TIMES


@pytest.mark.slow
def test_processes_in_transactions_leave_what_one_would(settings, state, run):
    all_at_once(settings, "transaction")
    moved = PROCESSES * TIMES
    assert run(state.get_many(["a", "b"], scope="shared")) == {"a": -moved, "b": moved}


@pytest.mark.slow
def test_a_holder_that_is_killed_holds_up_others_until_its_time_is_over(settings, state, run):
    holder = begin(settings, "hold")
    try:
        word, fence = holder.stdout.readline().split()
        assert word == "held"

        async def story():
            from llmspell_core.errors import CallError

            with pytest.raises(CallError, match="others held the lock"):
                await state.lock("l", timeout=0, scope="shared")
            holder.kill()
            lock = await state.lock("l", timeout=50, scope="shared")
            assert lock.fence() > int(fence)
            await lock.release()

        run(story())
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
        holder.stdin.close()


@pytest.mark.slow
def test_a_process_that_is_killed_in_its_transactions_leaves_none_half_done(settings, state, run):
    async def both():
        return await state.get_many(["a", "b"], scope="shared")

    for _ in range(3):
        mover = begin(settings, "transaction", 100_000)
        try:
            mover.stdout.readline()
            before = run(both()).get("b", 0)
            mover.stdin.write("go\n")
            mover.stdin.flush()
            while run(both()).get("b", 0) < before + 3:
                pass
        finally:
            mover.kill()
            mover.wait()
            mover.stdout.close()
            mover.stdin.close()
        kept = run(both())
        assert kept["a"] == -kept["b"]
