"""Calls of a bridge that the test answers, so that nothing is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import BadArgument, CallError
from llmspell_core.spelltests.answering import Answering
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_core.actions import Action
    from llmspell_core.bridge import Context

__all__ = ["FakeCall"]


class FakeCall(Handle):
    """Calls of a bridge that the test answers, so that nothing is done."""

    def __init__(self, context: Context, name: str, answer: Any) -> None:
        self._points, self._answer = context.points, answer
        self._calls: list[dict[str, Any]] = []
        self._standing = Answering(f"bridge_call:{_named(context, name)}", self._reply, "fake call")
        self._points.stand(self._standing)

    @expose
    def calls(self) -> list[dict[str, Any]]:
        """Return the arguments of each call so far, by their names."""
        return list(self._calls)

    @expose
    def restore(self) -> None:
        """Have calls made again."""
        self._points.drop(lambda each: each is self._standing)

    async def _reply(self, action: Action) -> Any:
        arguments = {name: value for name, value in action.arguments.items() if value is not None}
        self._calls.append(arguments)
        return await self._answer(arguments) if isinstance(self._answer, Function) else self._answer


def _named(context: Context, name: str) -> str:
    """Return the name that a function's calls pass by; :raises BadArgument: when none ever would."""
    bridge, dot, method = name.partition(".")
    if not (bridge and dot and method):
        raise _wrong(f"is that of a bridge and a function, as 'fs.read', not {name!r}")
    try:
        return context.passes_as(name)
    except CallError as error:
        raise _wrong(str(error)) from None


def _wrong(problem: str) -> BadArgument:
    return BadArgument("testing.fake_call", 1, "name", problem)
