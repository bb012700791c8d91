"""Files reached from the root of the file system folder by folder, so that no link can lead elsewhere.

A path that was checked is real: it has no link in it. Each of its folders is opened from the one before, links refused,
and what is opened last is what was checked, whatever happens to the path in the meantime.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HardLinked", "NoFile", "folder", "open_file", "parent", "tree"]

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_LISTED = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class NoFile(Exception):
    """A device, pipe or socket stands where a file was asked for."""


class HardLinked(Exception):
    """The file has other names, which may lie where the run may not go."""


def open_file(path: str, flags: int, *, hard_links: bool) -> int:
    """Return a descriptor of a regular file at a real path.

    :param flags: as for ``os.open``; nothing is cut off before the file was looked at
    :param hard_links: whether a file may have several names
    :raises NoFile, HardLinked: what it is instead
    """
    with parent(path) as (within, name):
        _check_kind(name, within)
        descriptor = os.open(name, flags | _FILE, 0o666, dir_fd=within)
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(21, "it is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise NoFile
        if found.st_nlink > 1 and not hard_links:
            raise HardLinked
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def parent(path: str) -> Iterator[tuple[int, str]]:
    """Open the folder that a real path is in; yield it with the last name of the path."""
    above, name = os.path.split(path)
    with _opened(_descend(above)) as descriptor:
        yield descriptor, name or "."


@contextmanager
def folder(path: str) -> Iterator[int]:
    """Open the folder at a real path, to be listed."""
    with parent(path) as (above, name):
        descriptor = os.open(name, _LISTED, dir_fd=above)
    with _opened(descriptor):
        yield descriptor


def tree(above: int, name: str) -> int:
    """Open a folder in a folder, to be listed; the caller closes it."""
    return os.open(name, _LISTED, dir_fd=above)


def _check_kind(name: str, within: int) -> None:
    """Refuse what must not even be opened: opening a device may do something."""
    try:
        mode = os.stat(name, dir_fd=within, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
        raise NoFile


def _descend(path: str) -> int:
    if os.open not in os.supports_dir_fd:
        raise UsageError("the bridge fs needs a system that opens files relative to folders; this one does not")
    descriptor = os.open(os.sep, _FOLDER)
    for name in filter(None, path.split(os.sep)):
        with _opened(descriptor):
            descriptor = os.open(name, _FOLDER, dir_fd=descriptor)
    return descriptor


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
