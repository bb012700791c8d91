"""What begins anew in a process that is forked from this one: a socket, or a connection, can serve but one of them."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["Forked", "leave", "watch"]


class Forked(Protocol):
    """What has something that a forked process may not use."""

    def forked(self) -> None:
        """Let go of it; called in the new process, before anything else happens there."""


_watched: WeakSet[Forked] = WeakSet()
_left: list[object] = []


def watch(thing: Forked) -> None:
    """Have a thing told in every process that is forked while it lives."""
    _watched.add(thing)


def leave(thing: object) -> None:
    """Leave a thing to the other process for good: to close it, as its end would, may say farewell for both."""
    _left.append(thing)


def _tell() -> None:
    for thing in list(_watched):
        thing.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tell)
