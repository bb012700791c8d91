"""The names and versions of packages, and ranges of versions as ``^1.2`` or ``>=1.0 <3``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from semantic_version import NpmSpec, Version

__all__ = ["PackageError", "best", "check_name", "check_range", "installed_faults", "is_name", "order"]

MAX_LENGTH = 100
"""Characters of a version, or of a range."""


class PackageError(UsageError):
    """A package is not what it has to be; the message names it and the cure."""

    kind = "package"


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of a package."""
    return _NAME.match(text) is not None and text.lower() not in _RESERVED


def check_name(name: str) -> str:
    """Return a name as it is; :raises PackageError: when no package may be called so."""
    if not is_name(name):
        raise PackageError(f"{name!r} is no name of a package; write up to 64 letters, digits, - and _, a letter first")
    return name


def check_range(text: str) -> None:
    """Do nothing with a range of versions; :raises PackageError: when it is none."""
    _range(text)


def best(versions: Iterable[str], range: str) -> str | None:
    """Return the highest of the versions that is in a range, or None; what is no version is passed over."""
    wanted = _range(range)
    fitting = [(made, text) for text in versions if (made := _version(text)) is not None and wanted.match(made)]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def order(text: str) -> tuple[bool, Version | str]:
    """Return what sorts versions; what is none comes first."""
    made = _version(text)
    return (False, text) if made is None else (True, made)


def installed_faults(plugins: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the Python distributions that a spell needs, by their names and ranges."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    found = []
    for name, wanted in plugins.items():
        try:
            have = version(name)
            if not SpecifierSet(_written(wanted)).contains(have, prereleases=True):
                found.append(f"needs {name} {wanted}, and {have} is installed; install one that fits")
        except PackageNotFoundError:
            found.append(f"needs {name} {wanted}, which is not installed; run: pip install '{name}{_written(wanted)}'")
        except InvalidSpecifier:
            found.append(f"plugins.{name}: {wanted!r} is no range of versions; write it as >=1.0,<2")
    return found


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
_RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))])
"""What some systems take for devices."""


def _version(text: str) -> Version | None:
    from semantic_version import Version

    try:
        return Version(text) if len(text) <= MAX_LENGTH else None
    except ValueError:
        return None


def _range(text: str) -> NpmSpec:
    from semantic_version import NpmSpec

    try:
        if not text or len(text) > MAX_LENGTH:
            raise ValueError(text)
        return NpmSpec(text)
    except ValueError:
        raise PackageError(
            f"{text[:MAX_LENGTH]!r} is no range of versions; write it as ^1.2, ~1.2.3, >=1 <3 or *"
        ) from None


def _written(range: str) -> str:
    return "" if range == "*" else range
