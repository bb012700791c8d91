"""What belongs to a spell that is a folder, and the one number that stands for all of it."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from llmspell_core.sources import MAX_BYTES, MAX_FILES
from llmspell_core.versions import PackageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_path", "collides", "digest", "digest_of", "read_folder"]

MAX_DEPTH = 16
"""How many folders a file of a package may lie in."""
_LEFT_OUT = frozenset({"__pycache__", "node_modules", "dist"})


def read_folder(folder: str) -> dict[str, bytes]:
    """Return the files of a spell's folder by their paths: all but hidden ones and what tools leave behind.

    :raises PackageError: when there is a link, a name that not every system can have, or too much of it
    """
    files: dict[str, bytes] = {}
    size = 0
    for path, full in sorted(_walk(folder, "")):
        check_path(path)
        if len(files) == MAX_FILES:
            raise PackageError(f"{folder!r} has more than {MAX_FILES} files; leave out what the spell does not need")
        files[path] = _read(full, MAX_BYTES + 1 - size)
        size += len(files[path])
        if size > MAX_BYTES:
            raise PackageError(f"{folder!r} holds more than {MAX_BYTES // 2**20} MB; leave out what is not needed")
    if found := collides(files):
        raise PackageError(f"{found[0]!r} and {found[1]!r} are one file on some systems; give one another name")
    return files


def digest(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the paths and contents of files, in hexadecimal."""
    whole = sha256()
    for path in sorted(files):
        whole.update(f"{sha256(files[path]).hexdigest()}  {path}\n".encode())
    return whole.hexdigest()


def digest_of(folder: str) -> str:
    """Return the SHA-256 of all that belongs to a spell's folder; errors as :func:`read_folder`."""
    return digest(read_folder(folder))


def check_path(path: str) -> None:
    """Do nothing with the path of a file that may be in a package; :raises PackageError: when it may not."""
    parts = path.split("/")
    wrong = [part for part in parts if not _is_plain(part)]
    if wrong or len(path.encode("utf-8", "surrogatepass")) > 255 or len(parts) > MAX_DEPTH:
        raise PackageError(f"{path[:300]!r} is no path of a file in a package; use names that every system can have")


def collides(paths: Mapping[str, bytes]) -> tuple[str, str] | None:
    """Return two paths that some systems take for one, or of which one would have to be a folder; None without."""
    import unicodedata

    seen: dict[str, str] = {}
    for path in paths:
        key = unicodedata.normalize("NFC", path.casefold())
        if key in seen:
            return seen[key], path
        seen[key] = path
    for key, path in seen.items():
        parts = key.split("/")
        for depth in range(1, len(parts)):
            if (other := seen.get("/".join(parts[:depth]))) is not None:
                return other, path
    return None


def _is_plain(part: str) -> bool:
    stem = part.partition(".")[0].casefold()
    return (
        part not in ("", ".", "..")
        and part.isprintable()
        and not part.startswith((".", " "))
        and not part.endswith((".", " "))
        and not set(part) & set('\\:*?"<>|')
        and not any(0xD800 <= ord(sign) < 0xE000 for sign in part)
        and stem not in ("con", "prn", "aux", "nul")
        and not (stem[:3] in ("com", "lpt") and stem[3:].isdigit())
    )


def _read(path: str, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise PackageError(f"cannot read {path!r}: {(error.strerror or str(error)).lower()}") from error


def _walk(folder: str, above: str) -> Iterator[tuple[str, str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise PackageError(f"cannot read {folder!r}: {(error.strerror or str(error)).lower()}") from error
    for entry in entries:
        path = above + entry.name
        if entry.name.startswith(".") or entry.name in _LEFT_OUT:
            continue
        if entry.is_symlink():
            raise PackageError(f"{path!r} is a link; a package holds files alone: put a copy in its place")
        if entry.is_dir():
            if path.count("/") + 1 >= MAX_DEPTH:
                raise PackageError(f"{path!r} lies too deep; use at most {MAX_DEPTH} folders within one another")
            yield from _walk(entry.path, path + "/")
        elif entry.is_file():
            yield path, entry.path
        else:
            raise PackageError(f"{path!r} is neither file nor folder; remove it")
