"""What callers may set for the bridge ``tools``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["ToolsSettings"]


class ToolsSettings(TypedDict, total=False):
    """What callers may set.

    :param search: addresses of search providers, in the place of their own
    """

    search: dict[str, str]
