"""Packages as one file, ``name-1.0.0.tar.gz``: the same folder gives the same bytes, and no archive is trusted."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import zlib
from typing import IO, TYPE_CHECKING

from llmspell_core.packages.contents import check_path, collides
from llmspell_core.sources import MAX_BYTES, MAX_FILES
from llmspell_core.versions import PackageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SUFFIX", "pack", "unpack", "write_file", "write_files"]

SUFFIX = ".tar.gz"
MAX_UNPACKED = 2 * MAX_BYTES
"""Bytes that an archive may come to, headers and padding among them."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of files by their paths: no times, no owners, in one order."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(files[path]), 0o644
            archive.addfile(member, io.BytesIO(files[path]))
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=0) as out:
        out.write(plain.getvalue())
    return packed.getvalue()


def unpack(data: bytes, shown: str) -> dict[str, bytes]:
    """Return the files of an archive by their paths; nothing is written anywhere.

    :param shown: what errors call the archive
    :raises PackageError: when it holds anything but files of a package, or more than one may
    """
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflated(data)), mode="r:") as archive:
            for member in archive:
                if not member.isdir():
                    _take(archive, member, files)
    except (zlib.error, tarfile.TarError, OverflowError, ValueError, RecursionError) as error:
        raise PackageError(f"{shown}: no archive of a package: {error}; make it with `llmspell pack`") from error
    except PackageError as error:
        raise PackageError(f"{shown}: {error}") from None
    if found := collides(files):
        raise PackageError(f"{shown}: {found[0]!r} and {found[1]!r} are one file on some systems; nothing is unpacked")
    return files


def write_files(files: Mapping[str, bytes], folder: str) -> None:
    """Write files into a folder that is not there yet: all of them, or the folder does not appear."""
    above = os.path.dirname(folder)
    os.makedirs(above, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=above) as temporary:
        made = os.path.join(temporary, "spell")
        os.mkdir(made)
        for path, data in files.items():
            full = os.path.join(made, *path.split("/"))
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "xb") as out:
                out.write(data)
        os.rename(made, folder)


def write_file(data: bytes, path: str) -> None:
    """Write a file whole, in the place of one that is there; :raises PackageError: when it cannot be, and none is."""
    folder, name = os.path.split(path)
    try:
        os.makedirs(folder or ".", exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=folder or ".") as temporary:
            made = os.path.join(temporary, name)
            with open(made, "wb") as out:
                out.write(data)
            os.replace(made, path)
    except OSError as error:
        raise PackageError(f"cannot write {path!r}: {(error.strerror or str(error)).lower()}") from error


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, files: dict[str, bytes]) -> None:
    path = member.name
    if not member.isreg() or member.sparse is not None:
        raise PackageError(f"{path[:300]!r} is no plain file; a package holds files alone")
    check_path(path)
    if path in files:
        raise PackageError(f"{path!r} is there twice")
    if len(files) == MAX_FILES:
        raise PackageError(f"it holds more than {MAX_FILES} files")
    if member.size > MAX_BYTES or member.size + sum(map(len, files.values())) > MAX_BYTES:
        raise PackageError(f"it holds more than {MAX_BYTES // 2**20} MB")
    opened: IO[bytes] | None = archive.extractfile(member)
    assert opened is not None
    files[path] = opened.read(member.size)
    if len(files[path]) != member.size:
        raise PackageError(f"{path!r} is cut off")


def _inflated(data: bytes) -> bytes:
    """Return what a gzip stream holds, and no more of it than a package may."""
    stream = zlib.decompressobj(wbits=31)
    whole = stream.decompress(data, MAX_UNPACKED + 1)
    if len(whole) > MAX_UNPACKED:
        raise PackageError(f"it unpacks to more than {MAX_UNPACKED // 2**20} MB")
    if not stream.eof or stream.unused_data:
        raise PackageError("it is cut off, or something follows its end; fetch it again")
    return whole
