"""How text travels between the parent and a worker: four bytes of length, then UTF-8."""

from __future__ import annotations

import os

from llmspell_core.errors import ProtocolError

__all__ = ["CHUNK", "Gone", "Incoming", "pack", "read", "write"]

CHUNK = 64 * 1024
"""Bytes to ask for at once: so many still come from the heap, and not from the kernel."""
_HEAD = 4


class Gone(Exception):
    """The other side has closed its end."""


class Incoming:
    """What has come so far, taken out a frame at a time.

    :param allowed: bytes that a frame may have
    """

    __slots__ = ("_allowed", "_bytes")

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._bytes = bytearray()

    def add(self, part: bytes) -> None:
        """Take what has come."""
        self._bytes += part

    def take(self) -> str | None:
        """Return the text of the next frame, or None while it is not whole.

        :raises ProtocolError: when it is longer than allowed, or no text
        """
        came = self._bytes
        if len(came) < _HEAD:
            return None
        length = int.from_bytes(came[:_HEAD], "big")
        if length > self._allowed:
            raise ProtocolError(f"a frame of {length} bytes is announced, and {self._allowed} are allowed")
        end = _HEAD + length
        if len(came) < end:
            return None
        body = came[_HEAD:end]
        del came[:end]
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise ProtocolError(f"a frame that is no text: {error}") from error


def pack(text: str) -> bytes:
    """Return the text as a frame."""
    body = text.encode()
    return len(body).to_bytes(_HEAD, "big") + body


def read(fd: int, incoming: Incoming, *, patient: bool = True) -> str:
    """Wait for a frame and return its text.

    :param patient: go on waiting past the time that the descriptor waits for something to come
    :raises Gone: when the other side has closed, or has said nothing in that time
    """
    while (text := incoming.take()) is None:
        try:
            part = os.read(fd, CHUNK)
        except BlockingIOError:
            if patient:
                continue
            raise Gone from None
        if not part:
            raise Gone
        incoming.add(part)
    return text


def write(fd: int, text: str) -> None:
    """Send a text as a frame."""
    left = memoryview(pack(text))
    while left:
        left = left[os.write(fd, left) :]
