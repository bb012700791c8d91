"""A zygote that is started before the command line is read, so that it warms up while that is imported.

It is a guess. Where it was right the zygote is adopted; where not, it is ended and has seen nothing of any spell.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SOCK_SEQPACKET, socketpair  # `socket` makes enumerations, which takes long

from llmspell_core.isolation.spawning import spawn_zygote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["adopt", "begin", "drop", "guess"]

_ENTRIES = ("main", "spell")
_started: list[tuple[str, int, int]] = []


def begin(words: Sequence[str]) -> None:
    """Start a zygote for the engine that a command line seems to want, if it seems to want one."""
    engine = guess(words)
    if engine is None or not sys.executable:
        return
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    pid = spawn_zygote(f"installed:{engine}", (), theirs.fileno())
    theirs.close()
    _started.append((f"installed:{engine}", pid, ours.detach()))


def adopt(engine: str) -> tuple[int, int] | None:
    """Return the process id of the zygote that was started for that engine, and the socket that it obeys."""
    if _started and _started[0][0] == engine:
        _, pid, control = _started.pop()
        return pid, control
    drop()
    return None


def drop() -> None:
    """End a zygote that nobody has adopted; who started it waits for it, or ends itself."""
    while _started:
        _, pid, control = _started.pop()
        os.close(control)
        os.kill(pid, 9)


def guess(words: Sequence[str]) -> str | None:
    """Return the name of the engine that a command line seems to want in a process, or None."""
    if sys.platform != "linux" or words[:1] not in (["run"], ["exec"]) or "--help" in words:
        return None
    named = None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--isolation=inline" or (word, following) == ("--isolation", "inline"):
            return None
        if word in ("-e", "--engine"):
            named = following
        elif word.startswith("--engine="):
            named = word.partition("=")[2]
    if words[0] == "exec" or named:
        return named
    return next((suffix for word in words[1:] if (suffix := _suffix(word))), None)


def _suffix(word: str) -> str | None:
    """Return what the name of a spell's file ends in, where the word leads to one."""
    names = [word]
    if os.path.isdir(word):
        names = [name for name in os.listdir(word) if os.path.splitext(name)[0] in _ENTRIES]
    elif not os.path.isfile(word):
        return None
    suffixes = (os.path.splitext(name)[1][1:].lower() for name in names)
    return next((suffix for suffix in suffixes if suffix not in ("", "yaml", "md", "json")), None)
