"""What is installed, looked at: each plugin loaded, and proved to be what its kind of plugin has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core import plugins
from llmspell_core.contracts import CURE
from llmspell_core.errors import BrokenPlugin
from llmspell_core.loading import told

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge
    from llmspell_core.engine import Engine
    from llmspell_core.entrypoints import EntryPoint
    from llmspell_core.plugins import PluginReport

__all__ = ["prove_bridge", "prove_engine", "report"]


def report() -> list[PluginReport]:
    """Load every installed plugin and say of each whether it can be used."""
    return plugins.report(_use)


def prove_bridge(bridge: type[Bridge]) -> None:
    """:raises BrokenPlugin: when nothing can be checked by a bridge's settings, or a method of it cannot be called."""
    import inspect

    from llmspell_core.apidoc import handles_of
    from llmspell_core.settings import reader_of

    try:
        inspect.signature(bridge).bind("context")
    except TypeError as error:
        cause = f"{bridge.__name__}(context) cannot be called: {error}"
        raise BrokenPlugin("bridge", bridge.name, cause, "take the context, and hand it to super().__init__") from error
    if bridge.settings is not None:
        reader_of(bridge)
    _prove_methods(bridge, bridge.name, bridge.name)
    for handle in handles_of(bridge):
        _prove_methods(handle, handle.__name__, bridge.name)


def prove_engine(engine: type[Engine]) -> None:
    """:raises BrokenPlugin: when an engine does not name what bridges have, or does not declare it."""
    from llmspell_core.stubs import Api

    named = _tried(engine, "binding_name", "two_words")
    if not isinstance(named, str):
        raise _wrong(engine, f"binding_name has returned {named!r}, and no name")
    files = _tried(engine, "declare", Api((), (), ()))
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in (*files, *files.values())):
        raise _wrong(engine, f"declare has returned {files!r:.100}, and no text by file name")


def _tried(engine: type[Engine], method: str, argument: object) -> object:
    try:
        return getattr(engine, method)(argument)
    except Exception as error:
        raise _wrong(engine, f"{method} failed: {told(error)}") from error


def _wrong(engine: type[Engine], cause: str) -> BrokenPlugin:
    return BrokenPlugin("engine", engine.info.name, f"{engine.__name__}.{cause}", CURE)


def _prove_methods(owner: type, label: str, bridge: str) -> None:
    from llmspell_core.mount import signatures_of

    try:
        for _, signature, _, _ in signatures_of(owner, label).values():
            signature.prove()
    except BrokenPlugin as error:
        raise BrokenPlugin("bridge", bridge, error.cause, error.cure) from error


def _use(entry: EntryPoint) -> None:
    if entry.group == "engines":
        prove_engine(plugins.engine_class(entry.name))
    elif entry.group == "bridges":
        prove_bridge(plugins.bridge_class(entry.name))
    elif entry.group == "commands":
        plugins.command(entry.name)
    elif entry.group == "converters":
        plugins.converters_of(entry)
    elif entry.group == "hooks":
        plugins.check_hooked(entry)
    elif not callable(plugins.driver(entry.group, entry.name)):
        raise BrokenPlugin(entry.group, entry.name, f"{entry.module} is not a function", "have it name one")
