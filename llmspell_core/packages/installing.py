"""Packages made of folders, and put among the user's own spells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llmspell_core.errors import LlmspellError
from llmspell_core.facts import Fact, fact
from llmspell_core.packages import archives
from llmspell_core.packages.contents import digest, digest_of, read_folder
from llmspell_core.packages.lock import LOCK
from llmspell_core.packages.places import find, own_folder
from llmspell_core.sources import MANIFEST, MAX_BYTES
from llmspell_core.versions import PackageError, best, check_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.spells import Manifest

__all__ = ["Packed", "install", "pack"]


@fact
class Packed(Fact):
    """A package that was made or installed.

    :param path: of the archive, or of the folder that it is in now
    :param sha256: of the paths and contents of its files
    :param asks: the capabilities that its manifest asks for
    """

    name: str
    version: str
    path: str
    sha256: str
    files: tuple[str, ...]
    asks: tuple[str, ...] = ()
    new: bool = True


def pack(folder: str, into: str) -> Packed:
    """Write the archive of a spell's folder and return what it is.

    :param into: the folder that the archive goes to
    :raises PackageError: when the spell cannot be a package
    """
    from llmspell_core.spells import Spell

    if not os.path.isdir(folder):
        raise PackageError(f"{folder!r} is no folder; a spell in one file is packed in a folder with a {MANIFEST}")
    files = read_folder(folder)
    manifest = _manifest(files, folder)
    Spell.load(folder)  # its entry is there, and can be read
    if manifest.dependencies and LOCK not in files:
        raise PackageError(f"{folder!r} has dependencies and no {LOCK}; run `llmspell lock {folder}` first")
    path = os.path.join(into, f"{manifest.name}-{manifest.version}{archives.SUFFIX}")
    archives.write_file(archives.pack(files), path)
    return Packed(
        manifest.name, manifest.version, path, digest(files), tuple(sorted(files)), tuple(manifest.permissions)
    )


def install(source: str, *, replace: bool = False) -> Packed:
    """Put a package among the user's spells and return what it is: an archive, a folder, or a spell found by its name.

    :param replace: also where another of that name and version is there
    :raises PackageError: when it is none, or another is there
    """
    files = _files(source)
    manifest = _manifest(files, source)
    folder = os.path.join(own_folder(), f"{manifest.name}-{manifest.version}")
    sha256, known = digest(files), _digest(folder)
    facts = (manifest.name, manifest.version, folder, sha256, tuple(sorted(files)), tuple(manifest.permissions))
    if known == sha256:
        return Packed(*facts, new=False)
    if known is not None and not replace:
        raise PackageError(
            f"another {manifest.name} {manifest.version} is installed in {folder} (SHA-256 {known[:12]}..., this one "
            f"{sha256[:12]}...); give this one another version, or put it in that one's place with --replace"
        )
    _put(files, folder, is_there=known is not None)
    return Packed(*facts)


def _put(files: Mapping[str, bytes], folder: str, *, is_there: bool) -> None:
    import shutil
    import tempfile

    try:
        if not is_there:
            archives.write_files(files, folder)
            return
        with tempfile.TemporaryDirectory(prefix=".outgoing-", dir=os.path.dirname(folder)) as temporary:
            old = os.path.join(temporary, "spell")
            os.rename(folder, old)
            try:
                archives.write_files(files, folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                os.rename(old, folder)
                raise
    except OSError as error:
        raise PackageError(f"cannot write {folder!r}: {(error.strerror or str(error)).lower()}") from error


def _files(source: str) -> dict[str, bytes]:
    if os.path.isdir(source):
        return read_folder(source)
    if os.path.lexists(source):
        return archives.unpack(_read(source), os.path.basename(source))
    if os.sep in source or source.endswith(archives.SUFFIX):
        raise PackageError(f"there is no {source!r}; name an archive, a folder, or a spell that `llmspell list` shows")
    return read_folder(find(source).folder)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PackageError(f"cannot read {path!r}: {(error.strerror or str(error)).lower()}") from error
    if len(data) > MAX_BYTES:
        raise PackageError(f"{path!r} is larger than {MAX_BYTES // 2**20} MB, and so no package")
    return data


def _manifest(files: Mapping[str, bytes], shown: str) -> Manifest:
    """Return the manifest of a package; :raises PackageError: when it has none, or without name or version."""
    from llmspell_core.manifests import read

    if MANIFEST not in files:
        raise PackageError(f"{shown}: there is no {MANIFEST}; a package has one, with a name and a version")
    try:
        manifest = read(files[MANIFEST].removeprefix(b"\xef\xbb\xbf").decode(), MANIFEST)
    except UnicodeDecodeError as error:
        raise PackageError(f"{shown}: {MANIFEST} is not UTF-8; save it as UTF-8") from error
    check_name(manifest.name)
    if best([manifest.version], "*") is None:
        raise PackageError(f"{MANIFEST}: a package has a version of three numbers, as 1.0.0, not {manifest.version!r}")
    return manifest


def _digest(folder: str) -> str | None:
    """Return the SHA-256 of what is installed in a folder; that of nothing when it is no package, None without one."""
    if not os.path.lexists(folder):
        return None
    try:
        return digest_of(folder)
    except LlmspellError:
        return digest({})
