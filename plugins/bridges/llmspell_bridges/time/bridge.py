"""The bridge ``time``; ``now`` is the engines' own, because it must not wait."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from llmspell_bridges.time import durations, moments, patterns
from llmspell_bridges.time.failures import NoSuchZone
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = ["TimeBridge"]

_LONGEST = 1e9 * 86400 - 1


class TimeBridge(Bridge):
    """Read, write and reckon with times.

    A time is Unix seconds, a duration seconds; both may have a fraction. Time zones have IANA's names. Times are
    written in ISO 8601, or by a pattern of these codes, which mean the same on every system: ``%Y %m %d %H %M %S %f``
    digits, ``%I %p`` a clock of twelve hours, ``%y`` two digits of the year, ``%j`` the day of the year, ``%a %A %b
    %B`` names of days and months, ``%z`` as ``+0100``, ``%Z`` the zone's short name (only written), ``%%``.
    ``time.now()`` is the run's clock.
    """

    name = "time"

    @expose
    def format(self, time: float, pattern: str | None = None, *, zone: str = "UTC") -> str:
        """Return a time as text.

        :param time: Unix seconds
        :param pattern: how to write it; ISO 8601 when left out
        :param zone: by which time zone's clock
        """
        try:
            return patterns.write(moments.moment(_finite("time.format", time), _zone("time.format", zone)), pattern)
        except patterns.BadPattern as error:
            raise BadArgument("time.format", 2, "pattern", str(error)) from None
        except moments.OutOfRange as error:
            raise BadArgument("time.format", 1, "time", str(error)) from None

    @expose
    def parse(self, text: str, pattern: str | None = None, *, zone: str = "UTC") -> float:
        """Return the time that a text names, in Unix seconds.

        :param text: the text
        :param pattern: how it is written; ISO 8601 when left out
        :param zone: whose clock it is told by, where the text does not say
        """
        try:
            return moments.seconds_of(patterns.read(text, pattern, _zone("time.parse", zone)))
        except patterns.BadPattern as error:
            raise BadArgument("time.parse", 2, "pattern", str(error)) from None

    @expose
    def add(
        self,
        time: float,
        *,
        years: int = 0,
        months: int = 0,
        weeks: int = 0,
        days: int = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        zone: str = "UTC",
    ) -> float:
        """Return a time that is so much later, or earlier where a count is negative.

        Years to days go by the calendar and keep the time of day; the day is the month's last where there are fewer.
        Hours to seconds then pass, whatever clocks are set to in between.

        :param time: Unix seconds
        :param years: how many years
        :param months: how many months
        :param weeks: how many weeks
        :param days: how many days
        :param hours: how many hours
        :param minutes: how many minutes
        :param seconds: how many seconds
        :param zone: by which time zone's calendar
        """
        calendar = {"years": years, "months": months, "weeks": weeks, "days": days}
        rest = _finite("time.add", hours * 3600 + minutes * 60 + seconds)
        try:
            return moments.add(_finite("time.add", time), _zone("time.add", zone), calendar, rest)
        except moments.OutOfRange as error:
            raise BadArgument("time.add", 1, "time", f"and what is added: the sum {error}") from None

    @expose
    def duration(self, text: str) -> float:
        """Return the seconds that a duration takes.

        :param text: ``90s``, ``1h 30m``, ``2 days``, or ISO 8601 as ``PT1H30M``
        """
        return durations.read(text)

    @expose
    def humanize(self, seconds: float, *, exact: bool = False, now: float | None = None) -> str:
        """Return a duration in English words, or with ``now`` how long ago a time is.

        :param seconds: the duration; with ``now`` a time
        :param exact: with every unit, not the largest alone
        :param now: what time it is taken to be
        """
        span = _finite("time.humanize", seconds if now is None else now - seconds)
        if abs(span) > _LONGEST:
            raise BadArgument("time.humanize", 1, "seconds", "is longer than there is a word for")
        return durations.humanized(span, exact=exact) if now is None else durations.since(span)


def _zone(function: str, name: str) -> tzinfo:
    found = moments.zone(name)
    if found is None:
        raise NoSuchZone(function, name)
    return found


def _finite(function: str, value: float) -> float:
    if not isfinite(value):
        raise BadArgument(function, 1, "time", f"must be a finite number, not {value}")
    return value
