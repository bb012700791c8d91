"""Bytes as text: hexadecimal digits and base64, read strictly."""

from __future__ import annotations

import base64
import binascii
from typing import Literal, TypeAlias

__all__ = ["BadEncoding", "Encoding", "decoded", "encoded", "octets"]

Encoding: TypeAlias = Literal["hex", "base64", "base64url", "bytes"]


class BadEncoding(ValueError):
    """The text is not what it is said to be; the message says why."""


def octets(data: str | bytes) -> bytes:
    """Return the bytes of data, those of text in UTF-8."""
    return data.encode() if isinstance(data, str) else data


def encoded(data: bytes, encoding: Encoding) -> str | bytes:
    """Return bytes in an encoding; base64url has no padding."""
    if encoding == "bytes":
        return data
    if encoding == "hex":
        return data.hex()
    if encoding == "base64":
        return base64.b64encode(data).decode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str, *, url: bool) -> bytes:
    """Return the bytes that base64 stands for, padded or not.

    :param url: with ``-`` and ``_`` for ``+`` and ``/``
    :raises BadEncoding: when a character does not belong, or there are too few
    """
    wrong = "+/" if url else "-_"
    if found := next((character for character in text if character in wrong), None):
        other = "base64" if url else "base64url"
        raise BadEncoding(f"{found!r} is no character of {'base64url' if url else 'base64'}; it looks like {other}")
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_" if url else None, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadEncoding(f"it is no {'base64url' if url else 'base64'}: {error}") from None
