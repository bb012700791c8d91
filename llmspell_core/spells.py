"""A spell: its source, its manifest, and the files beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence  # noqa: TC003 - pydantic reads the annotations of Manifest
from dataclasses import field
from typing import Any, Literal

from llmspell_core.facts import Fact, fact

__all__ = ["ASKED", "Manifest", "Spell"]

ASKED = "asked"
"""The name of the permission set that every manifest has: what its ``permissions`` ask for."""


@fact
class Manifest(Fact):
    """What a spell says of itself, in ``spell.yaml`` or in front matter.

    :param parameters: a JSON Schema by parameter name
    :param permissions: the capabilities that it asks for, as ``read:./data``; only the caller grants them
    :param permission_sets: capabilities by a name under which the caller may grant them together
    :param rates: how often it may use a capability at the most, as ``10/60s`` by capability
    :param budget: the most it spends on models: ``{requests, tokens, cost}``; lowers what the caller allows
    :param limits: a profile's name, or limits by name: the spell runs with less than the caller allows
    :param dependencies: the spells that it runs by name, and which versions of each, as ``^1.2``
    :param plugins: the Python distributions whose tools, bridges or engines it needs, and which versions of each
    :param config: its settings, and what they are where the user says nothing
    :param tests: its files that hold tests
    """

    name: str = ""
    version: str = ""
    description: str = ""
    engine: str | None = None
    entry: str | None = None
    parameters: Mapping[str, Mapping[str, Any]] | None = None
    permissions: Sequence[str] = ()
    permission_sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)
    budget: Mapping[Literal["requests", "tokens", "cost"], int | float] | None = None
    limits: Mapping[str, int | float | str] | str | None = None
    dependencies: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    tests: Sequence[str] = ()

    def permission_set(self, name: str) -> tuple[str, ...]:
        """Return the capabilities of a set; ``asked`` is all that ``permissions`` asks for.

        :raises UsageError: when there is no such set
        """
        if name == ASKED:
            return tuple(self.permissions)
        if name not in self.permission_sets:
            from llmspell_core.errors import UsageError

            known = ", ".join((ASKED, *self.permission_sets))
            raise UsageError(f"the manifest has no permission set {name!r}; there are {known}")
        return tuple(self.permission_sets[name])


@fact
class Spell(Fact):
    """Source in one language, with what belongs to it; made by :meth:`load` or :meth:`text`.

    :param source: the entry file's text
    :param file: the entry file's name, as errors show it, relative to the spell's folder
    :param manifest: what the spell says of itself
    :param modules: the spell's other files, text by path relative to its folder (``lib/words.lua``)
    :param home: where it lies, its folder or its file; empty where nobody knows. No spell is told of it
    :param folder: its folder, where that has a ``spell.yaml``: what is in there belongs to it
    """

    source: str
    file: str = "spell"
    manifest: Manifest = Manifest()
    modules: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    folder: str | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Spell:
        """Return the spell in a file, in a folder with a ``spell.yaml``, or on standard input (``-``).

        :raises UsageError: when there is none, or it is too large
        :raises ManifestError: when its manifest is wrong
        """
        from llmspell_core.sources import load

        return load(os.fspath(path))

    @classmethod
    def text(cls, source: str, file: str = "spell") -> Spell:
        """Return a spell of a source as it stands, with what its front matter says.

        :param file: what errors call it
        """
        from llmspell_core.sources import manifest_of

        return cls(source, file, manifest_of(source, file))
