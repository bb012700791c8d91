"""The plugin that an entry point names: its module imported, and what its hook offers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmspell_core.contracts import MARK
from llmspell_core.entrypoints import scan
from llmspell_core.errors import BrokenPlugin, NotInstalled

if TYPE_CHECKING:
    from llmspell_core.entrypoints import EntryPoint

__all__ = ["clash", "entry_of", "imported", "load", "offered", "one_of", "reinstall", "told"]


def one_of(group: str) -> str:
    """Return what one thing of a group is called."""
    return "bus" if group == "buses" else group.removesuffix("s")


def entry_of(group: str, name: str) -> EntryPoint:
    """Return the installed entry of that name; :raises NotInstalled, BrokenPlugin: when there is none, or several."""
    what = one_of(group)
    offers = [entry for entry in scan() if entry.group == group and entry.name == name]
    if not offers:
        raise NotInstalled(what, name, sorted({entry.name for entry in scan() if entry.group == group}))
    if fault := clash(offers):
        raise BrokenPlugin(what, name, fault, "uninstall all but one of them")
    return offers[0]


def clash(offers: list[EntryPoint]) -> str | None:
    """Return what is wrong with entries of one name, where several distributions have one."""
    owners = sorted({entry.distribution for entry in offers})
    return f"{' and '.join(owners)} both offer it" if len(owners) > 1 else None


def imported(entry: EntryPoint) -> Any:
    """Return the module, or what of it, that an entry names; :raises BrokenPlugin: when it does not import."""
    module, _, attribute = entry.module.partition(":")
    try:
        found = import_module(module)
        return getattr(found, attribute) if attribute else found
    except Exception as error:
        cause = f"{entry.module} does not import: {told(error)}"
        raise BrokenPlugin(one_of(entry.group), entry.name, cause, reinstall(entry)) from error


def load(entry: EntryPoint) -> list[Any]:
    """Return what the hook of an entry's group returns; :raises BrokenPlugin: when there is none, or it fails."""
    what, hook = one_of(entry.group), f"llmspell_{entry.group}"
    function = getattr(imported(entry), hook, None)
    if function is None:
        cause = f"{entry.module} has no hook implementation {hook}()"
        raise BrokenPlugin(what, entry.name, cause, "have the entry point name the module that has it")
    if not hasattr(function, "llmspell_impl"):
        raise BrokenPlugin(what, entry.name, f"{entry.module} has {hook}(), and it is no hook implementation", MARK)
    try:
        return list(function())
    except Exception as error:
        cause = f"{entry.module}.{hook}() failed: {told(error)}"
        raise BrokenPlugin(what, entry.name, cause, reinstall(entry)) from error


def offered(entry: EntryPoint, offers: dict[Any, Any], attribute: str) -> Any:
    """Return what a plugin offers by the name of its entry."""
    if entry.name in offers:
        return offers[entry.name]
    what = one_of(entry.group)
    there = ", ".join(f"{name!r} ({getattr(each, '__name__', each)})" for name, each in offers.items())
    cause = f"{entry.module}.llmspell_{entry.group}() offers no {what} of that name; it offers {there or 'nothing'}"
    raise BrokenPlugin(what, entry.name, cause, f"have `{attribute}` and the name of the entry point agree")


def told(error: Exception) -> str:
    """Return what an error of a plugin's module is, and where it was raised."""
    import traceback
    from pathlib import Path

    # What loads plugins, and what their modules call to declare something, is not where the fault is.
    others = (str(Path(__file__).parent), "importlib", "stevedore")
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(other in frame.filename for other in others)
    ]
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def reinstall(entry: EntryPoint) -> str:
    """Return what helps where a distribution is broken."""
    return f"reinstall or upgrade {entry.distribution}, or uninstall it"
