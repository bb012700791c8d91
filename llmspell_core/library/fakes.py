"""What stands in for something else in a test, as the module ``testing`` makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmspell_core.bridge import expose
from llmspell_core.library.declared import Thing


class Mock(Thing):
    """A function that notes how it is called. Call it like any other."""

    @expose
    def calls(self) -> list[list[Any]]:
        """Return the arguments of each call so far."""

    @expose
    def returns(self, value: Any = None) -> Mock:
        """Have it return a value from now on."""

    @expose
    def returns_once(self, value: Any = None) -> Mock:
        """Have it return a value at one call, the next that has none yet."""

    @expose
    def raises(self, error: Any) -> Mock:
        """Have it raise from now on."""

    @expose
    def does(self, f: Callable[..., Any]) -> Mock:
        """Have it call a function from now on."""

    @expose
    def reset(self) -> Mock:
        """Forget its calls, and what it was told to do."""

    @expose
    def restore(self) -> None:
        """Put back what it stands in for; that is done after each test, too."""


class Model(Thing):
    """A model whose replies the test has written."""

    @expose
    async def requests(self) -> list[dict[str, Any]]:
        """Return what it was asked so far: ``{model, prompt}`` each, the prompt being the last message's text."""

    @expose
    async def restore(self) -> None:
        """Let models answer by themselves again; that is done after each test, too."""


class Answered(Thing):
    """Calls of a bridge that the test answers."""

    @expose
    async def calls(self) -> list[dict[str, Any]]:
        """Return the arguments of each call so far, by their names."""

    @expose
    async def restore(self) -> None:
        """Have calls made again; that is done after each test, too."""


class Clock(Thing):
    """Time that passes only when the test says so."""

    @expose
    async def now(self) -> float:
        """Return the time."""

    @expose
    async def advance(self, seconds: float) -> float:
        """Let so many seconds pass, and return the time: whatever sleeps until then has woken, in its order."""

    @expose
    async def until_asleep(self, count: int = 1) -> float:
        """Wait until so many sleep, of the spell and of those that it casts, and return the time."""

    @expose
    async def restore(self) -> None:
        """Go on with real time; that is done after each test, too."""
