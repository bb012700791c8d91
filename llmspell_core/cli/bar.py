"""How far a spell is, on one line of a terminal that is drawn over and over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TextIO

from llmspell_core.cli.terminal import write

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bar"]

_WIDTH = 30
_PAUSE = 0.05
"""Seconds between two drawings: a terminal is slow, and so are eyes."""


class Bar:
    """The bar; where the stream is no terminal nothing is drawn."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = 0
        self._last = 0.0

    def draw(self, told: Mapping[str, Any]) -> None:
        """Show how far a spell is: ``{done, total, note}``."""
        now = time.monotonic()
        is_end = told["total"] is not None and told["done"] >= told["total"]
        if not self._stream.isatty() or (now - self._last < _PAUSE and not is_end):
            return
        self._last = now
        line = bar(told["done"], told["total"], told["note"])
        write(self._stream, "\r" + line.ljust(self._drawn))
        self._drawn = len(line)

    def wipe(self) -> None:
        """Take the bar away, so that something else can be written."""
        if self._drawn:
            write(self._stream, "\r" + " " * self._drawn + "\r")
            self._drawn = 0


def bar(done: float, total: float | None, note: str) -> str:
    """Return the line: the part that is done, and what is being done."""
    from llmspell_core.cli.shown import shown

    note = shown(note)[:80]
    if total is None:
        return f"{done:g} {note}".rstrip()
    part = min(1.0, done / total)
    filled = int(part * _WIDTH)
    return f"[{'#' * filled}{'-' * (_WIDTH - filled)}] {part:4.0%} {note}".rstrip()
