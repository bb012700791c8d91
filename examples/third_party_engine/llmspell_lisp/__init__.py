"""A small Lisp for llmspell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_core.engine import Engine


@hookimpl
def llmspell_engines() -> list[type[Engine]]:
    """Offer the engine ``lisp``."""
    from llmspell_lisp.engine import LispEngine

    return [LispEngine]


@hookimpl
def llmspell_conformance_spells() -> list[Path]:
    """Offer the conformance spells: in the package when installed, beside it in the sources."""
    from pathlib import Path

    here = Path(__file__).parent
    return [folder for folder in (here / "spells", here.parent / "spells") if folder.is_dir()]
