"""Files of tests as spells: each with the folder that it lies in, and what the manifest there says."""

from __future__ import annotations

import os
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from os.path import dirname, join, realpath, relpath, splitext
from typing import TYPE_CHECKING

from llmspell_core import plugins
from llmspell_core.errors import LlmspellError
from llmspell_core.frontmatter import find
from llmspell_core.sources import MANIFEST, manifest_in, manifest_of, of_folder, read_within
from llmspell_core.spells import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from llmspell_core.spells import Spell

__all__ = ["folder_of", "is_listed", "is_test_file", "load"]


def load(path: str) -> Spell:
    """Return the spell that a file of tests is.

    It belongs to the package that it lies in, however deep: it has its files, parameters, limits, dependencies and
    settings. Elsewhere it has its own folder, and the files there. Front matter of its own takes the manifest's place.

    :raises UsageError: when it cannot be read
    :raises ManifestError: when the manifest is wrong
    """
    real, folder = realpath(path), folder_of(path)
    entry = relpath(real, folder).replace(os.sep, "/")
    source = read_within(folder, entry)
    own = manifest_of(source, entry) if find(source, entry) else None
    return of_folder(folder, entry, source, own or _of_tests(manifest_in(folder) or Manifest()))


def folder_of(path: str) -> str:
    """Return the folder of the package that a file of tests lies in, or else its own."""
    folder = dirname(realpath(path))
    return _package_of(folder) or folder


def is_test_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file holds tests in the language of an installed engine, by its name or by a manifest's word."""
    stem, ending = splitext(path)
    return ending in _endings() and (stem.endswith(("_test", ".test")) or is_listed(os.fspath(path)))


@cache
def _endings() -> tuple[str, ...]:
    found = [ending for name in plugins.engine_names() for ending in plugins.engine_class(name).info.extensions]
    return tuple(dict.fromkeys(found))


def is_listed(path: str) -> bool:
    """Tell whether the manifest of the package that a file lies in names it among the tests."""
    real = realpath(path)
    folder = _package_of(dirname(real))
    if folder is None:
        return False
    entry = relpath(real, folder).replace(os.sep, "/")
    return any(fnmatchcase(entry, pattern.removeprefix("./")) for pattern in _listed(folder))


def _of_tests(manifest: Manifest) -> Manifest:
    """Return a manifest as tests have it: each in its own language, and without the parameters that callers give."""
    parameters = manifest.parameters and {name: _optional(schema) for name, schema in manifest.parameters.items()}
    return replace(manifest, engine=None, entry=None, parameters=parameters)


def _optional(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in schema.items() if not (key == "required" and part is True)}


@lru_cache(maxsize=256)
def _package_of(folder: str) -> str | None:
    """Return the nearest folder with a manifest, from a folder upwards."""
    if os.path.isfile(join(folder, MANIFEST)):
        return folder
    above = dirname(folder)
    return None if above == folder else _package_of(above)


@lru_cache(maxsize=256)
def _listed(folder: str) -> tuple[str, ...]:
    try:
        manifest = manifest_in(folder)
    except LlmspellError:
        # Whoever loads a file of this package is told what is wrong.
        return ()
    return () if manifest is None else tuple(manifest.tests)
