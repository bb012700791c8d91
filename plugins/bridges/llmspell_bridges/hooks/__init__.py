"""The bridge ``hooks``: stand around what the run does; and hooks that are ready-made, for spells and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return the bridge."""
    from llmspell_bridges.hooks.bridge import HooksBridge

    return [HooksBridge]
