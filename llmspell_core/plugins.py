"""Which plugins are installed. The one module that knows entry points, pluggy and stevedore.

Casting a spell needs two or three plugins by name, so names come from a scan of the installed metadata that imports
nothing. What looks at *all* plugins (``llmspell plugins``, hooks) pays for pluggy and stevedore.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmspell_core.contracts import CURE as _CONTRACT
from llmspell_core.contracts import check_bridge, check_engine
from llmspell_core.entrypoints import PREFIX, EntryPoint, scan
from llmspell_core.errors import BrokenPlugin, LlmspellError, NotInstalled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pluggy
    from click import Command

    from llmspell_core.bridge import Bridge
    from llmspell_core.converter import Converter
    from llmspell_core.engine import Engine

__all__ = [
    "GROUPS",
    "EntryPoint",
    "PluginReport",
    "bridge_class",
    "bridge_entries",
    "bridge_names",
    "check_bridge",
    "check_engine",
    "command",
    "command_names",
    "conformance_spells",
    "converters",
    "driver",
    "engine_class",
    "engine_names",
    "entry_points",
    "hook_functions",
    "hooks",
    "observer",
    "report",
]

GROUPS = ("engines", "bridges", "converters", "commands", "hooks", "observers", "stores", "buses")


@dataclass(frozen=True)
class PluginReport:
    """An installed plugin and, where it cannot be used, why and what to do."""

    entry: EntryPoint
    cause: str | None = None
    cure: str | None = None

    @property
    def ok(self) -> bool:
        """True when the plugin can be used."""
        return self.cause is None


def entry_points(group: str) -> dict[str, EntryPoint]:
    """Return the installed entries of a group (``engines``, ``bridges``, ...) by name; imports nothing."""
    return {entry.name: entry for entry in reversed(scan()) if entry.group == group}


def engine_names() -> list[str]:
    """Return the names of the installed engines."""
    return sorted(entry_points("engines"))


def bridge_names() -> list[str]:
    """Return the names of the installed bridges that spells use; what begins with ``_`` is a role."""
    return [name for name in bridge_entries() if not name.startswith("_")]


def bridge_entries() -> list[str]:
    """Return the names of the installed bridges, and the roles that they have."""
    return sorted(entry_points("bridges"))


def command_names() -> list[str]:
    """Return the names of the commands that plugins add."""
    return sorted(entry_points("commands"))


def engine_class(name: str) -> type[Engine]:
    """Return the engine of that name.

    :raises NotInstalled: when no plugin offers it
    :raises BrokenPlugin: when the plugin cannot be used
    """
    from llmspell_core.engine import EngineInfo

    for engine in _load(_entry("engines", "engine", name), "llmspell_engines"):
        info = getattr(engine, "info", None)
        if isinstance(info, EngineInfo) and info.name == name:
            check_engine(engine)
            return engine  # type: ignore[no-any-return]
    raise BrokenPlugin("engine", name, "its plugin offers no engine of that name", "report it to the plugin's author")


def bridge_class(name: str) -> type[Bridge]:
    """Return the bridge of that name; errors as :func:`engine_class`."""
    for bridge in _load(_entry("bridges", "bridge", name), "llmspell_bridges"):
        if name in (getattr(bridge, "name", None), *getattr(bridge, "aliases", ()), *getattr(bridge, "roles", ())):
            check_bridge(bridge)
            return bridge  # type: ignore[no-any-return]
    raise BrokenPlugin("bridge", name, "its plugin offers no bridge of that name", "report it to the plugin's author")


def command(name: str) -> Command:
    """Return the click command of that name; errors as :func:`engine_class`."""
    for found in _load(_entry("commands", "command", name), "llmspell_commands"):
        if found.name == name:
            return found  # type: ignore[no-any-return]
    raise BrokenPlugin("command", name, "its plugin offers no command of that name", "report it to the plugin's author")


def observer(name: str) -> Callable[[str], AbstractContextManager[object]]:
    """Return what makes an observer of that name of its setting: a plugin with hooks, closed when it is left.

    Errors are those of :func:`engine_class`.
    """
    made: Callable[[str], AbstractContextManager[object]] = _import(_entry("observers", "observer", name))
    return made


def driver(group: str, name: str) -> Any:
    """Return what an entry of a group of drivers (``stores``, ...) stands for; errors as :func:`engine_class`."""
    return _import(_entry(group, _one_of(group), name))


def converters() -> list[Converter]:
    """Return every installed converter, those of plugins before the built-in ones."""
    found: list[Converter] = []
    for name, entry in sorted(entry_points("converters").items(), key=lambda item: item[0] == "standard"):
        try:
            found.extend(_load(entry, "llmspell_converters"))
        except BrokenPlugin as error:
            _warn(f"converters {name!r} are left out: {error.cause}")
    return found


def hooks(more: Sequence[object] = ()) -> pluggy.PluginManager | None:
    """Return the manager of all plugins with hooks around what runs do, or None when there are none.

    :param more: objects with hook implementations, in addition to the installed ones
    """
    entries = entry_points("hooks")
    if not entries and not more:
        return None
    import pluggy

    from llmspell_core import hookspecs

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, entry in entries.items():
        try:
            manager.register(_import(entry), name)
        except (BrokenPlugin, pluggy.PluginValidationError) as error:
            _warn(f"hooks {name!r} are left out: {error}")
    for plugin in more:
        manager.register(plugin)
    return manager


def hook_functions(manager: pluggy.PluginManager | None, name: str) -> list[Callable[..., Any]]:
    """Return the implementations of a hook that takes one argument, in the order they are called."""
    return (
        [] if manager is None else [found.function for found in reversed(getattr(manager.hook, name).get_hookimpls())]
    )


def conformance_spells() -> list[Path]:
    """Return the folders of conformance spells that plugins bring for languages of their own."""
    manager = hooks()
    if manager is None:
        return []
    return [folder for folders in manager.hook.llmspell_conformance_spells() for folder in folders]


def report() -> list[PluginReport]:
    """Load every installed plugin and say of each whether it can be used."""
    from importlib.metadata import entry_points as metadata

    from stevedore import ExtensionManager

    class Fresh(ExtensionManager[Any]):
        # stevedore's own cache may serve an edited entry point stale, and forgets the distribution.
        def list_entry_points(self) -> list[Any]:
            return list(metadata(group=self.namespace))

    scanned = scan()
    rows: list[PluginReport] = []
    for group in GROUPS:
        failures: dict[str, Exception] = {}
        manager = Fresh(
            PREFIX + group,
            on_load_failure_callback=_keep(failures),
        )
        loaded = {extension.name: extension.plugin for extension in manager}
        rows += [
            _examine(entry, scanned, loaded.get(entry.name), failures.get(entry.name))
            for entry in scanned
            if entry.group == group
        ]
    return rows


_HOOKS = {
    "engines": "llmspell_engines",
    "bridges": "llmspell_bridges",
    "converters": "llmspell_converters",
    "commands": "llmspell_commands",
}


def _one_of(group: str) -> str:
    """Return what one thing of a group is called."""
    return "bus" if group == "buses" else group.removesuffix("s")


def _entry(group: str, what: str, name: str) -> EntryPoint:
    offers = [entry for entry in scan() if entry.group == group and entry.name == name]
    if not offers:
        raise NotInstalled(what, name, sorted(entry_points(group)))
    if clash := _clash(offers):
        raise BrokenPlugin(what, name, clash, "uninstall all but one of them")
    return offers[0]


def _clash(offers: list[EntryPoint]) -> str | None:
    owners = sorted({entry.distribution for entry in offers})
    return f"{' and '.join(owners)} both offer it" if len(owners) > 1 else None


def _import(entry: EntryPoint) -> Any:
    module, _, attribute = entry.module.partition(":")
    try:
        found = import_module(module)
        return getattr(found, attribute) if attribute else found
    except Exception as error:
        cure = f"reinstall or upgrade {entry.distribution}, or uninstall it"
        cause = f"{entry.module} does not import: {type(error).__name__}: {error}"
        raise BrokenPlugin(_one_of(entry.group), entry.name, cause, cure) from error


def _load(entry: EntryPoint, hook: str) -> list[Any]:
    what = _one_of(entry.group)
    function = getattr(_import(entry), hook, None)
    if function is None or not hasattr(function, "llmspell_impl"):
        raise BrokenPlugin(what, entry.name, f"{entry.module} has no hook implementation {hook}()", _CONTRACT)
    try:
        return list(function())
    except Exception as error:
        cause = f"{entry.module}.{hook}() failed: {type(error).__name__}: {error}"
        raise BrokenPlugin(what, entry.name, cause, f"reinstall or upgrade {entry.distribution}") from error


def _examine(entry: EntryPoint, all: list[EntryPoint], plugin: Any, failure: Exception | None) -> PluginReport:
    offers = [other for other in all if (other.group, other.name) == (entry.group, entry.name)]
    if clash := _clash(offers):
        return PluginReport(entry, clash, "uninstall all but one of them")
    if failure is not None:
        cure = f"reinstall or upgrade {entry.distribution}, or uninstall it"
        return PluginReport(entry, f"does not import: {type(failure).__name__}: {failure}", cure)
    if plugin is None:
        return PluginReport(entry, "its metadata changed while looking", "try again")
    try:
        _use(entry)
    except LlmspellError as error:
        return PluginReport(entry, getattr(error, "cause", str(error)), getattr(error, "cure", _CONTRACT))
    return PluginReport(entry)


def _use(entry: EntryPoint) -> None:
    if entry.group == "engines":
        engine_class(entry.name)
    elif entry.group == "bridges":
        bridge_class(entry.name)
    elif entry.group == "commands":
        command(entry.name)
    elif entry.group == "observers":
        observer(entry.name)
    elif entry.group == "converters":
        _load(entry, _HOOKS[entry.group])


def _keep(failures: dict[str, Exception]) -> Callable[[Any, Any, Any], None]:
    def keep(_: Any, entry: Any, error: Any) -> None:
        failures[entry.name] = error

    return keep


def _warn(message: str) -> None:
    import logging

    logging.getLogger("llmspell").warning("%s; see `llmspell plugins`", message)
