"""What a call costs: one bridge call, from the script through every check and back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from benchmarks.timing import Figure
from llmspell_core.bridge import Bridge, expose
from llmspell_core.runner import Runner

CALLS = 20_000
LOOP = {
    "lua": "local echo = probe.echo for i = 1, params.n do echo(i) end",
    "js": "for (let i = 0; i < params.n; i++) await probe.echo(i)",
}
AT_ONCE = {
    "lua": "for r = 1, params.n / 100 do local t = {} for i = 1, 100 do t[i] = promise.spawn(probe.echo, i) end "
    "promise.all(t):await() end",
    "js": "for (let r = 0; r < params.n / 100; r++) "
    "await Promise.all(Array.from({ length: 100 }, (_, i) => probe.echo(i)))",
}


class ProbeBridge(Bridge):
    """Answers."""

    name = "probe"

    @expose
    async def echo(self, x: Any) -> Any:
        """Return the argument."""
        return x


def figures() -> Iterator[Figure]:
    for engine, goal in (("lua", "under 20 us"), ("js", "under 40 us")):
        one = asyncio.run(per_call(engine, LOOP[engine]))
        many = asyncio.run(per_call(engine, AT_ONCE[engine]))
        yield Figure(f"{engine}: call on an async echo, in a loop", one, "us", goal)
        yield Figure(f"{engine}: the same, 100 at once (each)", many, "us", "no more than in a loop", one)


async def per_call(engine: str, source: str) -> float:
    """Microseconds a call, beyond what the same cast takes without calls."""
    async with Runner(bridges={"probe": ProbeBridge}, isolation="inline") as runner:

        async def seconds(n: int) -> float:
            return (await runner.acast(source, engine=engine, params={"n": n})).duration

        await seconds(100)
        empty = min([await seconds(0) for _ in range(5)])
        full = min([await seconds(CALLS) for _ in range(5)])
    return (full - empty) / CALLS * 1e6
