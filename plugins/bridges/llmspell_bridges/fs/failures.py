"""The errors of file operations, as spells see them."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmspell_bridges.fs.walk import HardLinked, NoFile
from llmspell_core.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FileFailed", "Reason", "failing"]

Reason: TypeAlias = Literal[
    "changed",
    "exists",
    "full",
    "invalid",
    "is_directory",
    "no_file",
    "not_directory",
    "not_empty",
    "not_found",
    "not_json",
    "not_text",
    "permission",
    "shared",
    "unknown",
]


class FileFailed(CallError):
    """A file operation failed; ``data`` is ``{path, reason}``.

    :param path: as the spell wrote it
    """

    kind = "file"

    def __init__(self, path: str, reason: Reason, problem: str) -> None:
        self.path, self.reason = path, reason
        self.data = {"path": path, "reason": reason}
        super().__init__(f"{path!r}: {problem}")


_REASONS: dict[int, tuple[Reason, str]] = {
    errno.ENOENT: ("not_found", "there is no such file or folder"),
    errno.EEXIST: ("exists", "it is there already"),
    errno.EISDIR: ("is_directory", "it is a folder"),
    errno.ENOTDIR: ("not_directory", "it, or what leads to it, is no folder"),
    errno.ENOTEMPTY: ("not_empty", "the folder is not empty; pass the option 'recursive'"),
    errno.EACCES: ("permission", "the system does not permit it"),
    errno.EPERM: ("permission", "the system does not permit it"),
    errno.EROFS: ("permission", "it is on a file system that is read only"),
    errno.ELOOP: ("changed", "a link was put in its way while it was looked up"),
    errno.ENOSPC: ("full", "the disk is full"),
    errno.EDQUOT: ("full", "the quota is used up"),
    errno.ENAMETOOLONG: ("invalid", "the name is too long"),
    errno.ENXIO: ("no_file", "it is a device, pipe or socket, not a file"),
}


@contextmanager
def failing(path: str, absent: str = "") -> Iterator[None]:
    """Raise what the system says of a path as :class:`FileFailed`.

    :param absent: what is said when nothing is there, in the place of that
    """
    try:
        yield
    except FileNotFoundError as error:
        raise FileFailed(path, "not_found", absent or _REASONS[errno.ENOENT][1]) from error
    except OSError as error:
        known: tuple[Reason, str] = ("unknown", error.strerror or "the system refused")
        reason, problem = _REASONS.get(error.errno or 0, known)
        raise FileFailed(path, reason, problem) from error
    except NoFile as error:
        raise FileFailed(path, "no_file", "it is a device, pipe or socket, not a file") from error
    except HardLinked as error:
        problem = "the file has more than one name, and the others may lie outside of what was granted; copy it first"
        raise FileFailed(path, "shared", problem) from error
    except UnicodeEncodeError as error:
        raise FileFailed(path, "invalid", "the system cannot write such a name") from error
