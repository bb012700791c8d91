"""``llmspell run``: cast the spell in a file or folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.casting import Wishes, cast, casting_options
from llmspell_core.cli.permissions import CastCommand
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit

__all__ = ["command"]


@click.command(cls=CastCommand)
@click.argument("spell", type=click.Path(allow_dash=True))
@casting_options
def command(spell: str, **wishes: Any) -> Exit:
    """Cast SPELL: a file, a folder with a spell.yaml, or - for standard input."""
    return cast(lambda: Spell.load(spell), Wishes(**wishes), spell)
