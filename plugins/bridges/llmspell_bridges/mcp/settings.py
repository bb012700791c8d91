"""What callers may set for the bridge ``mcp``."""

from __future__ import annotations

from typing import Any

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["McpSettings"]


class McpSettings(TypedDict, total=False):
    """What callers may set.

    :param servers: by name, as in ``mcp.json``
    :param file: another than ``mcp.json``
    :param max_bytes: of a message
    """

    servers: dict[str, dict[str, Any]]
    file: str
    max_bytes: int
