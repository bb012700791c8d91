"""What callers may set for the bridge ``state``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["StateSettings"]


class StateSettings(TypedDict, total=False):
    """What callers may set.

    :param max_bytes: that are kept in a scope
    """

    max_bytes: int
