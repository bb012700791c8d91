"""What is asked of a server, and what it answers."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["BadHeader", "Request", "Response", "basic", "checked_headers", "joined"]

Headers = tuple[tuple[str, str], ...]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset(
    ("connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection")
) | frozenset(("te", "trailer", "transfer-encoding", "upgrade"))
"""Headers that belong to the connection, or would ask another server than the one that was granted."""
_OF_BODY = frozenset(("content-type", "content-encoding", "content-language", "content-location"))
_SECRET = frozenset(("authorization", "cookie"))


class BadHeader(Exception):
    """A header that may not be sent; the message says which, and why."""


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    method: str
    headers: Headers
    body: bytes | None
    proof: frozenset[str] = frozenset()
    """The names, in small letters, of headers that prove who asks."""

    @property
    def repeatable(self) -> bool:
        """True when asking twice is asking once."""
        return self.method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE")

    def proved(self, headers: Headers) -> Request:
        """Return the request with headers that prove who asks, in place of those of the same names."""
        names = frozenset(name.lower() for name, _ in headers)
        others = tuple(row for row in self.headers if row[0].lower() not in names)
        return replace(self, headers=(*others, *headers), proof=names)

    def redirected(self, status: int, *, elsewhere: bool) -> Request:
        """Return the request that follows a redirect.

        :param elsewhere: whether it leads to another server, which must not see what was meant for the first
        """
        dropped = _SECRET | self.proof if elsewhere else frozenset()
        if (status in (301, 302) and self.method == "POST") or (status == 303 and self.method != "HEAD"):
            kept = tuple(row for row in self.headers if row[0].lower() not in dropped | _OF_BODY)
            return replace(self, method="GET", headers=kept, body=None)
        return replace(self, headers=tuple(row for row in self.headers if row[0].lower() not in dropped))


@dataclass(frozen=True)
class Response:
    """What was answered; headers by their names in small letters."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def text(self) -> str:
        """Return the body as text, in the character set that the answer names; what is none is replaced."""
        found = re.search(r"charset=[\"']?([\w.:-]+)", self.headers.get("content-type", ""), re.IGNORECASE)
        try:
            return self.body.decode(found[1] if found else "utf-8", "replace")
        except (LookupError, UnicodeError):
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the value that the body holds as JSON, or None when it is none."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not kind.endswith(("/json", "+json")):
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def checked_headers(given: Mapping[str, str]) -> Headers:
    """Return the headers that a spell wants to send; :raises BadHeader: when they would say something else."""
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            raise BadHeader(f"{name!r} is no header's name")
        if name.lower() in _OURS:
            raise BadHeader(f"{name!r} is not the spell's to set; leave it out")
        if re.search(r"[\r\n\0]", value) or not _is_latin(value):
            raise BadHeader(f"the value of {name!r} has characters that a header cannot have")
    return tuple(given.items())


def basic(username: str, password: str) -> str:
    """Return the header that says who asks."""
    return f"Basic {binascii.b2a_base64(f'{username}:{password}'.encode(), newline=False).decode()}"


def joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name; those of one name in one, with commas."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _is_latin(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
