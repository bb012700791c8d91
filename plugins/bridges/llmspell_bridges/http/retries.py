"""When a request is made again, and after how long."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_bridges.http.failures import HttpFailed
    from llmspell_bridges.http.messages import Request, Response

__all__ = ["after_answer", "after_failure"]

_FIRST, _LONGEST = 0.5, 30.0


def after_answer(request: Request, response: Response, attempt: int, now: float) -> float | None:
    """Return the seconds to wait before asking again, or None when the answer stands.

    :param attempt: how many times was asked before
    :param now: Unix seconds, for an answer that names a date
    """
    refused = response.status in (429, 503)
    if not refused and not (response.status in (502, 504) and request.repeatable):
        return None
    asked = _retry_after(response.headers.get("retry-after", ""), now)
    if asked is None and not (request.repeatable or response.status == 429):
        return None
    return _pause(attempt) if asked is None else asked


def after_failure(request: Request, failure: HttpFailed, attempt: int) -> float | None:
    """Return the seconds to wait before asking again, or None when the failure stands."""
    may = failure.reason == "connect" or (failure.reason == "network" and request.repeatable)
    return _pause(attempt) if may else None


def _pause(attempt: int) -> float:
    return min(_FIRST * 2.0**attempt, _LONGEST)


def _retry_after(text: str, now: float) -> float | None:
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
