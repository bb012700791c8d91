"""What hostile spells call."""

from __future__ import annotations

import asyncio
from typing import Any

from llmspell_core import plugins
from llmspell_core.bridge import Bridge, Context, Handle, expose
from llmspell_core.values import Function
from rig.canaries import SECRET

_MOST = 100


class Thing(Handle):
    """Has a number, which only its own run may see."""

    secret = SECRET

    def __init__(self) -> None:
        self.closed = False

    @expose
    def number(self) -> int:
        """Return 7."""
        return 7

    @expose
    def is_open(self) -> bool:
        """Tell whether it was not released."""
        return not self.closed

    async def close(self) -> None:
        self.closed = True


class ProbeBridge(Bridge):
    """Gives back, fails, and hands out."""

    name = "probe"
    secret = SECRET

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._kept: list[Function] = []

    def hidden(self) -> str:
        """Return what is not exposed."""
        return SECRET

    @expose
    async def echo(self, x: Any = None) -> Any:
        """Return the argument."""
        return x

    @expose
    async def fail(self) -> None:
        """Raise an error whose cause holds a secret."""
        raise ValueError("it failed") from KeyError(SECRET)

    @expose
    async def big(self, n: int) -> str:
        """Return a text of that many bytes."""
        return "x" * n

    @expose
    async def items(self) -> list[int]:
        """Return three numbers."""
        return [1, 2, 3]

    @expose
    async def read(self, path: str) -> str:
        """Refuse every path."""
        raise PermissionError("not granted")

    @expose
    async def call(self, f: Function) -> Any:
        """Call a function of the spell."""
        return await f()

    @expose
    async def each(self, f: Function, n: int) -> list[Any]:
        """Return what the function makes of 1 to n (100 at most), all at once."""
        return list(await asyncio.gather(*(f(i + 1) for i in range(min(n, _MOST)))))

    @expose
    async def keep(self, f: Function) -> None:
        """Keep a function of the spell."""
        self._kept.append(f)

    @expose
    async def kept(self) -> Any:
        """Call the function that was kept last."""
        return await self._kept[-1]()

    @expose
    async def tick(self) -> None:
        """Do nothing."""

    @expose
    async def hang(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()

    @expose
    def thing(self) -> Thing:
        """Return a new handle."""
        return Thing()

    @expose
    def take(self, thing: Thing) -> int:
        """Return the number of a handle."""
        return thing.number()


def bridges() -> dict[str, type[Bridge]]:
    """Return the bridges that attacks find."""
    return {"probe": ProbeBridge} | {name: plugins.bridge_class(name) for name in ("fs", "http", "env", "state")}
