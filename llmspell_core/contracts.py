"""Whether what a plugin offers is what its kind of plugin has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.errors import BrokenPlugin, closest

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge
    from llmspell_core.engine import Engine

__all__ = ["CURE", "MARK", "check_bridge", "check_engine", "check_hooks"]

CURE = "see docs/plugins.md, and report it to the plugin's author"
MARK = "mark it with @hookimpl of llmspell_core.hookspecs"


def check_engine(engine: type[Engine]) -> None:
    """:raises BrokenPlugin: when the class breaks the contract of :class:`llmspell_core.engine.Engine`."""
    from llmspell_core.engine import Engine, EngineInfo, Feature

    info = getattr(engine, "info", None)
    name = info.name if isinstance(info, EngineInfo) else repr(engine)
    if not (isinstance(engine, type) and issubclass(engine, Engine)):
        raise BrokenPlugin("engine", name, f"{engine!r} is no subclass of llmspell_core.engine.Engine", CURE)
    if not isinstance(info, EngineInfo):
        raise BrokenPlugin("engine", name, f"{engine.__name__}.info is no EngineInfo", CURE)
    extensions, features = info.extensions, info.features
    if not isinstance(extensions, tuple) or not all(str(each).startswith(".") for each in extensions):
        raise BrokenPlugin("engine", name, f"its extensions are {extensions!r}", "make them a tuple, each with its dot")
    if not isinstance(features, frozenset) or not all(isinstance(each, Feature) for each in features):
        raise BrokenPlugin("engine", name, f"its features are {features!r}", "make them a frozenset of Feature")
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
    if not isinstance(bridge.aliases, tuple) or not all(alias.isidentifier() for alias in bridge.aliases):
        raise BrokenPlugin("bridge", name, f"its aliases are {bridge.aliases!r}", "make them a tuple of identifiers")
    if not exposed_methods(bridge):
        raise BrokenPlugin(
            "bridge", name, f"{bridge.__name__} exposes no method", "mark what spells may call by @expose"
        )
    if bridge.settings is not None and not hasattr(bridge.settings, "__required_keys__"):
        cause = f"{bridge.__name__}.settings is {bridge.settings!r}"
        raise BrokenPlugin("bridge", name, cause, "make it a TypedDict, or leave it out")


def check_hooks(plugin: object, name: str) -> None:
    """:raises BrokenPlugin: when functions of a plugin are named as hooks and would not be called, or not awaited."""
    import inspect

    from llmspell_core import hookspecs

    if isinstance(plugin, type):
        raise BrokenPlugin("plugin", name, f"{plugin.__name__} is a class", f"hand over an object: {plugin.__name__}()")
    is_any = False
    for attribute in dir(plugin):
        function = getattr(plugin, attribute, None) if attribute.startswith("llmspell_") else None
        if not inspect.isroutine(function):
            continue
        spec, is_marked = getattr(hookspecs, attribute, None), hasattr(function, "llmspell_impl")
        if spec is None and is_marked:
            known = [each for each in vars(hookspecs) if each.startswith("llmspell_")]
            cause = f"there is no hook {attribute}{closest(attribute, known)}"
            raise BrokenPlugin("plugin", name, cause, "llmspell_core.hookspecs has them all")
        if spec is None:
            continue
        if not is_marked:
            raise BrokenPlugin("plugin", name, f"{attribute} is not marked as a hook", MARK)
        if inspect.iscoroutinefunction(function) != inspect.iscoroutinefunction(spec):
            kind = "an `async def`" if inspect.iscoroutinefunction(spec) else "a plain `def`"
            raise BrokenPlugin("plugin", name, f"{attribute} is called otherwise than it is defined", f"make it {kind}")
        is_any = True
    if not is_any:
        cause = f"{plugin!r} has no hook"
        raise BrokenPlugin("plugin", name, cause, "define one of llmspell_core.hookspecs, and mark it with @hookimpl")
