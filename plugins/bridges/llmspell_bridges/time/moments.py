"""Unix seconds as moments of a time zone, and reckoning with its calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from llmspell_bridges.missing import LibraryMissing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

__all__ = ["OutOfRange", "add", "moment", "seconds_of", "zone"]

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class OutOfRange(ValueError):
    """A time lies outside the years 1 to 9999."""

    def __init__(self) -> None:
        super().__init__("lies outside the years 1 to 9999")


def zone(name: str) -> tzinfo | None:
    """Return the time zone of that name, or None."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment(seconds: float, where: tzinfo) -> datetime:
    """Return the moment that Unix seconds are, by a zone's clock; :raises OutOfRange: when the calendar has it not."""
    try:
        return (_BEGINNING + timedelta(seconds=seconds)).astimezone(where)
    except (OverflowError, ValueError):
        raise OutOfRange from None


def seconds_of(found: datetime) -> float:
    """Return the Unix seconds of a moment."""
    return (found - _BEGINNING).total_seconds()


def add(seconds: float, where: tzinfo, calendar: Mapping[str, int], rest: float) -> float:
    """Return a later time: first by the calendar, keeping the clock's time of day, then by seconds that pass.

    :param calendar: counts of ``years``, ``months``, ``weeks``, ``days``
    :raises OutOfRange: when the calendar has it not
    """
    if not any(calendar.values()):
        return seconds_of(moment(seconds + rest, where))
    try:
        from dateutil.relativedelta import relativedelta
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "time") from None
    try:
        later: datetime = moment(seconds, where) + relativedelta(**calendar)
        return seconds_of(moment(later.timestamp() + rest, where))
    except (OverflowError, ValueError):
        raise OutOfRange from None
