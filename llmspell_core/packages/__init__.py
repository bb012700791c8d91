"""Spells as packages: found by name, packed, installed, and pinned to exactly what was tried."""

from __future__ import annotations

from llmspell_core.packages.places import Found, NoSpell, every, find, load
from llmspell_core.versions import PackageError

__all__ = ["Found", "NoSpell", "PackageError", "every", "find", "load"]
