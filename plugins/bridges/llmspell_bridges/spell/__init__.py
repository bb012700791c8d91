"""The bridge ``spell``: what a spell says of itself, and the spells that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return the bridge."""
    from llmspell_bridges.spell.bridge import SpellBridge

    return [SpellBridge]
