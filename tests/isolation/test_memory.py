"""Whatever runs out of memory in a worker ends as that limit: the VM, what is around it, or the VM by a crash."""

from __future__ import annotations

from typing import Any

import pytest

from llmspell_core.errors import LlmspellError
from llmspell_core.limits import Limits
from llmspell_core.runner import Runner

MEMORY = 64 * 2**20
LUA = {
    "tables": "local t = {} while true do t[#t + 1] = {} end",
    "texts": "local t = {} while true do t[#t + 1] = string.rep('x', 1000) .. #t end",
    "in a coroutine": "coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end)()",
    "as an error is shown": (
        "error(setmetatable({}, {__tostring = function() local t = {} while true do t[#t + 1] = {} end end}))"
    ),
    "in its answer": "return string.rep('ab', 50000000)",
}
JS = {
    "objects": "const t = []; for (;;) t.push({})",
    "texts": "const t = []; for (;;) t.push('x'.repeat(1000) + t.length)",
    "fields": "const o = {}; for (let i = 0; ; i++) o['p' + i] = i",
    "tasks": "await Promise.all(Array.from({ length: 1e7 }, async () => { await null }))",
    "in a task": "const f = async () => { const t = []; for (;;) t.push({}) }; await f()",
    "in its answer": "return 'ab'.repeat(50000000)",
}
SPELLS = {"lua": LUA, "lua55": LUA, "luajit": LUA, "js": JS}


def failed(runner: Runner, source: str, engine: str, limits: Limits) -> LlmspellError:
    error = runner.cast(source, engine=engine, limits=limits).error
    assert error is not None
    return error


def limit_of(error: LlmspellError) -> Any:
    assert error.kind == "limit", error
    data: Any = error.data
    return data["limit"]


@pytest.mark.parametrize("engine", SPELLS)
@pytest.mark.parametrize("memory", [700_001, 3_333_333, 20 * 2**20])
def test_a_spell_without_memory_ends_at_the_limit(runner: Runner, engine: str, memory: int) -> None:
    limits = Limits(memory=memory, wall=20)
    ends = {name: limit_of(failed(runner, source, engine, limits)) for name, source in SPELLS[engine].items()}
    assert ends == dict.fromkeys(ends, "memory")


def test_a_vm_that_crashes_for_want_of_memory_is_at_its_limit_and_has_crashed(runner: Runner) -> None:
    source = f"kept = bytearray({MEMORY} * 3 // 4)\nctypes.string_at(0)"
    assert limit_of(failed(runner, source, "breakout", Limits(memory=MEMORY))) == "memory"
    assert runner.processes.metrics()["breakout"].crashed == 1


def test_a_vm_that_crashes_with_all_of_little_memory_is_at_its_limit(runner: Runner) -> None:
    assert limit_of(failed(runner, "ctypes.string_at(0)", "breakout", Limits(memory=700_000))) == "memory"


def test_a_vm_that_crashes_with_little_memory_has_crashed(runner: Runner) -> None:
    assert failed(runner, "ctypes.string_at(0)", "breakout", Limits(memory=MEMORY)).kind == "crash"


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_an_answer_that_no_message_holds_ends_at_that_limit(runner: Runner, engine: str) -> None:
    source = (
        f"return {'string.rep(' if engine == 'lua' else ''}'x'{', 70000)' if engine == 'lua' else '.repeat(70000)'}"
    )
    assert limit_of(failed(runner, source, engine, Limits(message=2**16))) == "message"
    assert limit_of(failed(runner, source.replace("70000", "700000"), engine, Limits(message=2**16))) == "message"
