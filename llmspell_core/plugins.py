"""Which plugins are installed. The one module that knows entry points, pluggy and stevedore.

Casting a spell needs two or three plugins by name, so names come from a scan of the installed metadata that imports
nothing. What looks at *all* plugins (``llmspell plugins``, hooks) pays for pluggy and stevedore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.contracts import CURE, check_bridge, check_engine, check_hooks
from llmspell_core.entrypoints import PREFIX, EntryPoint, scan
from llmspell_core.errors import BrokenPlugin, Denied, LlmspellError
from llmspell_core.facts import Fact, fact
from llmspell_core.loading import clash, entry_of, imported, load, offered, reinstall, told

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
    "call_hooks",
    "check_bridge",
    "check_engine",
    "check_hooked",
    "command",
    "command_names",
    "conformance_spells",
    "converters",
    "converters_of",
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


@fact
class PluginReport(Fact):
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
    entry = entry_of("engines", name)
    offers = {getattr(getattr(engine, "info", None), "name", None): engine for engine in load(entry)}
    engine: type[Engine] = offered(entry, offers, "info.name")
    check_engine(engine)
    return engine


def bridge_class(name: str) -> type[Bridge]:
    """Return the bridge of that name; errors as :func:`engine_class`."""
    entry = entry_of("bridges", name)
    offers = {own: bridge for bridge in reversed(load(entry)) for own in _names(bridge)}
    bridge: type[Bridge] = offered(entry, offers, "name")
    check_bridge(bridge)
    return bridge


def command(name: str) -> Command:
    """Return the click command of that name; errors as :func:`engine_class`."""
    entry = entry_of("commands", name)
    found: Command = offered(entry, {getattr(each, "name", None): each for each in load(entry)}, "name")
    return found


def observer(name: str) -> Callable[[str], AbstractContextManager[object]]:
    """Return what makes an observer of that name of its setting: a plugin with hooks, closed when it is left.

    Errors are those of :func:`engine_class`.
    """
    made: Callable[[str], AbstractContextManager[object]] = imported(entry_of("observers", name))
    return made


def driver(group: str, name: str) -> Any:
    """Return what an entry of a group of drivers (``stores``, ...) stands for; errors as :func:`engine_class`."""
    return imported(entry_of(group, name))


def converters() -> list[Converter]:
    """Return every installed converter, those of plugins before the built-in ones."""
    found: list[Converter] = []
    for name, entry in sorted(entry_points("converters").items(), key=lambda item: item[0] == "standard"):
        try:
            found.extend(converters_of(entry))
        except BrokenPlugin as error:
            _warn(f"converters {name!r} are left out: {error.cause}")
    return found


def converters_of(entry: EntryPoint) -> list[Converter]:
    """Return the converters of one entry; :raises BrokenPlugin: when something else is among them."""
    from llmspell_core.converter import Converter

    found = load(entry)
    for each in found:
        if not isinstance(each, Converter):
            raise BrokenPlugin("converter", entry.name, f"{each!r} is no object of a subclass of Converter", CURE)
    return found


def hooks(more: Sequence[object] = ()) -> pluggy.PluginManager | None:
    """Return the manager of all plugins with hooks around what runs do, or None when there are none.

    :param more: objects with hook implementations, in addition to the installed ones
    :raises BrokenPlugin: when one cannot be registered: it may be there to refuse, and nothing runs without it
    """
    entries = entry_points("hooks")
    if not entries and not more:
        return None
    import pluggy

    from llmspell_core import hookspecs

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, entry in entries.items():
        _register(manager, imported(entry), name)
    for plugin in more:
        _register(manager, plugin, getattr(plugin, "__name__", type(plugin).__name__))
    return manager


def check_hooked(entry: EntryPoint) -> None:
    """:raises BrokenPlugin: when an entry of the group ``hooks`` cannot be registered."""
    import pluggy

    from llmspell_core import hookspecs

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    _register(manager, imported(entry), entry.name)


def call_hooks(manager: pluggy.PluginManager | None, name: str, **given: Any) -> None:
    """Call the implementations of a hook, each by itself: one that fails is logged and passed over.

    :raises Denied: when one refuses
    """
    for found in [] if manager is None else reversed(getattr(manager.hook, name).get_hookimpls()):
        try:
            found.function(*(given[argument] for argument in found.argnames))
        except Denied:
            raise
        except Exception:
            import logging

            logging.getLogger("llmspell").exception("%s of %r failed and is passed over", name, found.plugin)


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


def report(use: Callable[[EntryPoint], None]) -> list[PluginReport]:
    """Load every installed plugin and say of each whether it can be used.

    :param use: takes an entry into use, and raises where that cannot be
    """
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
            _examine(entry, scanned, use, loaded.get(entry.name), failures.get(entry.name))
            for entry in scanned
            if entry.group == group
        ]
    return rows


def _register(manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    import pluggy

    check_hooks(plugin, name)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        fault = str(error).splitlines()[-1].strip()
        raise BrokenPlugin("plugin", name, fault, "llmspell_core.hookspecs has what each hook is given") from error


def _names(bridge: Any) -> list[Any]:
    return [getattr(bridge, "name", None), *getattr(bridge, "aliases", ()), *getattr(bridge, "roles", ())]


def _examine(
    entry: EntryPoint, all: list[EntryPoint], use: Callable[[EntryPoint], None], plugin: Any, failure: Exception | None
) -> PluginReport:
    offers = [other for other in all if (other.group, other.name) == (entry.group, entry.name)]
    if fault := clash(offers):
        return PluginReport(entry, fault, "uninstall all but one of them")
    if failure is not None:
        return PluginReport(entry, f"does not import: {told(failure)}", reinstall(entry))
    if plugin is None:
        return PluginReport(entry, "its metadata changed while looking", "try again")
    try:
        use(entry)
    except LlmspellError as error:
        return PluginReport(entry, getattr(error, "cause", str(error)), getattr(error, "cure", CURE))
    return PluginReport(entry)


def _keep(failures: dict[str, Exception]) -> Callable[[Any, Any, Any], None]:
    def keep(_: Any, entry: Any, error: Any) -> None:
        failures[entry.name] = error

    return keep


def _warn(message: str) -> None:
    import logging

    logging.getLogger("llmspell").warning("%s; see `llmspell plugins`", message)
