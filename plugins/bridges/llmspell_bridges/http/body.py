"""The body of an answer, gathered and unpacked within bounds."""

from __future__ import annotations

import zlib

__all__ = ["ENCODINGS", "Body", "TooLarge"]

ENCODINGS = "gzip, deflate"
"""How a body may be packed."""


class TooLarge(Exception):
    """The body is larger than it may be."""


class Body:
    """Bytes as they come, unpacked as they come, so that a small packed body cannot become a large one unseen.

    :param encoding: the header ``Content-Encoding``
    :param most: bytes that it may hold
    """

    def __init__(self, encoding: str, most: int) -> None:
        self._most = most
        self._chunks: list[bytes] = []
        self._size = 0
        self._raw_deflate = encoding.strip().lower() == "deflate"
        packed = encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
        # 32 added to the window lets zlib tell gzip from zlib by the header.
        self._unpack = zlib.decompressobj(32 + zlib.MAX_WBITS) if packed else None

    def add(self, chunk: bytes) -> None:
        """Take the next piece; :raises TooLarge: when it is too much; :raises ValueError: when it is not packed so."""
        if self._unpack is not None:
            chunk = self._unpacked(chunk)
        self._size += len(chunk)
        if self._size > self._most:
            raise TooLarge
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        """Return the body."""
        return b"".join(self._chunks)

    def _unpacked(self, chunk: bytes) -> bytes:
        assert self._unpack is not None
        room = self._most - self._size + 1
        try:
            return self._unpack.decompress(chunk, room)
        except zlib.error as error:
            if not self._raw_deflate or self._size:
                raise ValueError(f"the body is not packed as it says: {error}") from error
            # Some servers send deflate without its header.
            self._raw_deflate, self._unpack = False, zlib.decompressobj(-zlib.MAX_WBITS)
            return self._unpacked(chunk)
