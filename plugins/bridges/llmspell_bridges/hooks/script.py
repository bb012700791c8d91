"""Hooks that are functions of the spell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.hooks.shown import as_was, shown
from llmspell_core.bridge import expose
from llmspell_core.errors import Cancelled, Denied, LimitExceeded, LlmspellError
from llmspell_core.standing import HookFailed
from llmspell_core.values import Handle, ScriptValue

if TYPE_CHECKING:
    from llmspell_core.actions import Action
    from llmspell_core.standing import Around, Rest
    from llmspell_core.values import Function

__all__ = ["Proceeding", "Vetoed", "after", "around", "before"]

_MARK = {"hook": "deny"}


class Vetoed(Denied):
    """A hook of the spell refused."""

    def __init__(self, reason: str) -> None:
        self.data = dict(_MARK)
        super().__init__(reason)


class Proceeding(Handle):
    """What a hook stands around."""

    unhooked = True

    def __init__(self, action: Action, rest: Rest) -> None:
        self._action, self._rest = action, rest
        self._result: Any = None
        self._sight: Any = None
        self.failed = False

    @expose(redo=True)
    async def proceed(self, arguments: dict[str, ScriptValue] | None = None) -> ScriptValue:
        """Do it, and return what comes of it; once more each time it is called.

        :param arguments: those that are to be others, by name
        """
        _change(self._action, arguments or {})
        self.failed = True
        self._result = await self._rest()
        self.failed = False
        self._sight = shown(self._result)
        sight: ScriptValue = self._sight
        return sight

    def as_was(self, given: Any) -> Any:
        """Return what the hook gave, or what it was given, where that is the same."""
        return as_was(given, self._result, self._sight)


def before(function: Function) -> Around:
    """Return a hook that is told of an action before it is done.

    It returns nothing; ``{arguments}``, those that are to be others; or ``{result}``, and the action is not done.
    """

    async def hook(action: Action, rest: Rest) -> Any:
        said = _said(await _called(function, _seen(action)), ("arguments", "result"))
        if "result" in said:
            return as_was(said["result"], None)
        _change(action, said.get("arguments") or {})
        return await rest()

    return hook


def after(function: Function) -> Around:
    """Return a hook that is told of an action when it has ended, with its ``result`` or its ``error``.

    It returns nothing; or ``{result}``, which is to be the result.
    """

    async def hook(action: Action, rest: Rest) -> Any:
        result, error = None, None
        try:
            result = await rest()
        except (LimitExceeded, Cancelled):
            raise
        except Exception as failure:  # noqa: BLE001 - raised again, past the hook
            error = failure
        sight = shown(result)
        outcome = {"result": sight} if error is None else {"error": error}
        said = _said(await _called(function, {**_seen(action), **outcome}), ("result",))
        if "result" in said:
            return as_was(said["result"], result, sight)
        if error is not None:
            raise error
        return result

    return hook


def around(function: Function) -> Around:
    """Return a hook that is called with an action and what does it; what it returns is the result."""

    async def hook(action: Action, rest: Rest) -> Any:
        proceeding = Proceeding(action, rest)
        try:
            return proceeding.as_was(await function(_seen(action), proceeding))
        except LlmspellError as error:
            meant = _meant(error)
            raise error if proceeding.failed and isinstance(meant, HookFailed) else meant from None

    return hook


async def _called(function: Function, seen: dict[str, Any]) -> Any:
    try:
        return await function(seen)
    except LlmspellError as error:
        raise _meant(error) from error


def _meant(error: LlmspellError) -> Exception:
    """Return what an error of a hook's own means: a refusal, the end of the run, or a fault."""
    if isinstance(error, Denied) and error.data == _MARK:
        return Vetoed(str(error))
    return error if isinstance(error, LimitExceeded | Cancelled) else HookFailed(error)


def _seen(action: Action) -> dict[str, Any]:
    names = ("run", "point", "name", "number", "parent")
    return {**{name: getattr(action, name) for name in names}, "arguments": shown(action.arguments)}


def _change(action: Action, arguments: dict[str, Any]) -> None:
    for name, value in arguments.items():
        action.arguments[name] = as_was(value, action.arguments.get(name))


def _said(value: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """Return what a hook said; :raises HookFailed: when it is nothing that it may say."""
    if value is None:
        return {}
    if isinstance(value, dict) and value and set(value) <= set(known):
        return value
    raise HookFailed(f"a hook returns nothing, or a map of {' or '.join(known)}, not {value!r}")
