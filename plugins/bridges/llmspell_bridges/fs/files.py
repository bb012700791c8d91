"""Files and folders at real paths: read, written, listed and removed, within bounds."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_bridges.fs.walk import folder, open_file, parent

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Files", "Found", "TooLarge", "TooMany"]


class TooLarge(Exception):
    """The file is, or would be, larger than a file may be."""


class TooMany(Exception):
    """The folder holds more than is listed."""


@dataclass(frozen=True)
class Found:
    """What is at a path: its kind, its size in bytes, and when it was last changed, in Unix seconds."""

    kind: str
    size: int
    modified: float


@dataclass(frozen=True)
class Files:
    """File operations; every path is real, with no link in it.

    :param max_bytes: the most that a file may hold to be read or after it was written
    :param max_entries: the most entries of a folder that are listed
    """

    max_bytes: int
    max_entries: int

    def read(self, path: str, *, hard_links: bool) -> bytes:
        """Return what a file holds; :raises TooLarge: when it is more than it may be."""
        with os.fdopen(open_file(path, os.O_RDONLY, hard_links=hard_links), "rb") as file:
            data = file.read(self.max_bytes + 1)
        return self._bounded(data)

    def write(self, path: str, data: bytes, *, hard_links: bool) -> None:
        """Make a file hold the data and nothing else."""
        self._bounded(data)
        with os.fdopen(open_file(path, os.O_WRONLY | os.O_CREAT, hard_links=hard_links), "wb") as file:
            file.truncate()
            file.write(data)

    def append(self, path: str, data: bytes, *, hard_links: bool) -> None:
        """Add the data to the end of a file, which is made when it is not there."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(open_file(path, flags, hard_links=hard_links), "ab") as file:
            if os.fstat(file.fileno()).st_size + len(data) > self.max_bytes:
                raise TooLarge
            file.write(data)

    def stat(self, path: str) -> Found:
        """Return what is at a path."""
        with parent(path) as (above, name):
            found = os.stat(name, dir_fd=above, follow_symlinks=False)
        kind = "file" if stat.S_ISREG(found.st_mode) else "folder" if stat.S_ISDIR(found.st_mode) else "other"
        return Found(kind, found.st_size, found.st_mtime)

    def exists(self, path: str) -> bool:
        """Tell whether anything is at a path."""
        try:
            self.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def list(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; :raises TooMany: when there are more than are listed."""
        names: list[str] = []
        with folder(path) as descriptor, os.scandir(descriptor) as entries:
            for entry in entries:
                if len(names) == self.max_entries:
                    raise TooMany
                names.append(entry.name)
        return sorted(names)

    def delete(self, path: str, *, recursive: bool) -> bool:
        """Remove a file, a link or a folder, and tell whether there was one.

        :param recursive: whether a folder goes with all in it
        """
        try:
            with parent(path) as (above, name):
                if not stat.S_ISDIR(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
                    os.unlink(name, dir_fd=above)
                elif recursive:
                    shutil.rmtree(name, dir_fd=above)
                else:
                    os.rmdir(name, dir_fd=above)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def mkdir(self, path: str, *, parents: bool, may_make: Callable[[str], object]) -> None:
        """Make a folder.

        :param parents: whether the folders above it are made too, and it may be there already
        :param may_make: called with each folder that is to be made; raises when it may not
        """
        try:
            may_make(path)
            with parent(path) as (above, name):
                os.mkdir(name, dir_fd=above)
        except FileNotFoundError:
            if not parents or os.path.dirname(path) == path:
                raise
            self.mkdir(os.path.dirname(path), parents=True, may_make=may_make)
            self.mkdir(path, parents=True, may_make=may_make)
        except FileExistsError:
            if not parents or self.stat(path).kind != "folder":
                raise

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self.max_bytes:
            raise TooLarge
        return data
