"""What callers may set for bridges, checked against what each bridge declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.arguments import problem, validator
from llmspell_core.errors import BrokenPlugin, UsageError
from llmspell_core.intake import cure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_core.bridge import Bridge

__all__ = ["check_settings", "reader_of"]


def check_settings(bridge: type[Bridge], given: Mapping[str, Any]) -> None:
    """Do nothing when a bridge has settings that are as given; :raises UsageError: naming the one that is wrong."""
    if bridge.settings is None:
        raise UsageError(f"the bridge {bridge.name!r} has no settings; leave them out")
    try:
        reader_of(bridge)(dict(given))
    except ValueError as error:
        raise UsageError(f"{problem(error, given, bridge.settings)}; correct or leave it out") from None


def reader_of(bridge: type[Bridge]) -> Callable[[Any], Any]:
    """Return what checks a bridge's settings; :raises BrokenPlugin: when what it declares cannot be checked by."""
    try:
        return validator(bridge.settings)
    except Exception as error:
        cause = f"nothing can be checked by {bridge.__name__}.settings"
        raise BrokenPlugin("bridge", bridge.name, cause, cure_of(error)) from error
