"""The entry points that installed distributions declare for llmspell, read without ``importlib.metadata``.

Importing that module costs more than all the rest of a cast, and a cast needs two or three names.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PREFIX", "EntryPoint", "forget", "scan"]

PREFIX = "llmspell."
"""What the groups' names begin with."""


@fact
class EntryPoint(Fact):
    """One line of a distribution's entry points: a name, the module it stands for, and who installed it."""

    group: str
    name: str
    module: str
    distribution: str
    version: str


def scan() -> list[EntryPoint]:
    """Return every entry of llmspell's groups that is installed, in the order of ``sys.path``; imports nothing."""
    path = tuple(sys.path)
    if path not in _scanned:
        _scanned[path] = [entry for folder in path for entry in _scan_folder(folder or ".")]
    return _scanned[path]


def forget() -> None:
    """Forget what was read; the next scan looks again."""
    _scanned.clear()


_scanned: dict[tuple[str, ...], list[EntryPoint]] = {}


def _scan_folder(folder: str) -> list[EntryPoint]:
    try:
        names = [name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []
    found: list[EntryPoint] = []
    for name in sorted(names):
        try:
            with open(f"{folder}/{name}/entry_points.txt", encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue
        if "[" + PREFIX in text:
            found.extend(_parse(text, *_distribution(name)))
    return found


def _distribution(folder: str) -> tuple[str, str]:
    name, _, version = folder.rpartition(".")[0].partition("-")
    return name.replace("_", "-"), version


def _parse(text: str, distribution: str, version: str) -> Iterable[EntryPoint]:
    group = None
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            group = line[1:-1].removeprefix(PREFIX) if line.startswith("[" + PREFIX) else None
        elif group and "=" in line and line[0] not in "#;":
            name, module = line.split("=", 1)
            yield EntryPoint(group, name.strip(), module.strip(), distribution, version)
