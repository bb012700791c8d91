"""When a request to a model is made again, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_bridges.llm.failures import ProviderFailed

__all__ = ["pause_before_retry"]

_REASONS = ("rate_limit", "server", "network", "timeout")
_FIRST, _LONGEST = 0.5, 8.0
_LONGEST_ASKED = 60.0
"""A provider that asks for more patience than this is not asked again; the error says how long it wants."""


def pause_before_retry(failure: ProviderFailed, attempt: int) -> float | None:
    """Return the seconds to wait before asking again, or None when the failure stands.

    :param attempt: how many times was asked before
    """
    if failure.reason not in _REASONS and failure.status not in (408, 409):
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= _LONGEST_ASKED else None
    from random import random

    # Those who were turned away together do not come back together.
    return min(_FIRST * 2.0**attempt, _LONGEST) * (0.75 + 0.25 * random())
