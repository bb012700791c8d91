"""Many casts through the pools, some of them hostile: nothing leaks, nothing is lost, nothing is left.

python -m tests.fuzzing.soak --casts 50000
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmspell_core.limits import Limits
from llmspell_core.runner import Result, Runner
from tests.fuzzing.border import Probe

AT_ONCE = 12
HOSTILE = 0.05
WALL = 0.3
LIMITS = Limits(wall=10.0, cpu=WALL, memory=48 * 2**20, message=2**20, output=2**18, calls=1000)
_PARTS = 40
"""How often memory is looked at."""
_GROWTH = 4 * 2**20
"""Bytes by which the last quarter may lie above the second: 50,000 casts that leak 100 bytes each are seen."""

GOOD = {
    "lua": (
        "return params.n * 2",
        "return probe.echo(params.n) * 2",
        "return probe.each(function(x) return probe.echo(x) * 2 end, {params.n})[1]",
        "local c = probe.counter() c:incr(params.n) return c:incr(params.n)",
        "print('spell', params.n) local t = {} for i = 1, 200 do t[i] = params.n end return t[100] + t[200]",
    ),
    "js": (
        "return params.n * 2",
        "return await probe.echo(params.n) * 2",
        "return (await probe.each(async x => await probe.echo(x) * 2, [params.n]))[0]",
        "const c = await probe.counter(); await c.incr(params.n); return await c.incr(params.n)",
        "console.log('spell', params.n); return [1, 2].map(() => params.n).reduce((a, b) => a + b)",
    ),
}
BAD: dict[str, tuple[tuple[str, str], ...]] = {
    "lua": (
        ("limit", "while true do end"),
        ("limit", "return string.find(string.rep('a', 5000), string.rep('a-', 30) .. 'b')"),
        ("limit", "local t = {} while true do t[#t + 1] = string.rep('x', 1000) .. #t end"),
        ("limit", "while true do print(string.rep('x', 1000)) end"),
        ("limit", "while true do probe.echo(1) end"),
        ("limit", "while true do pcall(function() while true do end end) end"),
        ("runtime", "error('no')"),
        ("syntax", "return ="),
        ("conversion", "return {1, a = 2}"),
        ("limit", "local function f() return 1 + f() end return f()"),
    ),
    "js": (
        ("limit", "for (;;);"),
        ("limit", "Array.prototype.reverse.call({length: 2 ** 52})"),
        ("limit", "const t = []; for (;;) t.push('x'.repeat(1000) + t.length)"),
        ("limit", "for (;;) console.log('x'.repeat(1000))"),
        ("limit", "for (;;) await probe.echo(1)"),
        ("limit", "const f = () => Promise.resolve().then(f); await f()"),
        ("runtime", "throw new Error('no')"),
        ("syntax", "const = 2"),
        ("conversion", "const a = []; a.push(a); return a"),
        ("limit", "const f = () => 1 + f(); return f()"),
    ),
}


@dataclass
class Report:
    """What a soak came to."""

    casts: int = 0
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    """Bytes of the parent and of the zygotes, looked at in equal distances."""
    zygotes: int = 0

    def quarters(self, which: int) -> list[float]:
        """Return the mean memory of each quarter of the soak, of the parent (0) or of its zygotes (1)."""
        found = [row[which] for row in self.memory]
        size = max(1, len(found) // 4)
        return [sum(part) / len(part) for part in (found[at : at + size] for at in range(0, 4 * size, size)) if part]

    def faults(self) -> list[str]:
        """Return what is wrong, if anything."""
        leaks = [
            f"{name} grew by {grown / 2**20:.1f} MB"
            for which, name in enumerate(("the parent", "the zygotes"))
            if (quarters := self.quarters(which)) and (grown := quarters[-1] - quarters[1]) > _GROWTH
        ]
        return self.wrong + leaks


async def soak(casts: int, chance: int = 1) -> Report:
    """Cast so many spells, some at once, and report."""
    report, dice = Report(), random.Random(chance)
    before = left()
    began = time.monotonic()
    async with Runner(isolation="process", bridges={"probe": Probe}, limits=LIMITS) as runner:
        for part in range(_PARTS):
            todo = iter(range(casts * part // _PARTS, casts * (part + 1) // _PARTS))
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(_casts(runner, todo, dice, report))
            report.memory.append(memory())
        report.zygotes = sum(metrics.zygotes for metrics in runner.processes.metrics().values())
    report.seconds = time.monotonic() - began
    if (after := left()) != before:
        report.wrong.append(f"processes and descriptors before {before}, after {after}")
    return report


async def _casts(runner: Runner, todo: Any, dice: random.Random, report: Report) -> None:
    for number in todo:
        engine = dice.choice(("lua", "js"))
        if dice.random() < HOSTILE:
            wanted, source = dice.choice(BAD[engine])
            # Its number makes each a spell of its own: one that crashes may not be refused the next time.
            result = await runner.acast(f"{source}{_NOTE[engine]} {number}", engine=engine)
            came = result.error.kind if result.error else "ok"
        else:
            wanted, source = "ok", dice.choice(GOOD[engine])
            result = await runner.acast(source, engine=engine, params={"n": number})
            came = "ok" if result.ok and result.value == 2 * number else _told(result)
        report.casts += 1
        report.ends[came] += 1
        if came not in wanted.split():
            report.wrong.append(f"cast {number}: {source!r} in {engine} came to {came}, not {wanted}: {_told(result)}")


_NOTE = {"lua": " --", "js": " //"}


def _told(result: Result) -> str:
    return f"{result.error.kind}: {result.error}" if result.error else f"the value {result.value!r}"


def memory() -> tuple[int, int]:
    """Return the bytes of memory of this process, and of its zygotes."""
    return resident(os.getpid()), sum(map(resident, children(os.getpid())))


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has, shared or not."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    try:
        return [int(each) for task in Path(f"/proc/{pid}/task").glob("*/children") for each in task.read_text().split()]
    except OSError:
        return []


def left() -> tuple[int, int]:
    """Return how many children and descriptors there are."""
    return len(children(os.getpid())), len(os.listdir("/proc/self/fd"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing.soak", description=__doc__)
    parser.add_argument("--casts", type=int, default=50_000)
    parser.add_argument("--chance", type=int, default=1)
    asked = parser.parse_args()
    report = asyncio.run(soak(asked.casts, asked.chance))
    print(f"{report.casts:,} casts in {report.seconds:.0f} s, {report.casts / report.seconds:.0f} a second")
    print(f"ends: {dict(report.ends.most_common())}; zygotes started: {report.zygotes}")
    for which, name in enumerate(("parent", "zygotes")):
        quarters = [f"{size / 2**20:.1f}" for size in report.quarters(which)]
        print(f"{name}: {report.memory[0][which] / 2**20:.1f} MB at first, by quarters {', '.join(quarters)} MB")
    faults = report.faults()
    print("\n".join(faults[:20]) if faults else "no leak, no lost run, no process and no descriptor left")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
