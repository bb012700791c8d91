"""Paths that match a pattern: ``*`` and ``?`` within a name, ``**`` for any folders. Links are never followed."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from typing import TYPE_CHECKING

from llmspell_bridges.fs.walk import folder, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BadPattern", "Glob", "Search", "TooMuch"]

_MAGIC = re.compile(r"[*?\[]")
_MAX_DEPTH = 64


class BadPattern(Exception):
    """The pattern cannot be matched; the message says why."""


class TooMuch(Exception):
    """More has to be looked at than may be."""


class Glob:
    """A pattern, as it was written and at its real path.

    :param written: the pattern as the spell wrote it
    :param real: the same, with its leading folders at their real places

    ``root`` is the folder to look in, ``parts`` the pattern of each level below it, ``shown`` how a found path begins.
    """

    def __init__(self, written: str, real: str) -> None:
        names = [name for name in real.split(os.sep) if name]
        first = next((i for i, name in enumerate(names) if _MAGIC.search(name)), len(names))
        self.parts, self.root = names[first:], os.sep + os.sep.join(names[:first])
        given = [name for name in written.split("/") if name not in ("", ".")]
        cut = len(given) - len(self.parts)
        if cut < 0 or given[cut:] != self.parts:
            raise BadPattern("a pattern cannot have '..' after its first * or ?; write the folder it leads to")
        self.shown = ("/" if written.startswith("/") else "") + "".join(f"{name}/" for name in given[:cut])


class Search:
    """Looks for what matches.

    :param most: entries that are looked at, at the most
    :param may_see: tells whether a real path may be seen at all
    """

    def __init__(self, most: int, may_see: Callable[[str], bool]) -> None:
        self._left, self._may_see = most, may_see

    def paths(self, glob: Glob) -> list[str]:
        """Return what matches, sorted; :raises TooMuch: when that takes looking at too many entries."""
        try:
            with folder(glob.root) as descriptor:
                return sorted(set(self._in(descriptor, glob.root, glob.shown, glob.parts, 0)))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _in(self, descriptor: int, real: str, shown: str, parts: list[str], depth: int) -> Iterator[str]:
        if depth > _MAX_DEPTH:
            raise TooMuch
        deep, rest = parts[0] == "**", parts[1:]
        if deep and rest:
            yield from self._in(descriptor, real, shown, rest, depth + 1)
        matches = re.compile(translate("*" if deep else parts[0])).match
        hidden = parts[0].startswith(".")
        for name, is_folder in self._entries(descriptor):
            path = os.path.join(real, name)
            if (name.startswith(".") and not hidden) or not matches(name) or not self._may_see(path):
                continue
            if not rest:
                yield shown + name
            below = parts if deep else rest
            if is_folder and below:
                yield from self._below(descriptor, name, path, f"{shown}{name}/", below, depth)

    def _below(self, above: int, name: str, real: str, shown: str, parts: list[str], depth: int) -> Iterator[str]:
        try:
            descriptor = tree(above, name)
        except OSError:
            return  # gone, or closed to us: nothing of it matches
        try:
            yield from self._in(descriptor, real, shown, parts, depth + 1)
        finally:
            os.close(descriptor)

    def _entries(self, descriptor: int) -> list[tuple[str, bool]]:
        found: list[tuple[str, bool]] = []
        with os.scandir(descriptor) as entries:
            for entry in entries:
                if not self._left:
                    raise TooMuch
                self._left -= 1
                found.append((entry.name, entry.is_dir(follow_symlinks=False)))
        return found
