"""How text travels between the parent and a worker: four bytes of length, then UTF-8."""

from __future__ import annotations

import os

from llmspell_core.errors import ProtocolError

__all__ = ["HEAD", "Gone", "pack", "read", "size", "write"]

HEAD = 4
"""Bytes that say how long a frame is."""
_CHUNK = 256 * 1024


class Gone(Exception):
    """The other side has closed its end."""


def pack(text: str) -> bytes:
    """Return the text as a frame."""
    body = text.encode()
    return len(body).to_bytes(HEAD, "big") + body


def size(head: bytes | bytearray, allowed: int) -> int:
    """Return how many bytes follow a head; :raises ProtocolError: when they are more than allowed."""
    length = int.from_bytes(head[:HEAD], "big")
    if length > allowed:
        raise ProtocolError(f"a frame of {length} bytes is announced, and {allowed} are allowed")
    return length


def read(fd: int, allowed: int) -> str:
    """Wait for a frame and return its text; :raises Gone: when the other side has closed."""
    return _exactly(fd, size(_exactly(fd, HEAD), allowed)).decode()


def write(fd: int, text: str) -> None:
    """Send a text as a frame."""
    left = memoryview(pack(text))
    while left:
        left = left[os.write(fd, left) :]


def _exactly(fd: int, count: int) -> bytes:
    got = bytearray()
    while len(got) < count:
        part = os.read(fd, min(count - len(got), _CHUNK))
        if not part:
            raise Gone
        got += part
    return bytes(got)
