"""Spells that a spell runs: found, and cast with no more than the spell itself has."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.spell.failures import NoFolder
from llmspell_core.errors import BadArgument, SpellFailed
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell
from llmspell_core.values import Function

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmspell_bridges.spell.records import StepRecord
    from llmspell_core.bridge import Context
    from llmspell_core.casts import CastOptions, Result

__all__ = ["compose", "find", "value_of"]


def find(context: Context, name: str) -> Spell:
    """Return the spell of a name, or at a path in the folder of the spell that asks; reads the disk.

    What a spell's folder has is the spell's own, so nothing needs to be granted; nothing outside of it is found.

    :raises UsageError: when there is none, or it is not what was locked
    :raises NoFolder: when the spell that asks is one file, and that is not one of those that it came with
    """
    from llmspell_core.packages import find as find_package
    from llmspell_core.packages.lock import load_dependency
    from llmspell_core.sources import within
    from llmspell_core.versions import is_name

    home, manifest = context.spell.folder, context.spell.manifest
    if not is_name(name):
        return _brought(context.spell, name) if home is None else _at(home, within(home, name))
    if name in manifest.dependencies and home is not None:
        return load_dependency(home, manifest, name)
    return Spell.load(find_package(name, manifest.dependencies.get(name, "*"), home).folder)


def _brought(caller: Spell, name: str) -> Spell:
    """Return the spell in one of the files that a spell without a folder came with."""
    import posixpath

    own = posixpath.normpath(name)
    if own not in caller.modules:
        raise NoFolder(name)
    source = caller.modules[own]
    return Spell(source, own, Spell.text(source, own).manifest, caller.modules)


def _at(home: str, path: str) -> Spell:
    """Return the spell at a path; a file alone has the caller's folder for its own, and none of its manifest."""
    import os

    spell = Spell.load(path)
    return spell if spell.folder is not None or os.path.isdir(path) else replace(spell, folder=home)


async def cast(
    context: Context,
    name: str,
    params: Mapping[str, Any],
    *,
    allow: Sequence[str] | None = None,
    model: str | None = None,
    timeout: float | None = None,  # noqa: ASYNC109 - a spell says it
) -> Result:
    """Return what came of a spell that a spell runs; its error is raised."""
    spell = await asyncio.to_thread(find, context, name)
    options: CastOptions = {"params": params, "model": model}
    if allow is not None:
        options["policy"] = Policy.strict().allow(*allow)
    if timeout is None:
        result = await context.cast(spell, **options)
    else:
        try:
            async with asyncio.timeout(timeout):
                result = await context.cast(spell, **options)
        except TimeoutError:
            raise SpellFailed(f"the spell {name!r} took longer than {timeout} s; give it more, or less to do") from None
    result.unwrap()
    return result


async def compose(context: Context, steps: Sequence[str | Function | StepRecord], given: Any, *, at_once: bool) -> Any:
    """Return the value of the last of several spells and functions, each given the value of the one before.

    :param at_once: give all of them the same, run them at once, and return the list of their values
    """
    if not steps:
        raise BadArgument("spell.compose", 1, "steps", "has at least one step")
    if at_once:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(value_of(context, step, given)) for step in steps]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]
    value = given
    for step in steps:
        value = await value_of(context, step, value)
    return value


async def value_of(context: Context, step: str | Function | StepRecord, given: Any) -> Any:
    """Return what a step makes of what it is given."""
    made: Any = step if isinstance(step, dict) else {"run": step}
    what = made["run"]
    if isinstance(what, Function):
        return await what(given)
    params = dict(made.get("params") or {})
    if given is not None:
        params.setdefault("input", given)
    return (await cast(context, what, params, allow=made.get("allow"))).value
