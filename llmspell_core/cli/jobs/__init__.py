"""``llmspell jobs``: look at the jobs of queues, cancel and retry them."""

from __future__ import annotations

import click

from llmspell_core.cli.group import LazyGroup

__all__ = ["COMMANDS", "command"]

COMMANDS = {
    "cancel": "Have jobs not begin, or end.",
    "list": "List jobs, the newest first.",
    "prune": "Drop jobs that were over long ago.",
    "result": "Tell what came of a job.",
    "retry": "Have jobs that were parked, cancelled or stopped go on.",
    "schedules": "List schedules, drop or pause them.",
    "show": "Show a job, and why it stands as it does.",
}
"""Each command's short help; its module has its name."""


@click.command(cls=LazyGroup, commands_in="llmspell_core.cli.jobs", lazy=COMMANDS)
def command() -> None:
    """Look at the jobs of queues, cancel and retry them."""
