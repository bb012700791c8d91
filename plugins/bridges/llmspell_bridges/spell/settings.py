"""What callers may set for the bridge ``spell``."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - pydantic reads it
from typing import Any

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["SpellSettings"]


class SpellSettings(TypedDict, total=False):
    """What callers may set.

    :param config: settings of spells, by the names of the spells
    :param on_progress: called with what a spell says of its progress; only programs can set it
    """

    config: dict[str, dict[str, Any]]
    on_progress: Callable[..., Any]
