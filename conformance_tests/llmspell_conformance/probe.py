"""The bridge that the suite mounts, and nothing else is: it answers, remembers, waits and fails as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmspell_conformance.handles import Builder, Counter, Range
from llmspell_conformance.rich import Bounds, Box, Color, Person, samples
from llmspell_core.bridge import Bridge, Context, expose
from llmspell_core.errors import LlmspellError
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_conformance.witness import Witness

__all__ = ["ProbeBridge", "ProbeFailed"]


class ProbeFailed(LlmspellError):
    """The probe fails because it was told to."""

    def __init__(self, kind: str, message: str, data: object = None) -> None:
        self.kind, self.data = kind, data  # type: ignore[assignment]  # whatever the spell gave
        super().__init__(message)


class ProbeBridge(Bridge):
    """Do what conformance spells ask for."""

    name = "probe"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._witness: Witness = context.options["witness"]
        self._seen = self._witness.seen
        self._kept: object = None
        self._meetings: dict[int, tuple[list[object], asyncio.Event]] = {}
        self._turns: dict[int, asyncio.Event] = {}
        self._turn = 1
        self._tasks: list[asyncio.Task[object]] = []

    @expose
    async def echo(self, x: object = None) -> object:
        """Return the argument."""
        with self._seen("echo", x):
            return x

    @expose
    async def echo_all(self, *args: object) -> list[object]:
        """Return all arguments in a list."""
        with self._seen("echo_all", *args):
            return list(args)

    @expose
    def collect(self, x: object = None) -> None:
        """Remember the argument."""
        with self._seen("collect", x):
            return

    @expose
    async def options(self, a: object, *, b: int = 1, long_name: object = None) -> dict[str, object]:
        """Return the argument and the options."""
        with self._seen("options", a, {"b": b, "long_name": long_name}):
            return {"a": a, "b": b, "long_name": long_name}

    @expose
    async def bounds(self, *, limits: Bounds) -> dict[str, object]:
        """Return an option that is a record."""
        with self._seen("bounds", limits):
            return dict(limits)

    @expose
    async def typed(self, n: int, s: str, flag: bool = False) -> list[object]:
        """Return the arguments in a list."""
        with self._seen("typed", n, s, flag):
            return [n, s, flag]

    @expose
    def base64_name(self) -> str:
        """Return a word, from a method with a digit in its name."""
        with self._seen("base64_name"):
            return "base64"

    @expose
    def get_http_name(self) -> str:
        """Return a word, from a method of three words."""
        with self._seen("get_http_name"):
            return "http"

    @expose
    def name_v2(self) -> str:
        """Return a word, from a method that ends in a digit."""
        with self._seen("name_v2"):
            return "v2"

    @expose
    def power_of_two(self, bits: int) -> int:
        """Return 2 to the given power."""
        with self._seen("power_of_two", bits):
            return int(2**bits)

    @expose
    def nest(self, depth: int) -> object:
        """Return lists in lists, so many levels deep."""
        with self._seen("nest", depth):
            value: list[object] = []
            for _ in range(depth - 1):
                value = [value]
            return value

    @expose
    async def fail(self, kind: str, message: str, data: object = None) -> None:
        """Raise an error of that kind."""
        with self._seen("fail", kind, message, data):
            raise ProbeFailed(kind, message, data)

    @expose
    async def fail_because(self, depth: int) -> None:
        """Raise an error with so many causes."""
        with self._seen("fail_because", depth):
            raise _chain(0, depth)

    @expose
    async def crash(self) -> None:
        """Fail by a mistake of the host's own."""
        with self._seen("crash"):
            raise RuntimeError("the probe is broken")

    @expose
    async def never(self) -> None:
        """Wait for ever."""
        with self._seen("never"):
            await asyncio.Event().wait()

    @expose
    async def meet(self, count: int, x: object = None) -> object:
        """Return the argument when so many calls wait here at once."""
        with self._seen("meet", count, x):
            arrived, open_ = self._meetings.setdefault(count, ([], asyncio.Event()))
            arrived.append(x)
            if len(arrived) == count:
                del self._meetings[count]
                open_.set()
            await open_.wait()
            return x

    @expose
    async def later(self, x: object, turn: int) -> object:
        """Return the argument after the calls with every lower turn, which count from 1, have returned."""
        with self._seen("later", x, turn):
            if turn > self._turn:
                await self._turns.setdefault(turn, asyncio.Event()).wait()
            self._turn += 1
            self._turns.setdefault(self._turn, asyncio.Event()).set()
            return x

    @expose
    async def call(self, function: Function, *args: object) -> object:
        """Call the function and return its result."""
        with self._seen("call", *args):
            return await function(*args)  # type: ignore[arg-type]  # whatever the spell gave

    @expose
    async def call_twice(self, function: Function) -> list[object]:
        """Call the function two times, one after the other."""
        with self._seen("call_twice"):
            return [await function(), await function()]

    @expose
    async def call_all(self, function: Function, count: int) -> list[object]:
        """Call the function so many times at once, with 1, 2, 3, ..."""
        with self._seen("call_all", count):
            return list(await asyncio.gather(*(function(i + 1) for i in range(count))))

    @expose
    async def call_each(self, functions: dict[str, object], *args: object) -> list[object]:
        """Call the function under ``first`` and those in the list under ``rest``."""
        with self._seen("call_each"):
            found = [functions["first"], *functions["rest"]]  # type: ignore[misc]  # a list of functions
            return [await function(*args) for function in found]

    @expose
    async def call_soon(self, function: Function, *args: object) -> None:
        """Call the function by itself, once this call has ended."""
        with self._seen("call_soon", *args):
            self._begin(self._call_soon(function, args))

    @expose
    async def listen(self, function: Function) -> None:
        """Keep the function, which might be called by itself at any time, and never is."""
        with self._seen("listen"):
            self._kept = function
            self._begin(asyncio.Event().wait())

    @expose(redo=True)
    def keep(self, x: object) -> None:
        """Keep the argument."""
        with self._seen("keep", x):
            self._kept = x

    @expose
    def kept(self) -> object:
        """Return what was kept."""
        with self._seen("kept"):
            return self._kept

    @expose
    async def call_kept(self, *args: object) -> object:
        """Call the function that was kept."""
        with self._seen("call_kept", *args):
            assert isinstance(self._kept, Function)
            return await self._kept(*args)  # type: ignore[arg-type]  # whatever the spell gave

    @expose
    def same(self, a: object, b: object) -> bool:
        """Tell whether both are the same on the host."""
        with self._seen("same"):
            return a == b

    @expose
    def counter(self, start: int = 0) -> Counter:
        """Return a counter that begins at a number."""
        with self._seen("counter", start):
            return Counter(start, self._witness)

    @expose
    async def builder(self, most: int = 10) -> Builder:
        """Return a builder of a list."""
        with self._seen("builder"):
            return Builder()

    @expose
    def counters(self, count: int) -> list[Counter]:
        """Return so many counters, which begin at 0, 1, 2, ..."""
        with self._seen("counters", count):
            return [Counter(start, self._witness) for start in range(count)]

    @expose
    def read(self, counter: Counter) -> int:
        """Return the number of a counter."""
        with self._seen("read"):
            return counter.count

    @expose
    async def with_counter(self, start: int, function: Function) -> object:
        """Call the function with a counter."""
        with self._seen("with_counter", start):
            return await function(Counter(start, self._witness))

    @expose
    def range(self, count: int) -> Range:
        """Return the numbers from 1 to a last one, to be walked."""
        with self._seen("range", count):
            return Range(count)

    @expose
    async def stream(self, items: list[object]) -> AsyncIterator[object]:
        """Return the items one by one."""
        with self._seen("stream"):
            return _stream(items)

    @expose
    async def stream_then_fail(self, count: int) -> AsyncIterator[int]:
        """Return so many items and then fail."""
        with self._seen("stream_then_fail", count):
            return _stream_then_fail(count)

    @expose
    def rich(self, what: str) -> object:
        """Return a rich Python value by its name."""
        with self._seen("rich", what):
            return samples()[what]

    @expose
    def tomorrow(self, day: date) -> date:
        """Return the day after."""
        with self._seen("tomorrow"):
            return day + timedelta(days=1)

    @expose
    def twice(self, amount: Decimal) -> Decimal:
        """Return the amount, doubled exactly."""
        with self._seen("twice"):
            return amount * 2

    @expose
    def longer(self, wait: timedelta) -> timedelta:
        """Return a duration that is a minute longer."""
        with self._seen("longer"):
            return wait + timedelta(minutes=1)

    @expose
    def paint(self, color: Color) -> str:
        """Return the name of the color in Python."""
        with self._seen("paint"):
            return color.name

    @expose
    def area(self, box: Box) -> float:
        """Return width times height."""
        with self._seen("area"):
            return box.width * box.height

    @expose
    def greet(self, person: Person) -> str:
        """Return a greeting."""
        with self._seen("greet"):
            return f"hello {person.name}"

    async def close(self) -> None:
        """Stop what goes on by itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.append(task)
        self.context.background.add(task)

    async def _call_soon(self, function: Function, args: tuple[object, ...]) -> None:
        await asyncio.sleep(0.01)
        await function(*args)  # type: ignore[arg-type]  # whatever the spell gave


def _chain(depth: int, last: int) -> ProbeFailed:
    error = ProbeFailed("odd", f"cause {depth}")
    if depth < last:
        error.__cause__ = _chain(depth + 1, last)
    return error


async def _stream(items: list[object]) -> AsyncIterator[object]:
    for item in items:
        yield item


async def _stream_then_fail(count: int) -> AsyncIterator[int]:
    for i in range(count):
        yield i
    raise ProbeFailed("odd", "the stream broke")
