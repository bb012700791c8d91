"""What callers may set for the bridge ``fs``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["FsSettings"]


class FsSettings(TypedDict, total=False):
    """What callers may set.

    :param max_bytes: of a file that is read or written
    :param max_entries: files that are listed
    """

    max_bytes: int
    max_entries: int
