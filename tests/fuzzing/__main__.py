"""Fuzz one target, or all in turn, for so many seconds: ``python -m tests.fuzzing [TARGET] [--seconds S] [--replay FILE]``."""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.fuzzing import guided, mutated, shaped
from tests.fuzzing.target import Target
from tests.fuzzing.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all"], nargs="?", default="all")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--chance", type=int, default=None, help="begin as that time; by default every time differs")
    parser.add_argument("--replay", type=Path, help="try this one input and do nothing else")
    asked = parser.parse_args()
    chosen = list(TARGETS.values()) if asked.target == "all" else [TARGETS[asked.target]]
    if asked.replay is not None:
        for target in chosen:
            target.try_on(asked.replay.read_bytes())
        return 0
    chance = random.randrange(2**31) if asked.chance is None else asked.chance
    return max(fuzz(target, asked.seconds / len(chosen), chance) for target in chosen)


def fuzz(target: Target, seconds: float, chance: int) -> int:
    """Fuzz a target in every way there is, one after the other; return 1 when something was found."""
    ways: list[Any] = [shaped, guided] if guided.is_there() else [shaped]
    if isinstance(target, mutated.VmTarget):
        ways = [mutated]
    for way in ways:
        began = time.monotonic()
        tried, find = way.run(target, seconds / len(ways), chance)
        name = way.__name__.rpartition(".")[2]
        print(f"{target.name:10} {name:8} {tried:10,} inputs in {time.monotonic() - began:6.1f} s", flush=True)
        if find is not None:
            path = target.keep(find)
            print(
                f"\nFOUND, kept as {path}\n  again: python -m tests.fuzzing {target.name} --replay {path}\n"
                "  fix it, and leave the file: the everyday tests try it from now on; or delete it, if it shows nothing",
                file=sys.stderr,
            )
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
