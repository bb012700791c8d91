"""What hostile spells call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from llmspell_core.bridge import Bridge, expose
from llmspell_core.runner import Runner
from llmspell_core.values import Function

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]


class ProbeBridge(Bridge):
    """Gives back, fails, and hands out."""

    name = "probe"

    @expose
    async def echo(self, x: Any = None) -> Any:
        """Return the argument."""
        return x

    @expose
    async def fail(self) -> None:
        """Raise an error whose cause holds a secret."""
        raise ValueError("it failed") from KeyError("SECRET")

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
    async def tick(self) -> None:
        """Do nothing."""


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(isolation="process", bridges={"probe": ProbeBridge}) as made:
        yield made
