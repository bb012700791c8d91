"""The files of a spell on disk: found, read, decoded, and no more of them than a spell may have."""

from __future__ import annotations

import os
import re
import sys
from os.path import basename, dirname, isdir, isfile, join, normpath, realpath, relpath, splitext
from typing import TYPE_CHECKING

from llmspell_core.errors import ManifestError, SpellSyntaxError, UsageError
from llmspell_core.frontmatter import find
from llmspell_core.spells import Manifest, Spell

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MANIFEST",
    "MAX_BYTES",
    "MAX_FILES",
    "decoded",
    "load",
    "manifest_in",
    "manifest_of",
    "manifest_path",
    "of_folder",
    "read_within",
    "within",
]

MANIFEST = "spell.yaml"
"""What the manifest of a spell that is a folder is called."""
MAX_BYTES = 8 * 2**20
"""The most that one file, and all modules of a spell together, may hold."""
MAX_FILES = 1000
"""The most modules that a spell may have."""
STDIN = "-"


def load(path: str) -> Spell:
    """Return the spell in a file, in a folder with a ``spell.yaml``, or on standard input (``-``).

    :raises UsageError: when there is none, or it is too large
    """
    if path == STDIN:
        return _alone(decoded(_bounded(sys.stdin.buffer.read(MAX_BYTES + 1), "stdin"), "stdin"), "stdin")
    # As with Python's own scripts, a link to a spell runs it where it lives.
    real = realpath(path)
    if isdir(real):
        return _load_folder(real, path)
    if basename(real) == MANIFEST:
        return _load_folder(dirname(real), path)
    source = _read(path, path)
    if not isfile(real):
        return _alone(source, basename(path))
    folder, name = dirname(real), basename(real)
    manifest = None if find(source, name) else _beside(folder, name)
    if manifest is not None:
        return of_folder(folder, name, source, manifest)
    modules = _modules(folder, name, source, _related(name)) if _IMPORTS(source) else {}
    return Spell(source, name, manifest_of(source, name), modules, real)


def of_folder(folder: str, entry: str, source: str, manifest: Manifest) -> Spell:
    """Return a spell that has a folder of its own, with the files there that it may ask for.

    :param entry: its file, relative to the folder
    """
    suffixes = _related(entry) | {".json"}
    modules = _modules(folder, entry, source, suffixes) if _IMPORTS(source) else {}
    return Spell(source, entry, manifest, modules, folder, folder)


def manifest_path(path: str) -> str:
    """Return the file that the manifest of the spell at a path is in, or would be: a ``spell.yaml`` or the spell."""
    real = realpath(path)
    if isdir(real):
        return join(real, MANIFEST)
    if basename(real) == MANIFEST or find(_read(real, path), basename(real)):
        return real
    return join(dirname(real), MANIFEST) if _beside(dirname(real), basename(real)) else real


def manifest_of(source: str, file: str) -> Manifest:
    """Return the manifest in a source's front matter, or an empty one."""
    found = find(source, file)
    if found is None:
        return Manifest()
    from llmspell_core.manifests import read

    return read(found[0], file, found[1])


_IMPORTS = re.compile(r"\b(?:require|import|include)\b").search
_FAMILIES = (frozenset({".js", ".mjs", ".cjs"}), frozenset({".ts", ".mts", ".cts"}))


def _alone(source: str, file: str) -> Spell:
    return Spell(source, file, manifest_of(source, file))


def within(home: str, path: str) -> str:
    """Return where a file of a spell's folder is.

    :param path: relative to the folder, as the spell names it
    :raises UsageError: when it is outside, hidden, or not there
    """
    parts = path.split("/")
    if (
        path.startswith("/")
        or "\\" in path
        or "\0" in path
        or any(part.startswith(".") and part != "." for part in parts)
        or not path
    ):
        raise UsageError(
            f"{path!r} is no file of the spell's folder; name one by its path from there, as lib/words.txt"
        )
    found = join(home, path)
    if not _within(found, home):
        raise UsageError(f"{path!r} is outside the spell's folder; move it inside")
    if not _is_spelled_so(home, parts):
        raise UsageError(f"there is no {path!r} in the spell's folder; write it there, or correct the path")
    return found


def read_within(home: str, path: str) -> str:
    """Return the text of a file of a spell's folder; errors as :func:`within`."""
    return _read(within(home, path), path)


def decoded(data: bytes, shown: str) -> str:
    """Return the text of a file's bytes; :raises SpellSyntaxError: when they are no UTF-8."""
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8; save the file as UTF-8"
        raise SpellSyntaxError(f"{shown}: {problem}", shown, line) from error


def _is_spelled_so(folder: str, parts: list[str]) -> bool:
    """Tell whether a file is there, under exactly that name: some disks take others for it."""
    for part in parts:
        if part in ("", "."):
            continue
        try:
            if part not in os.listdir(folder):
                return False
        except OSError:
            return False
        folder = join(folder, part)
    return True


def _load_folder(folder: str, shown: str) -> Spell:
    manifest = manifest_in(folder, shown)
    if manifest is None:
        raise UsageError(f"no {MANIFEST} in the folder {shown!r}; name a file in it, or write one")
    entry = _entry(folder, manifest)
    source = _read(join(folder, entry), join(shown, entry))
    if find(source, entry):
        raise ManifestError(f"{entry} has front matter and {MANIFEST} is there too; move everything to {MANIFEST}")
    return of_folder(folder, entry, source, manifest)


def manifest_in(folder: str, shown: str = "") -> Manifest | None:
    """Return what the ``spell.yaml`` of a folder says, or None where there is none; :raises ManifestError: if wrong."""
    path = join(folder, MANIFEST)
    if not isfile(path):
        return None
    from llmspell_core.manifests import read

    return read(_read(path, join(shown, MANIFEST)), MANIFEST)


def _beside(folder: str, name: str) -> Manifest | None:
    """Return the manifest of a folder when the file is what it says is run; other files there run without it."""
    manifest = manifest_in(folder, folder)
    if manifest is None:
        return None
    entry = splitext(name)[0] == "spell" if manifest.entry is None else normpath(manifest.entry) == name
    return manifest if entry else None


def _entry(folder: str, manifest: Manifest) -> str:
    if manifest.entry:
        entry = normpath(manifest.entry).replace(os.sep, "/")
        if not _within(join(folder, entry), folder):
            raise ManifestError(f"{MANIFEST}: entry {manifest.entry!r} is outside the spell's folder; move it inside")
        if not isfile(join(folder, entry)):
            raise ManifestError(f"{MANIFEST}: entry {manifest.entry!r} is no file in the spell's folder")
        return entry
    found = sorted(name for name in os.listdir(folder) if splitext(name)[0] == "spell" and name != MANIFEST)
    if len(found) != 1:
        there = f"there are {', '.join(found)}" if found else "there is no file spell.*"
        cure = f"name it with `entry: ...`{', or run one of them by its path' if found else ''}"
        raise ManifestError(f"{MANIFEST}: which file is run? {there}; {cure}")
    return found[0]


def _related(name: str) -> frozenset[str]:
    suffix = splitext(name)[1]
    return next((family for family in _FAMILIES if suffix in family), frozenset({suffix}) if suffix else frozenset())


def _modules(folder: str, entry: str, source: str, suffixes: frozenset[str]) -> dict[str, str]:
    modules: dict[str, str] = {}
    size = 0
    for path in sorted(_candidates(folder, entry, suffixes)):
        key = relpath(path, folder).replace(os.sep, "/")
        if key == entry:
            continue
        modules[key] = _read(path, key)
        size += len(modules[key].encode())
        if len(modules) > MAX_FILES or size > MAX_BYTES:
            most = f"{MAX_FILES} files or {MAX_BYTES // 2**20} MB"
            raise UsageError(f"the spell in {folder!r} has more than {most} of modules; give it a folder of its own")
    return modules


def _candidates(folder: str, entry: str, suffixes: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for root in {folder, dirname(join(folder, entry))}:
        flat = (join(root, name) for name in os.listdir(root) if splitext(name)[1] in suffixes)
        deep = (path for path in _walk(join(root, "lib")) if splitext(path)[1] in suffixes | {".json"})
        found.update(path for path in (*flat, *deep) if isfile(path) and _within(path, folder))
    return found


def _walk(folder: str) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (join(root, name) for name in files)


def _within(path: str, folder: str) -> bool:
    return realpath(path).startswith(join(realpath(folder), ""))


def _read(path: str, shown: str) -> str:
    try:
        with open(path, "rb") as file:
            return decoded(_bounded(file.read(MAX_BYTES + 1), shown), shown)
    except OSError as error:
        raise UsageError(f"cannot read {shown!r}: {(error.strerror or str(error)).lower()}") from error


def _bounded(data: bytes, shown: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise UsageError(f"{shown!r} is larger than {MAX_BYTES // 2**20} MB; a spell is a short script")
    return data
