"""The process that a run belongs to, and whether it is still there."""

from __future__ import annotations

import os

__all__ = ["is_alive", "this_process"]


def this_process() -> str:
    """Return what this process is called in a journal: its machine, number and moment of birth."""
    pid = os.getpid()
    return f"{_machine()}/{pid}/{_born(pid)}"


def is_alive(owner: str) -> bool | None:
    """Tell whether a process is there; None when it is on another machine, so that nobody here can know."""
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    if host != _machine():
        return None
    pid, born = int(rest), owner.rpartition("/")[2]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _born(pid) == born


def _machine() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def _born(pid: int) -> str:
    """Return when a process began, in the kernel's own count; empty where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            # The name, in parentheses, may hold anything; twenty fields after it comes the time.
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in ("Z", "X") else fields[19]
