"""What cannot be interrupted from inside is killed, and the run says which limit it was."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from llmspell_core.limits import Limits
from llmspell_core.runner import Runner

LOOPS = {
    "lua": "while true do end",
    "lua in C": "return string.gsub(string.rep('a', 400000), '.-b', '')",
    "lua sort": "while true do pcall(function() while true do end end) end",
    "js": "for (;;);",
    "js regex": "return /^(a|a)*$/.test('a'.repeat(60) + 'b')",
    "js in C": "Array.prototype.reverse.call({length: 2 ** 52})",
    "js jobs": "const f = () => Promise.resolve().then(f); await f()",
    "breakout": "while True: pass",
    "breakout asleep": "while True: ctypes.CDLL(None).poll(None, 0, 0)",
}
BOMBS = {
    "lua": "local t = {} while true do t[#t + 1] = string.rep('x', 1000) .. #t end",
    "js": "const t = []; for (;;) t.push('x'.repeat(1000) + t.length)",
    "breakout": "kept = []\nwhile True: kept.append(bytearray(10 ** 6))",
}


def engine_of(name: str) -> str:
    return name.split()[0]


@pytest.mark.parametrize("name", LOOPS)
def test_an_endless_spell_ends_at_the_wall_limit(runner: Runner, name: str) -> None:
    result = runner.cast(LOOPS[name], engine=engine_of(name), limits=Limits(wall=0.5))
    assert result.error is not None
    assert (result.error.kind, result.error.data) == ("limit", {"limit": "wall", "allowed": 0.5, "used": ANY})


@pytest.mark.parametrize("name", [name for name in LOOPS if name != "breakout asleep"])
def test_an_endless_spell_ends_at_the_cpu_limit(runner: Runner, name: str) -> None:
    result = runner.cast(LOOPS[name], engine=engine_of(name), limits=Limits(cpu=0.3, wall=20))
    assert result.error is not None
    assert (result.error.kind, result.error.data) == ("limit", {"limit": "cpu", "allowed": 0.3, "used": ANY})


@pytest.mark.parametrize("name", BOMBS)
def test_a_spell_that_takes_all_memory_ends_at_the_memory_limit(runner: Runner, name: str) -> None:
    result = runner.cast(BOMBS[name], engine=name, limits=Limits(memory=64 * 2**20, message=2**20, wall=20))
    assert result.error is not None
    assert result.error.kind == "limit"
    data: Any = result.error.data
    assert data["limit"] == "memory"


@pytest.mark.slow
def test_the_kernel_ends_what_a_parent_does_not_look_at(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmspell_core.isolation.session import WorkerSession

    monkeypatch.setattr(WorkerSession, "_look", lambda self: None)
    result = runner.cast("while True: pass", engine="breakout", limits=Limits(cpu=0.2))
    assert result.error is not None
    assert (result.error.kind, result.error.data) == ("limit", {"limit": "cpu", "allowed": 0.2, "used": ANY})


@pytest.mark.parametrize("name", ["lua in C", "js in C"])
def test_the_next_spell_runs_after_a_kill(runner: Runner, name: str, short: Limits) -> None:
    engine = engine_of(name)
    for _ in range(2):
        assert getattr(runner.cast(LOOPS[name], engine=engine, limits=short).error, "kind", None) == "limit"
        assert runner.cast("return 1", engine=engine).unwrap() == 1
    assert runner.processes.metrics()[engine].crashed == 0
