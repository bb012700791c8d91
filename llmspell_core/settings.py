"""What callers may set for bridges, checked against what each bridge declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.arguments import problem, validator
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_core.bridge import Bridge

__all__ = ["check_settings"]


def check_settings(bridge: type[Bridge], given: Mapping[str, Any]) -> None:
    """Do nothing when a bridge has settings that are as given; :raises UsageError: naming the one that is wrong."""
    if bridge.settings is None:
        raise UsageError(f"the bridge {bridge.name!r} has no settings; leave them out")
    try:
        validator(bridge.settings)(dict(given))
    except ValueError as error:
        raise UsageError(f"{problem(error, given, bridge.settings)}; correct or leave it out") from None
