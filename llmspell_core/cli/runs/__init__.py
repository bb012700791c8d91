"""``llmspell runs``: look at runs, go on with those that were killed, travel back in them."""

from __future__ import annotations

import click

from llmspell_core.cli.group import LazyGroup

__all__ = ["COMMANDS", "command"]

COMMANDS = {
    "diff": "Show where two runs differ.",
    "export": "Write a run as a file of JSON lines.",
    "fork": "Go on from an entry of a run, with a future of its own.",
    "import": "Add the runs of a file.",
    "list": "List runs, the newest first.",
    "prune": "Drop old runs.",
    "replay": "Run the spell of a run anew on the answers that it got; nothing is done.",
    "resume": "Go on with a run that was killed or stopped.",
    "show": "Show a run and all its calls.",
}
"""Each command's short help; its module has its name."""


@click.command(cls=LazyGroup, commands_in="llmspell_core.cli.runs", lazy=COMMANDS)
def command() -> None:
    """Look at runs, go on with those that were killed, travel back in them."""
