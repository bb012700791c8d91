"""What values looked like when they were last approved, in files beside the tests."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Snapshots"]

_HEAD = "=== "
_INDENT = "    "


class Snapshots:
    """The snapshots of one file of tests: a head for each, and its text indented.

    :param path: where they are kept; None keeps them nowhere
    :param update: whether what differs is approved now
    :param fixed: whether a new one is refused, as where nobody would commit it
    """

    def __init__(self, path: str | None, *, update: bool = False, fixed: bool = False) -> None:
        self._path, self._update, self._fixed = path, update, fixed
        self._kept = {} if path is None else _read(path)

    def compare(self, name: str, text: str) -> str | None:
        """Return what is kept under a name where it differs from a text; what is new is kept.

        :raises UsageError: when it is new and may not be kept
        """
        name = " ".join(name.splitlines())
        kept = self._kept.get(name)
        if kept == text:
            return None
        if kept is not None and not self._update:
            return kept
        if kept is None and self._fixed:
            raise UsageError(f"there is no snapshot {name!r}; run the tests with --update-snapshots and commit it")
        self._kept[name] = text
        self._write(name)
        return None

    def _write(self, name: str) -> None:
        if self._path is None:
            return
        folder = os.path.dirname(self._path)
        os.makedirs(folder, exist_ok=True)
        with _alone(folder):
            # Another process may have kept others of the same file meanwhile.
            self._kept = {**_read(self._path), name: self._kept[name]}
            part = f"{self._path}.{os.getpid()}.part"
            with open(part, "w", encoding="utf-8") as file:
                for each, text in sorted(self._kept.items()):
                    file.write(f"{_HEAD}{each}\n" + "".join(f"{_INDENT}{line}\n" for line in text.split("\n")))
            os.replace(part, self._path)


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Have other processes wait that want the same folder, where the system has locks for folders."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems, as of networks, have none
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _read(path: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
    except FileNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    name = ""
    for number, line in enumerate(lines, 1):
        if line.startswith(_HEAD):
            name = line[len(_HEAD) :]
            found[name] = []
        elif line.startswith(_INDENT) and name:
            found[name].append(line[len(_INDENT) :])
        elif line:
            raise UsageError(f"{path}:{number}: this is no line of a snapshot; delete the file and run the tests again")
    return {name: "\n".join(text) for name, text in found.items()}
