"""``llmspell exec``: cast a spell given as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.casting import cast
from llmspell_core.cli.permissions import CastCommand
from llmspell_core.cli.wishes import Wishes, casting_options
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit

__all__ = ["command"]


@click.command(cls=CastCommand)
@click.argument("source")
@casting_options
def command(source: str, **wishes: Any) -> Exit:
    """Cast SOURCE, the text of a spell, as in: llmspell exec -e lua 'return 1 + 1'"""
    return cast(lambda: Spell.text(source), Wishes(**wishes))
