"""How things are timed: minima over many interleaved runs, ours and the peer's in turn, so that noise hits both."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    what: str
    ours: float
    unit: str
    goal: str
    peer: float | None = None


def best(run: Callable[[], object], rounds: int = 7) -> float:
    """The shortest of several runs, in seconds."""
    return min(_timed(run) for _ in range(rounds))


def pair(ours: Callable[[], object], peer: Callable[[], object], rounds: int = 7) -> tuple[float, float]:
    """The shortest of each, run in turn, in seconds."""
    times = [(_timed(ours), _timed(peer)) for _ in range(rounds)]
    return min(time for time, _ in times), min(time for _, time in times)


def processes(commands: Sequence[Sequence[str]], rounds: int = 15) -> list[tuple[float, float]]:
    """Wall and CPU seconds of whole processes, the least of interleaved runs, bytecode compiled beforehand."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    least = [(float("inf"), float("inf"))] * len(commands)
    for turn in range(rounds + 1):
        for i, command in enumerate(commands):
            wall, cpu = _process(command, environment)
            if turn:
                least[i] = (min(least[i][0], wall), min(least[i][1], cpu))
    return least


def _timed(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _process(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
