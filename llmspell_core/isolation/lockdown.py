"""Takes everything from a worker but its socket, layer by layer, before it reads a word of a spell.

Each layer alone bars the way to files, network or other processes, so that a hole in one is no way out. Which of them
held is reported, and a layer that the machine does not have does not stop the others.
"""

from __future__ import annotations

import math
import os
import signal
from contextlib import suppress
from functools import cache
from resource import (
    RLIM_INFINITY,
    RLIMIT_AS,
    RLIMIT_CORE,
    RLIMIT_CPU,
    RLIMIT_FSIZE,
    RLIMIT_MEMLOCK,
    RLIMIT_NOFILE,
    RLIMIT_NPROC,
    getrlimit,
    setrlimit,
)
from typing import TYPE_CHECKING

from llmspell_core.isolation import filters, kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Container

__all__ = ["LAYERS", "SOCKET", "bound", "lock_down", "prepare"]

SOCKET = 3
"""The one descriptor of a worker."""
_NOBODY = 65534
_NO_PROCESS = 2**32 - 1
"""Stands in the filter for the process that it is put on."""
_NOTHING = (RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_MEMLOCK)


def prepare() -> None:
    """Do once what would be the same in all processes that are forked from this one to lock themselves."""
    _forget_environment()
    with suppress(KeyError):
        _filter_of(kernel.machine())


def lock_down(parent: int, without: Container[str] = ()) -> dict[str, str]:
    """Lock this process; return what each layer came to: ``held``, or why not.

    :param parent: the process whose end shall be this one's end
    :param without: layers to leave out, so that a test can see what the others do
    """
    held: dict[str, str] = {}
    for name, layer in _layers(parent).items():
        if name in without:
            held[name] = "left out"
            continue
        try:
            layer()
        except (OSError, ValueError, KeyError) as error:
            held[name] = f"missing: {error}"
        else:
            held[name] = "held"
    return held


def bound(memory: int | None, seconds: float | None) -> None:
    """Let the kernel end this process when it takes more memory, or computes longer, by much than it may.

    :param memory: bytes of address space, on top of what the process has
    :param seconds: CPU seconds
    """
    if memory is not None:
        _lower(RLIMIT_AS, memory)
    if seconds is not None:
        # The parent looks more closely; this is for a parent that is stopped or slow.
        _lower(RLIMIT_CPU, math.ceil(seconds) + 1)


def _layers(parent: int) -> dict[str, Callable[[], None]]:
    return {
        "session": os.setsid,
        "identity": _become_nobody,
        "descriptors": _close_descriptors,
        "environment": _forget_environment,
        "capabilities": kernel.drop_capabilities,
        "no_new_privileges": lambda: _set(kernel.PR_SET_NO_NEW_PRIVS, 1),
        "not_dumpable": lambda: _set(kernel.PR_SET_DUMPABLE, 0),
        "parent_death": lambda: _die_with(parent),
        "resources": _bound_resources,
        "landlock": _forbid_files,
        "seccomp": _filter,
    }


def _become_nobody() -> None:
    if os.getuid() != 0:
        return
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _close_descriptors() -> None:
    for standard in range(SOCKET):
        os.close(standard)
    os.closerange(SOCKET + 1, os.sysconf("SC_OPEN_MAX"))


def _forget_environment() -> None:
    # Clearing what is empty is slow enough to be felt.
    if os.environ:
        os.environ.clear()


def _set(option: int, value: int) -> None:
    kernel.prctl(option, value)


def _die_with(parent: int) -> None:
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before it was asked for


def _bound_resources() -> None:
    for resource in _NOTHING:
        setrlimit(resource, (0, 0))
    # Landlock and the socket need a number each.
    setrlimit(RLIMIT_NOFILE, (SOCKET + 2, SOCKET + 2))


def _forbid_files() -> None:
    kernel.forbid_files()


def _filter() -> None:
    _filter_of(kernel.machine()).install(os.getpid())


@cache
def _filter_of(machine: str) -> kernel.Filter:
    return kernel.Filter(filters.program(machine, SOCKET, _NO_PROCESS), _NO_PROCESS)


def _lower(resource: int, value: int) -> None:
    _, most = getrlimit(resource)
    if most == RLIM_INFINITY or value < most:
        setrlimit(resource, (value, value))


LAYERS = tuple(_layers(0))
"""The names of the layers, in the order in which they are put on."""
