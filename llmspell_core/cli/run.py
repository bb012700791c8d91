"""``llmspell run``: cast the spell in a file or folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from llmspell_core.cli.casting import cast
from llmspell_core.cli.permissions import CastCommand
from llmspell_core.cli.wishes import Wishes, casting_options

if TYPE_CHECKING:
    from llmspell_core.cli.exits import Exit
    from llmspell_core.spells import Spell

__all__ = ["command"]


@click.command(cls=CastCommand)
@click.argument("spell", type=click.Path(allow_dash=True))
@casting_options
def command(spell: str, **wishes: Any) -> Exit:
    """Cast SPELL: a file, a folder with a spell.yaml, a name that `llmspell list` shows, or - for standard input."""
    return cast(lambda: _load(spell), Wishes(**wishes), spell)


def _load(spell: str) -> Spell:
    from llmspell_core.sources import load

    if os.path.lexists(spell) or not spell.replace("-", "").replace("_", "").isalnum():
        return load(spell)
    from llmspell_core import packages

    return packages.load(spell)
