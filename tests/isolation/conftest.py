"""Runners whose spells run in processes, and a count of what they leave behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, Context, Handle, expose
from llmspell_core.isolation.pool import PoolSize
from llmspell_core.isolation.processes import Processes
from llmspell_core.limits import Limits
from llmspell_core.runner import Runner
from llmspell_core.values import Function

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]


class Counter(Handle):
    """Counts."""

    def __init__(self) -> None:
        self.count = 0

    @expose
    def incr(self, by: int = 1) -> int:
        """Return the count after adding."""
        self.count += by
        return self.count


class ProbeBridge(Bridge):
    """Looks at what a spell does."""

    name = "probe"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.seen: list[Any] = context.shared.get("seen", list)

    @expose
    async def echo(self, x: Any = None) -> Any:
        """Return the argument."""
        self.seen.append(x)
        return x

    @expose
    async def each(self, f: Function, items: list[Any]) -> list[Any]:
        """Return what the function makes of each item."""
        return [await f(item) for item in items]

    @expose
    async def fail(self) -> None:
        """Raise an error that is not llmspell's."""
        raise KeyError("no such thing")

    @expose
    def counter(self) -> Counter:
        """Return a new counter."""
        return Counter()

    @expose
    async def hang(self) -> None:
        """Wait until cancelled."""
        import asyncio

        self.seen.append("waiting")
        await asyncio.Event().wait()


def kin() -> set[int]:
    """This process's children and theirs."""
    found: set[int] = set()
    todo = [os.getpid()]
    while todo:
        for task in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            children = {int(pid) for pid in task.read_text().split()}
            found |= children
            todo += children
    return found


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No test leaves a process, a zombie or a descriptor behind."""
    before = kin(), len(descriptors())
    yield
    # What an earlier test left waiting, or dropped, may have gone meanwhile.
    assert kin() <= before[0]
    assert len(descriptors()) <= before[1]


@pytest.fixture
def breakout(monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    """The engine of spells that have taken over their VM."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "engines"))
    from breakout import BreakoutEngine  # type: ignore[import-not-found]  # on the path since the line above

    return BreakoutEngine  # type: ignore[no-any-return]


@pytest.fixture
def runner(breakout: type[Any]) -> Iterator[Runner]:
    with Runner(isolation="process", engines={"breakout": breakout}, bridges={"probe": ProbeBridge}) as made:
        yield made


@pytest.fixture
def locked_by(breakout: type[Any]) -> Iterator[Callable[..., Runner]]:
    """A runner whose workers leave out some layers of the lock."""
    made: list[Runner] = []

    def build(size: PoolSize | None = None, **lock: Any) -> Runner:
        class Unlocked(Runner):
            processes = Processes({"breakout": breakout}, size, **lock)

        made.append(Unlocked(isolation="process", engines={"breakout": breakout}, bridges={}))
        return made[-1]

    yield build
    for each in made:
        each.processes.close()


@pytest.fixture
def seen(runner: Runner) -> list[Any]:
    """What the probe noted."""
    return runner.shared.get("seen", list)


@pytest.fixture
def short() -> Limits:
    return Limits(wall=0.6, memory=64 * 2**20)
