"""What a spell's text does on a terminal: it may be coloured, and do nothing else to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["harmless", "write"]

# A terminal takes some characters for orders: to retitle or move a window, to answer in its owner's name, to show
# text in another order than it was written in.
_ORDERS = re.compile("(\x1b\\[[0-9;:]*m)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Return a text with the escapes of all that a terminal would obey; colours, tabs and line ends stay."""
    return _ORDERS.sub(lambda found: found[1] or found[0].encode("unicode_escape").decode(), text)


def write(stream: TextIO, text: str) -> None:
    """Write a text at once; to a terminal, one that is harmless there."""
    if stream.isatty():
        text = harmless(text)
    try:
        stream.write(text)
    except UnicodeEncodeError:
        # A terminal that cannot show a character shows its escape instead.
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
    stream.flush()
