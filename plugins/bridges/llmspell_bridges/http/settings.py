"""What callers may set for the bridge ``http``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["HttpSettings"]


class HttpSettings(TypedDict, total=False):
    """What callers may set.

    :param max_bytes: of an answer
    """

    max_bytes: int
