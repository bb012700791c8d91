"""The plugin contract: every hook that llmspell calls, and ``hookimpl`` to mark what answers it.

A plugin is a module (or object) with hook implementations, named by an entry point:

    [project.entry-points."llmspell.engines"]     one entry per engine, its name the engine's name
    [project.entry-points."llmspell.bridges"]     one entry per bridge
    [project.entry-points."llmspell.converters"]  one entry per set of converters
    [project.entry-points."llmspell.commands"]    one entry per command, its name the command's name
    [project.entry-points."llmspell.observers"]   what ``llmspell run --otel`` and ``--metrics`` switch on, by that name
    [project.entry-points."llmspell.hooks"]       whatever has other hooks: those around a spell and what it does

Entry names are read without importing anything, so a name must say what the module offers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from click import Command

    from llmspell_core.actions import Action, Watcher
    from llmspell_core.bridge import Bridge
    from llmspell_core.converter import Converter
    from llmspell_core.engine import Engine
    from llmspell_core.runner import Result
    from llmspell_core.spells import Spell
    from llmspell_core.standing import Rest

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "llmspell"
"""What pluggy calls the project that the hooks are of."""
_F = TypeVar("_F", bound=Callable[..., Any])


def hookimpl(function: _F) -> _F:
    """Mark a function as an implementation of the hook it is named after."""
    # The mark that pluggy's own HookimplMarker("llmspell") leaves; pluggy itself is not needed to cast a spell.
    function.llmspell_impl = {  # type: ignore[attr-defined]
        "wrapper": False,
        "hookwrapper": False,
        "optionalhook": False,
        "tryfirst": False,
        "trylast": False,
        "specname": None,
    }
    return function


def hookspec(function: _F) -> _F:
    """Mark a function as the declaration of a hook."""
    function.llmspell_spec = {"firstresult": False, "historic": False, "warn_on_impl": None}  # type: ignore[attr-defined]
    return function


@hookspec
def llmspell_engines() -> Sequence[type[Engine]]:  # type: ignore[empty-body]
    """Return the engine classes that the plugin offers."""


@hookspec
def llmspell_bridges() -> Sequence[type[Bridge]]:  # type: ignore[empty-body]
    """Return the bridge classes that the plugin offers."""


@hookspec
def llmspell_converters() -> Sequence[Converter]:  # type: ignore[empty-body]
    """Return converters, tried in order; a plugin's come before the built-in ones."""


@hookspec
def llmspell_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """Return click commands to add to ``llmspell``."""


@hookspec
def llmspell_before_spell(spell: Spell, params: dict[str, Any], run_id: str) -> None:
    """Called before a spell is cast; may change ``params`` in place, or raise ``Denied`` to refuse."""


@hookspec
def llmspell_after_spell(spell: Spell, result: Result) -> None:
    """Called when a cast has ended, whatever its outcome."""


@hookspec
def llmspell_before(action: Action) -> None:
    """Called before something is done at a point of a run: a bridge called, a model asked, a tool run.

    May change ``action.arguments`` in place, call ``action.answer(result)`` so that it is not done, or raise ``Denied``
    to refuse. Must come back at once. Any other error is logged and passed over.
    """


@hookspec
def llmspell_after(action: Action) -> None:
    """Called when it has ended; may change ``action.result``, or raise ``Denied`` to withhold it."""


@hookspec
async def llmspell_around(action: Action, proceed: Rest) -> Any:
    """Called, and awaited, in the place of each such thing; what it returns is the result.

    ``return await proceed()`` does the thing, once more each time it is called. It may change ``action.arguments``
    before, and raise ``Denied`` to refuse. Any other error of its own is logged, and the thing done without it.
    """


@hookspec
def llmspell_watcher() -> Watcher | None:
    """Return what is to be told when each such thing begins and when it has ended, or None; asked before each cast."""


@hookspec
def llmspell_conformance_spells() -> Sequence[Path]:  # type: ignore[empty-body]
    """Return folders that hold ``<case>/spell.<ext>`` for the conformance cases, for a language of the plugin's own."""
