"""The system calls that lock a process, by ctypes: prctl, capset, Landlock, seccomp."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Filter", "drop_capabilities", "forbid_files", "machine", "prctl"]

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
# Landlock came after the numbers of new system calls were made the same everywhere.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_CAPSET = {"x86_64": 126, "aarch64": 91}
# Rights over files that each version of Landlock knows: 13 at first, then refer, truncate, and device control.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_OWN = _CapHeader(_CAPABILITY_VERSION_3, 0)
_NO_CAPABILITIES = (ctypes.c_uint32 * 6)()


class Filter:
    """A program that decides about system calls, ready for the kernel but for one number.

    :param unknown: what stands in the program for that number
    """

    def __init__(self, program: Sequence[tuple[int, int, int, int]], unknown: int) -> None:
        self._code = (_Instruction * len(program))(*(_Instruction(*line) for line in program))
        self._places = [place for place, line in enumerate(program) if line[3] == unknown]
        self._whole = _Program(len(program), ctypes.cast(self._code, ctypes.POINTER(_Instruction)))

    def install(self, number: int) -> None:
        """Let the program decide about every further system call of this thread."""
        for place in self._places:
            self._code[place].k = number
        prctl(PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(self._whole))


def machine() -> str:
    """Return the processor's name, as the tables of system calls know it."""
    return os.uname().machine if sys.platform == "linux" else sys.platform


def prctl(option: int, second: int = 0, third: int = 0) -> int:
    """Set or ask something of the process; :raises OSError: when the kernel refuses."""
    return _checked(_libc.prctl(option, *map(ctypes.c_ulong, (second, third, 0, 0))))


def drop_capabilities() -> None:
    """Give up every capability."""
    prctl(PR_CAP_AMBIENT, _CLEAR_ALL)
    _checked(_libc.syscall(ctypes.c_long(_CAPSET[machine()]), ctypes.byref(_OWN), _NO_CAPABILITIES))


def forbid_files() -> int:
    """Deny all files, and all that Landlock can deny beside them; return the version of Landlock."""
    version = _landlock(None, 0, 1)
    rights = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= version)]
    ruleset = _Ruleset((1 << rights) - 1, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    fd = _landlock(ctypes.byref(ruleset), size, 0)
    try:
        _checked(_libc.syscall(ctypes.c_long(_LANDLOCK_RESTRICT_SELF), ctypes.c_long(fd), ctypes.c_long(0)))
    finally:
        os.close(fd)
    return version


def _landlock(ruleset: object, size: int, flags: int) -> int:
    number = ctypes.c_long(_LANDLOCK_CREATE_RULESET)
    return _checked(_libc.syscall(number, ruleset, ctypes.c_size_t(size), ctypes.c_long(flags)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
