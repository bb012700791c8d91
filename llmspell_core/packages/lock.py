"""``llmspell.lock``: which version of each dependency was tried, and the SHA-256 of all that belongs to it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_core.facts import Fact, fact
from llmspell_core.packages.archives import write_file
from llmspell_core.packages.contents import digest, digest_of, read_folder
from llmspell_core.packages.places import Found, NoSpell, every, find
from llmspell_core.sources import MANIFEST, decoded, manifest_in, read_within
from llmspell_core.spells import Spell
from llmspell_core.versions import PackageError, best

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.spells import Manifest

__all__ = ["LOCK", "Changed", "Pin", "dependency", "faults", "load_dependency", "lock", "read_lock"]

LOCK = "llmspell.lock"
_FORMAT = 1
_SHA = re.compile(r"[0-9a-f]{64}\Z")


@fact
class Pin(Fact):
    """The one version of a dependency that may be run."""

    version: str
    sha256: str


class Changed(PackageError):
    """A dependency is not what the lock file says."""

    kind = "changed"

    def __init__(self, name: str, pin: Pin, folder: str, sha256: str) -> None:
        self.name, self.pin = name, pin
        hashes = f"SHA-256 {sha256[:12]}..., locked {pin.sha256[:12]}..."
        cure = "look at what has changed, then run `llmspell lock`, or install it again"
        super().__init__(
            f"the dependency {name!r} {pin.version} in {folder} has changed since it was locked ({hashes}); {cure}"
        )


def dependency(home: str, manifest: Manifest, name: str) -> Found:
    """Return the spell that a dependency of a spell is: the one that is locked, else the best there is.

    :raises Changed: when what is found is not what was locked
    :raises NoSpell: when it is not found
    """
    return _found(home, manifest, name)[0]


def load_dependency(home: str, manifest: Manifest, name: str) -> Spell:
    """Return that spell, read: of a locked one nothing but what was compared with the lock. Errors as above."""
    found, files = _found(home, manifest, name)
    spell = Spell.load(found.folder)
    if files is None:
        return spell
    if spell.file not in files:
        raise PackageError(f"the dependency {name!r} runs {spell.file!r}, which no lock covers; put it somewhere else")
    if not _is_made_of(spell, files):
        raise PackageError(f"the dependency {name!r} in {found.folder} has changed while it was read; run it again")
    return replace(spell, modules={path: text for path, text in spell.modules.items() if path in files})


def lock(home: str) -> dict[str, Pin]:
    """Write the lock file of the spell in a folder and return what it says.

    :raises PackageError: when a dependency is not found, or is not locked itself
    """
    manifest = _manifest(home)
    pins = {}
    for name, wanted in sorted(manifest.dependencies.items()):
        found = find(name, wanted, home)
        _check_locked(found)
        pins[name] = Pin(found.version, digest_of(found.folder))
    text = json.dumps({"format": _FORMAT, "spells": {name: vars(pin) for name, pin in pins.items()}}, indent=2)
    write_file(f"{text}\n".encode(), os.path.join(home, LOCK))
    return pins


def read_lock(home: str) -> dict[str, Pin] | None:
    """Return what the lock file of a spell's folder says, None where there is none; :raises PackageError: if wrong."""
    if not os.path.lexists(os.path.join(home, LOCK)):
        return None
    try:
        return _pins(json.loads(read_within(home, LOCK)))
    except (ValueError, RecursionError) as error:
        raise PackageError(f"{LOCK} is not valid: {error}; write it anew with `llmspell lock`") from error


def faults(home: str, manifest: Manifest) -> list[str]:
    """Return what is wrong with the dependencies of a spell."""
    found = []
    for name in manifest.dependencies:
        try:
            dependency(home, manifest, name)
        except PackageError as error:
            found.append(str(error))
    return found


def _found(home: str, manifest: Manifest, name: str) -> tuple[Found, dict[str, bytes] | None]:
    """Return what a dependency is, and the files that were compared with the lock, None without one."""
    wanted = manifest.dependencies[name]
    pins = read_lock(home)
    if pins is None:
        return find(name, wanted, home), None
    pin = pins.get(name)
    if pin is None or best([pin.version], wanted) is None:
        raise PackageError(
            f"{LOCK} does not lock {name!r} {wanted}, which the manifest needs; run `llmspell lock {home}`"
        )
    same = [each for each in every(home) if (each.name, each.version) == (name, pin.version) and not each.problem]
    if not same:
        raise NoSpell(name, pin.version, every(home))
    first = ""
    for each in same:
        sha256 = digest(files := read_folder(each.folder))
        if sha256 == pin.sha256:
            return each, files
        first = first or sha256
    raise Changed(name, pin, same[0].folder, first)


def _is_made_of(spell: Spell, files: Mapping[str, bytes]) -> bool:
    """Tell whether what belongs to a spell, and is among the files, was read from no others."""
    from llmspell_core.manifests import read

    texts = {spell.file: spell.source} | {path: text for path, text in spell.modules.items() if path in files}
    manifest = read(decoded(files.get(MANIFEST, b""), MANIFEST), MANIFEST)
    return manifest == spell.manifest and all(
        decoded(files.get(path, b""), path) == text for path, text in texts.items()
    )


def _check_locked(found: Found) -> None:
    manifest = _manifest(found.folder)
    if manifest.dependencies and read_lock(found.folder) is None:
        raise PackageError(
            f"the dependency {found.name!r} has dependencies and no {LOCK}, so what runs could change; "
            f"run `llmspell lock {found.folder}` first"
        )


def _manifest(folder: str) -> Manifest:
    manifest = manifest_in(folder)
    if manifest is None:
        raise PackageError(f"no spell.yaml in the folder {folder!r}; name a folder of a spell")
    return manifest


def _pins(data: Any) -> dict[str, Pin]:
    if not isinstance(data, dict) or data.get("format") != _FORMAT or not isinstance(data.get("spells"), dict):
        raise ValueError(f"it is no lock file of format {_FORMAT}")
    return {name: _pin(name, fields) for name, fields in data["spells"].items()}


def _pin(name: str, fields: Mapping[str, Any]) -> Pin:
    if not isinstance(fields, dict) or set(fields) != {"version", "sha256"}:
        raise ValueError(f"{name!r} has a version and a sha256, and nothing else")
    version, sha256 = fields["version"], fields["sha256"]
    if not isinstance(version, str) or not isinstance(sha256, str) or not _SHA.match(sha256):
        raise ValueError(f"{name!r}: the version is text, and sha256 has 64 hexadecimal digits")
    return Pin(version, sha256)
