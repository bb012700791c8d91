"""Times: told, read, written, moved, compared."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import BadArgument, CallError

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["compute"]


async def compute(
    context: Context,
    operation: str,
    timezone: str,
    time: str | None = None,
    other: str | None = None,
    seconds: float = 0,
    days: float = 0,
    format: str = "%Y-%m-%d %H:%M:%S",
) -> Any:
    """Return what an operation makes of a time."""
    zone = _zone(timezone)
    at = datetime.fromtimestamp(context.clock(), zone) if time is None else _read(time, zone)
    try:
        if operation == "format":
            return at.strftime(format)
        if operation == "difference":
            return (at - _read(other or "", zone)).total_seconds()
        return _record(at + timedelta(days=days, seconds=seconds) if operation == "add" else at)
    except (OverflowError, ValueError) as error:
        raise CallError(f"there is no such time: {error}") from error


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise BadArgument(
            "datetime", None, "timezone", f"{name[:80]!r} is no time zone; write one as Europe/Oslo"
        ) from error


def _read(text: str, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadArgument(
            "datetime", None, "time", f"{text[:80]!r} is no time; write one as 2026-11-20T10:00:00+01:00"
        ) from error
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)


def _record(at: datetime) -> dict[str, Any]:
    return {"iso": at.isoformat(), "unix": at.timestamp(), "weekday": at.strftime("%A"), "date": at.date().isoformat()}
