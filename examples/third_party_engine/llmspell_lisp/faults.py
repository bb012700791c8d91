"""An error of the spell: raised through its code, and a value once it is caught."""

from __future__ import annotations

__all__ = ["FIELDS", "Break", "Fault"]

FIELDS = ("kind", "message", "data", "cause", "file", "line", "traceback")
"""What a script may read of an error."""


class Fault(Exception):
    """What a script raises and catches; a limit is none, so no script can catch it."""

    def __init__(self, message: str, kind: str = "runtime", data: object = None, cause: Fault | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.data, self.cause = kind, message, data, cause
        self.file: str | None = None
        self.line: int | None = None
        self.traceback: str | None = None


class Break(Fault):
    """``(break)``: the way out of the nearest loop, which no ``catch`` stops."""

    def __init__(self) -> None:
        super().__init__("break is outside of a loop")
