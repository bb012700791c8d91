"""Whether what a plugin offers is what its kind of plugin has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.errors import BrokenPlugin

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge
    from llmspell_core.engine import Engine

__all__ = ["CURE", "check_bridge", "check_engine"]

CURE = "see docs/plugins.md, and report it to the plugin's author"


def check_engine(engine: type[Engine]) -> None:
    """:raises BrokenPlugin: when the class breaks the contract of :class:`llmspell_core.engine.Engine`."""
    from llmspell_core.engine import Engine, EngineInfo

    info = getattr(engine, "info", None)
    name = info.name if isinstance(info, EngineInfo) else repr(engine)
    if not (isinstance(engine, type) and issubclass(engine, Engine)):
        raise BrokenPlugin("engine", name, f"{engine!r} is no subclass of llmspell_core.engine.Engine", CURE)
    if not isinstance(info, EngineInfo):
        raise BrokenPlugin("engine", name, f"{engine.__name__}.info is no EngineInfo", CURE)
    if missing := sorted(engine.__abstractmethods__):
        raise BrokenPlugin("engine", name, f"{engine.__name__} does not implement {', '.join(missing)}", CURE)


def check_bridge(bridge: type[Bridge]) -> None:
    """:raises BrokenPlugin: when the class breaks the contract of :class:`llmspell_core.bridge.Bridge`."""
    from llmspell_core.bridge import Bridge, exposed_methods

    name = str(getattr(bridge, "name", bridge))
    if not (isinstance(bridge, type) and issubclass(bridge, Bridge)):
        raise BrokenPlugin("bridge", name, f"{bridge!r} is no subclass of llmspell_core.bridge.Bridge", CURE)
    if not name.isidentifier() or name == "host":
        raise BrokenPlugin("bridge", name, "its name is no identifier, or is the reserved 'host'", CURE)
    if not exposed_methods(bridge):
        raise BrokenPlugin("bridge", name, f"{bridge.__name__} exposes no method", CURE)
