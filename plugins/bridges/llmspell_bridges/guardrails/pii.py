"""Finds what tells who somebody is: addresses, telephone and account numbers.

Numbers that carry check digits are checked, so that not every long number is one.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["KINDS", "Kind", "aside", "found", "redacted"]

_T = TypeVar("_T")
_AT_ONCE, _STEP = 4000, 8000
_LONGEST = 1000
"""More characters than any of the patterns takes, and looks ahead."""

Kind: TypeAlias = Literal["email", "phone", "credit_card", "iban", "ip", "ssn"]


def found(text: str, kinds: Iterable[Kind]) -> list[Kind]:
    """Return which of the kinds a text holds."""
    return [kind for kind in kinds if any(_is_one(kind, match) for match in _matches(kind, text))]


def redacted(text: str, kinds: Iterable[Kind]) -> str:
    """Return a text with ``[email]``, ``[phone]``, ... in place of what it holds."""
    for kind in kinds:
        text = "".join(_marked(kind, text))
    return text


async def aside(length: int, function: Callable[[], _T]) -> _T:
    """Return what a function makes of texts of a length in all: at once when that is little, else in a thread."""
    if length <= _AT_ONCE:
        return function()
    import asyncio

    return await asyncio.to_thread(function)


def _marked(kind: Kind, text: str) -> Iterator[str]:
    kept = 0
    for match in _matches(kind, text):
        if _is_one(kind, match):
            yield text[kept : match.start()]
            yield f"[{kind}]"
            kept = match.end()
    yield text[kept:]


def _matches(kind: Kind, text: str) -> Iterator[re.Match[str]]:
    """Yield what ``finditer`` does, a step at a time: while one search goes on, no other thread has its turn."""
    pattern, at = _PATTERNS[kind][0], 0
    while at < len(text):
        end = at + _STEP
        match = pattern.search(text, at, end + _LONGEST)
        if match is None or match.start() >= end:
            at = end
        else:
            yield match
            at = match.end()


def _is_one(kind: Kind, match: re.Match[str]) -> bool:
    check = _PATTERNS[kind][1]
    return check is None or check(match[0])


def _is_card(text: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in text if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """The remainder by 97 (ISO 13616)."""
    account = text.replace(" ", "").upper()
    if not 15 <= len(account) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97 == 1


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    return 8 <= sum(character.isdigit() for character in text) <= 15


_PATTERNS: dict[Kind, tuple[re.Pattern[str], Callable[[str], bool] | None]] = {
    "email": (re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), None),
    "credit_card": (re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]\d)"), _is_card),
    "iban": (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,8}\b", re.IGNORECASE), _is_iban),
    "ssn": (re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])"), None),
    "ip": (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)|(?<![\w:])[0-9a-fA-F:]{4,39}(?![\w:])"), _is_ip),
    "phone": (
        re.compile(
            r"(?<![\w+])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,13}"
            r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\w)"
        ),
        _is_phone,
    ),
}
KINDS: tuple[Kind, ...] = tuple(_PATTERNS)
