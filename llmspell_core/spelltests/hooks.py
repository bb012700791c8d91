"""The hooks of the host's part of ``testing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from llmspell_core.bridge import Bridge

__all__ = ["llmspell_bridges"]


@hookimpl
def llmspell_bridges() -> list[type[Bridge]]:
    """Return what runs tests."""
    from llmspell_core.spelltests.bridge import TestingBridge

    return [TestingBridge]
