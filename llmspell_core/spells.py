"""A spell: its source, its manifest, and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Manifest", "Spell"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a spell says of itself, in ``spell.yaml`` or in front matter.

    :param parameters: a JSON Schema by parameter name
    """

    name: str = ""
    version: str = ""
    description: str = ""
    engine: str | None = None
    entry: str | None = None
    parameters: Mapping[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Source in one language, with what belongs to it.

    :param source: the entry file's text
    :param file: the entry file's name, as errors show it, relative to the spell's folder
    :param manifest: what the spell says of itself
    :param modules: the spell's other files, text by path relative to its folder (``lib/words.lua``)
    """

    source: str
    file: str = "spell"
    manifest: Manifest = field(default_factory=Manifest)
    modules: Mapping[str, str] = field(default_factory=dict)
