"""What the tests of journals share: a bridge whose effects are counted outside, and runs cut off at any entry."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, Context, Handle, expose
from llmspell_core.errors import ProviderError
from llmspell_core.journal import Journal
from llmspell_core.runner import Result, Runner
from llmspell_core.spells import Spell
from llmspell_core.values import Function, ScriptValue

World = Counter[str]


class Desk(Handle):
    """Does work in its own memory, and asks the world once for each."""

    def __init__(self, context: Context, world: World, name: str) -> None:
        self.context, self.world, self.name = context, world, name
        self.done: list[str] = []

    async def _reach(self, what: str) -> str:
        self.world[what] += 1
        self.context.purse.reserve().settle(10, 5, 0.25)
        await asyncio.sleep(0)
        return what.upper()

    @expose(redo=True)
    async def work(self, what: str) -> str:
        """Do a piece of work."""
        made = await self.context.once(f"work {what}", lambda: self._reach(f"{self.name}:{what}"))
        self.done.append(made)
        return made

    @expose(redo=True)
    async def work_all(self, whats: list[str], f: Function) -> list[Any]:
        """Do several at once, each looked at by a function."""

        async def one(what: str) -> Any:
            return await f(await self.work(what), self)

        return list(await asyncio.gather(*map(one, whats)))

    @expose(redo=True)
    async def try_hard(self, what: str) -> str:
        """Fail in a way that is kept."""

        async def fail() -> str:
            self.world[f"fail:{what}"] += 1
            raise ProviderError(f"no {what} today")

        try:
            return await self.context.once("fail", fail)
        except ProviderError as error:
            self.done.append(str(error))
            return f"sorry: {error}"

    @expose(redo=True)
    async def check(self, what: str, f: Function, times: int) -> list[Any]:
        """Have a function of the spell look at a piece of work each time before it is done, and at the end."""

        async def looked() -> str:
            return await self._reach(f"{what}:{await f(what)}")

        made = [await self.context.once(f"check {what}", looked) for _ in range(times)]
        return [*made, await f(what)]

    @expose(redo=True)
    async def errand(self, sources: list[str], engine: str) -> list[Any]:
        """Cast spells, the first of them once for all."""

        async def sent() -> Any:
            return (await self.context.cast(sources[0], engine=engine)).unwrap()

        first = await self.context.once("errand", sent)
        return [first, *[(await self.context.cast(each, engine=engine)).unwrap() for each in sources[1:]]]

    @expose(redo=True)
    async def hurry(self, f: Function, times: int) -> list[Any]:
        """Call a function several times, and stop it the second time when it takes too long."""
        made: list[Any] = []
        for n in range(1, times + 1):
            seconds = self.context.options["seconds"] if n == 2 else 3600.0
            try:
                async with self.context.deadline("hurry", seconds):
                    made.append(await f(n))
            except TimeoutError:
                made.append("late")
        self.done += made
        return made

    @expose
    def count(self) -> int:
        """Return how much was done."""
        return len(self.done)


class OfficeBridge(Bridge):
    """Have effects on the world."""

    name = "office"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.world: World = context.options["world"]
        self._marks: list[str] = []

    @expose
    async def effect(self, name: str, *, after: float = 0.0) -> int:
        """Have an effect, and return how often it was had."""
        await asyncio.sleep(after)
        self.world[name] += 1
        self.context.purse.reserve().settle(100, 50, 1.0)
        return self.world[name]

    @expose
    def desk(self, name: str) -> Desk:
        """Return a desk."""
        return Desk(self.context, self.world, name)

    @expose
    async def lent(self, name: str) -> Desk:
        """Return a desk, when there is one."""
        await asyncio.sleep(0)
        return Desk(self.context, self.world, name)

    @expose
    async def hired(self, name: str, f: Function) -> Desk:
        """Return a desk, once a function has agreed."""
        await f(name)
        return Desk(self.context, self.world, name)

    @expose(redo=lambda arguments: arguments["scope"] == "run")
    def mark(self, text: str, *, scope: str = "run") -> None:
        """Keep a text in memory, or in the world."""
        if scope == "run":
            self._marks.append(text)
        else:
            self.world[f"mark:{text}"] += 1

    @expose
    def marks(self) -> list[str]:
        """Return what is kept in memory."""
        return list(self._marks)

    @expose
    def same(self, value: ScriptValue) -> ScriptValue:
        """Return what it is given."""
        return value

    @expose
    async def ask(self, f: Function, n: int) -> Any:
        """Call a function of the spell, and add to what it says."""
        return await f(n) + 1000

    @expose
    async def refuse(self, why: str) -> None:
        """Raise an error."""
        await asyncio.sleep(0)
        self.world[f"refuse:{why}"] += 1
        raise ProviderError(why)

    @expose
    async def child(self, source: str, *, engine: str) -> Any:
        """Cast a spell."""
        result = await self.context.cast(source, engine=engine)
        return result.unwrap()


class Office:
    """A journal, and runners on it as if each were a process of its own."""

    def __init__(self, url: str) -> None:
        self.journal = Journal(url)
        self.world: World = Counter()
        self.bridges: dict[str, type[Bridge]] = {"office": OfficeBridge}
        self.seconds = 0.02
        """Of what is done in a hurry."""

    def runner(self, **options: Any) -> Runner:
        """Return a runner that remembers nothing."""
        given = {
            "isolation": "inline",
            "options": {"office": {"world": self.world, "seconds": self.seconds}},
            **options,
        }
        return Runner(bridges=self.bridges, journal=self.journal, **given)

    def cast(self, source: str, engine: str, run_id: str = "run", **options: Any) -> Result:
        with self.runner() as runner:
            return runner.cast(Spell.text(source), engine=engine, run_id=run_id, seed=7, **options)

    def resume(self, run_id: str = "run", **options: Any) -> Result:
        with self.runner() as runner:
            return runner.resume(run_id, **options)

    def killed(self, whole: Office, keep: int) -> None:
        """Have the run of another office here as if its process had been killed after so many entries."""
        run, entries = whole.journal.run("run"), whole.journal.entries("run")
        run.status, run.value, run.error, run.output, run.usage = "running", None, None, "", None
        run.owner = f"{socket.gethostname()}/999999999/1"
        self.journal.add(run, entries[:keep])
        for child in whole.journal.runs(parent="run"):
            self.journal.add(child, whole.journal.entries(child.id))
        self.world.update(whole.world)

    async def until(self, what: str) -> None:
        """Come back when an effect was had."""
        while not self.world[what]:  # noqa: ASYNC110 - nothing in the world tells of it
            await asyncio.sleep(0.001)

    def close(self) -> None:
        self.journal.close()


@pytest.fixture
def bridge() -> type[Bridge]:
    return OfficeBridge


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(f"sqlite:///{tmp_path}/runs.db")
    yield made
    made.close()


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Callable[[], Office]]:
    made: list[Office] = []

    def make() -> Office:
        made.append(Office(f"sqlite:///{tmp_path}/{len(made)}.db"))
        return made[-1]

    yield make
    for each in made:
        each.close()
