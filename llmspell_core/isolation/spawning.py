"""Starts a Python that has nothing of this one: no environment, no site packages, no descriptor but one.

It imports next to nothing, because a command line starts a zygote before it imports anything else.
"""

from __future__ import annotations

import os
import sys

# The module `signal` makes enumerations, which takes longer than starting a process.
from _signal import SIGCHLD, SIGTERM  # type: ignore[import-not-found]  # built in, and in no stubs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["spawn", "spawn_zygote"]

_CONTROL = 3


def spawn(code: str, descriptor: int) -> int:
    """Start a Python without environment and site packages; return its process id.

    :param descriptor: what it has as descriptor 3, beside three that lead nowhere
    """
    path = [os.path.abspath(folder) for folder in sys.path]
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
    actions = [(os.POSIX_SPAWN_DUP2, descriptor, _CONTROL), *null]
    words = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {path!r}; {code}"]
    # A host may block or ignore signals that the zygote lives by.
    return os.posix_spawn(sys.executable, words, {}, file_actions=actions, setsigmask=(), setsigdef=(SIGCHLD, SIGTERM))


def spawn_zygote(engine: str, without: Sequence[str], descriptor: int) -> int:
    """Start a zygote; return its process id.

    :param engine: ``installed:NAME``, or ``MODULE:CLASS``
    :param without: layers of the lock that its workers leave out
    :param descriptor: the socket that it obeys
    """
    code = f"from llmspell_core.isolation.zygote import main; main({engine!r}, {tuple(without)!r})"
    return spawn(code, descriptor)
