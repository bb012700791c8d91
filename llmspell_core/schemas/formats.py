"""The formats of text that a schema may ask for."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from llmspell_core.schemas.patterns import compiled

__all__ = ["FORMATS", "checker"]

_LIBRARY = ("date", "email", "idn-email", "ipv4", "ipv6", "uuid")
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?([zZ]|[+-]([01]\d|2[0-3]):[0-5]\d)"
_DURATION = r"P(?=[\dT])(\d{1,9}W|(\d{1,9}Y)?(\d{1,9}M)?(\d{1,9}D)?(T(?=\d)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}S)?)?)"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


def _is_time(text: str) -> bool:
    return re.fullmatch(_TIME, text, re.ASCII) is not None


def _is_date_time(text: str) -> bool:
    if len(text) > 64 or text[10:11] not in ("T", "t") or not _is_time(text[11:]):
        return False
    # A leap second is a valid time that the calendar of the standard library does not have.
    datetime.fromisoformat(text[:10])
    return True


def _is_uri(text: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text[:100])) and _is_reference(text)


def _is_reference(text: str) -> bool:
    urlsplit(text)
    return re.search(r"[\s<>\"{}|\\^`]", text) is None and text.isascii()


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and all(re.fullmatch(_LABEL, label) for label in text.split("."))


def _is_pointer(text: str) -> bool:
    return re.fullmatch(r"(/([^~/]|~[01])*)*", text) is not None if len(text) <= 10_000 else False


def _is_duration(text: str) -> bool:
    return len(text) <= 100 and re.fullmatch(_DURATION, text, re.ASCII) is not None


def _is_regex(text: str) -> bool:
    return compiled(text) is not None


_OWN = {
    "date-time": _is_date_time,
    "time": _is_time,
    "duration": _is_duration,
    "uri": _is_uri,
    "uri-reference": _is_reference,
    "hostname": _is_hostname,
    "json-pointer": _is_pointer,
    "regex": _is_regex,
}
FORMATS = (*_LIBRARY, *_OWN)


@cache
def checker() -> Any:
    """Return what the library asks about formats; one it does not know is no demand."""
    from jsonschema import FormatChecker

    made = FormatChecker(_LIBRARY)
    for name, check in _OWN.items():
        made.checks(name, ValueError)(lambda value, check=check: not isinstance(value, str) or check(value))
    return made
