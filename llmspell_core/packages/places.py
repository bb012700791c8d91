"""Where spells are found by name: folders, the user's own, and installed Python packages.

They are looked for in this order, and the first place that has one that fits wins: ``spells/`` in the folder of the
spell that asks, the folders of ``$LLMSPELL_PATH``, ``spells/`` in the current folder, the user's own (where ``llmspell
install`` puts them), and packages with entry points of the group ``llmspell.spells``.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from llmspell_core.config import data_path
from llmspell_core.errors import LlmspellError, closest
from llmspell_core.facts import Fact, fact
from llmspell_core.sources import MANIFEST, manifest_in
from llmspell_core.spells import Spell
from llmspell_core.versions import PackageError, best, check_name, is_name, order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmspell_core.spells import Manifest

__all__ = ["Found", "NoSpell", "every", "find", "load", "own_folder"]

GROUP = "spells"
"""The group of entry points: a name, and the Python package whose folder holds spells."""
MOST = 2000
"""How many folders of a place are looked at."""


@fact
class Found(Fact):
    """A spell that has a name.

    :param place: ``local``, ``path``, ``project``, ``user`` or the distribution that brings it
    :param problem: why it cannot be used, else empty
    """

    name: str
    version: str
    description: str
    folder: str
    place: str
    problem: str = ""


class NoSpell(PackageError):
    """No spell of that name is found, or none of the versions that are wanted."""

    kind = "no_spell"

    def __init__(self, name: str, range: str, found: Iterable[Found]) -> None:
        self.name, self.range = name, range
        every = list(found)
        same = [each for each in every if each.name == name]
        if broken := [each for each in same if each.problem]:
            there = f"; the one in {broken[0].folder} is broken: {broken[0].problem}"
        elif same:
            there = f"; there are {', '.join(f'{_version_of(each)} ({each.place})' for each in same)}"
        else:
            there = closest(name, sorted({each.name for each in every})).removesuffix("?")
        wanted = name if range == "*" else f"{name} {range}"
        super().__init__(
            f"no spell {wanted!r} is found{there}; install it with `llmspell install`, or see `llmspell list`"
        )


def own_folder() -> str:
    """Return the folder of the spells that the user has installed."""
    return data_path("spells")


def every(home: str | None = None) -> Iterator[Found]:
    """Return all spells that have a name, in the order of the places.

    :param home: the folder of the spell that asks
    """
    seen: set[str] = set()
    for place, folder in _places(home):
        real = os.path.realpath(folder)
        if real not in seen:
            seen.add(real)
            yield from _in_folder(real, place)


def find(name: str, range: str = "*", home: str | None = None) -> Found:
    """Return the spell of a name: of the first place that has one in a range of versions the highest.

    :param home: the folder of the spell that asks
    :raises NoSpell: when there is none
    """
    check_name(name)
    found = [each for each in every(home) if each.name == name]
    for place in dict.fromkeys(each.place for each in found):
        usable = [each for each in found if each.place == place and not each.problem]
        if range == "*" and usable:
            return max(usable, key=lambda each: order(each.version))
        version = best([each.version for each in usable], range)
        if version is not None:
            return next(each for each in usable if each.version == version)
    raise NoSpell(name, range, every(home))


def load(text: str) -> Spell:
    """Return the spell at a path, or, where there is no such file, the one of that name; errors as ``Spell.load``."""
    if not is_name(text) or os.path.lexists(text):
        return Spell.load(text)
    return Spell.load(find(text).folder)


def _version_of(found: Found) -> str:
    return found.version or "one without a version"


def _places(home: str | None) -> Iterator[tuple[str, str]]:
    if home is not None:
        yield "local", os.path.join(home, "spells")
    for folder in os.environ.get("LLMSPELL_PATH", "").split(os.pathsep):
        if folder:
            yield "path", folder
    yield "project", "spells"
    yield "user", own_folder()
    yield from _of_distributions()


def _of_distributions() -> Iterator[tuple[str, str]]:
    from llmspell_core.plugins import entry_points

    for entry in entry_points(GROUP).values():
        # The package is found, not imported: to list its spells must run nothing of it.
        package, _, below = entry.module.partition(":")
        try:
            spec = find_spec(package.partition(".")[0])
        except (ImportError, ValueError):
            continue
        for root in (spec.submodule_search_locations or ()) if spec is not None else ():
            yield entry.distribution, os.path.join(root, *package.split(".")[1:], *below.split("."))


def _in_folder(folder: str, place: str) -> Iterator[Found]:
    try:
        names = sorted(os.listdir(folder))[:MOST]
    except OSError:
        return
    for name in ["", *names]:
        path = os.path.join(folder, name) if name else folder
        if not name.startswith(".") and os.path.isfile(os.path.join(path, MANIFEST)):
            yield _found(path, place)


def _found(folder: str, place: str) -> Found:
    base = os.path.basename(folder)
    try:
        manifest: Manifest | None = manifest_in(folder)
        assert manifest is not None
    except LlmspellError as error:
        return Found(base, "", "", folder, place, str(error))
    name = manifest.name or base
    problem = "" if is_name(name) else f"{name!r} is no name of a package"
    return Found(name, manifest.version, manifest.description, folder, place, problem)
