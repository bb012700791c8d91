"""What callers may set for the bridge ``workflow``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["WorkflowSettings"]


class WorkflowSettings(TypedDict, total=False):
    """What callers may set.

    :param max_size: steps in a definition
    :param max_depth: how deep steps nest
    :param max_steps: steps that one run takes, each attempt and each round of a loop counted
    :param max_rounds: how often a loop may go round
    :param max_at_once: steps that may run at the same time
    :param max_bytes: that what steps have made may take, of all workflows of a spell together
    """

    max_size: int
    max_depth: int
    max_steps: int
    max_rounds: int
    max_at_once: int
    max_bytes: int
