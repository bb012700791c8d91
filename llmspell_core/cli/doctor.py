"""``llmspell doctor``: tell which layers lock the processes that spells run in on this machine."""

from __future__ import annotations

import click

from llmspell_core.cli.exits import Exit
from llmspell_core.cli.listing import format_option, show

__all__ = ["command"]


@click.command()
@format_option
def command(output: str) -> Exit:
    """Lock a process, and tell which layers of the lock held; exit with 1 when one did not."""
    from llmspell_core.isolation.layers import layers

    held = layers()
    rows = [{"layer": name, "state": state} for name, state in held.items()]
    show("layers", rows, output, "nothing was told of any layer")
    return Exit.DONE if rows and all(state == "held" for state in held.values()) else Exit.OWN_FAULT
