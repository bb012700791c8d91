"""Which system calls a worker may make, as a program for the kernel's filter.

A call is allowed, allowed with certain arguments, refused with an error, or the death of the worker. What is in no list
is refused: a library that tries it goes on without. What no library of a worker has a reason to try kills.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KNOWN", "program"]

_Line = tuple[int, int, int, int]


@fact
class _Machine(Fact):
    """The numbers of one kind of processor: ``audit`` names it to the kernel."""

    audit: int
    allowed: dict[str, int]
    deadly: dict[str, int]
    guarded: dict[str, int]


_X86 = _Machine(
    0xC000003E,
    {
        "munmap": 11, "brk": 12, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25,
        "madvise": 28, "getpid": 39, "exit": 60, "gettimeofday": 96, "getrusage": 98, "gettid": 186, "time": 201,
        "futex": 202, "restart_syscall": 219, "clock_gettime": 228, "exit_group": 231, "getrandom": 318, "rseq": 334,
    },
    {
        "socket": 41, "connect": 42, "bind": 49, "listen": 50, "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58,
        "execve": 59, "kill": 62, "ptrace": 101, "mount": 165, "tkill": 200, "perf_event_open": 298, "setns": 308,
        "unshare": 272, "process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321, "execveat": 322,
        "userfaultfd": 323, "pidfd_send_signal": 424, "io_uring_setup": 425, "clone3": 435, "pidfd_getfd": 438,
    },
    {"read": 0, "write": 1, "close": 3, "mmap": 9, "mprotect": 10, "tgkill": 234, "prlimit64": 302},
)  # fmt: skip
_ARM = _Machine(
    0xC00000B7,
    {
        "exit": 93, "exit_group": 94, "futex": 98, "clock_gettime": 113, "sched_yield": 124, "restart_syscall": 128,
        "rt_sigprocmask": 135, "rt_sigreturn": 139, "getrusage": 165, "gettimeofday": 169, "getpid": 172,
        "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216, "madvise": 233, "getrandom": 278, "rseq": 293,
    },
    {
        "mount": 40, "unshare": 97, "ptrace": 117, "kill": 129, "tkill": 130, "socket": 198, "socketpair": 199,
        "bind": 200, "listen": 201, "connect": 203, "clone": 220, "execve": 221, "perf_event_open": 241, "setns": 268,
        "process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280, "execveat": 281, "userfaultfd": 282,
        "pidfd_send_signal": 424, "io_uring_setup": 425, "clone3": 435, "pidfd_getfd": 438,
    },
    {"read": 63, "write": 64, "close": 57, "mmap": 222, "mprotect": 226, "tgkill": 131, "prlimit64": 261},
)  # fmt: skip
KNOWN = {"x86_64": _X86, "aarch64": _ARM}
"""The processors whose system calls are known."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused with EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, (16, 24, 32)
_X32 = 0x40000000
_PROT_EXEC = 4


def program(machine: str, socket: int, pid: int) -> list[_Line]:
    """Return the filter of the worker with that process id, which may read and write that one descriptor."""
    known = KNOWN[machine]
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, known.audit),
        (_ANSWER, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # Numbers of the other calling convention of x86-64.
        (_AT_LEAST, 0, 1, _X32),
        (_ANSWER, 0, 0, _KILL),
    ]
    for number in known.allowed.values():
        lines += [(_EQUAL, 0, 1, number), (_ANSWER, 0, 0, _ALLOW)]
    for name, number in known.guarded.items():
        guard = list(_guard(name, socket, pid))
        lines += [(_EQUAL, 0, len(guard), number), *guard]
    for number in known.deadly.values():
        lines += [(_EQUAL, 0, 1, number), (_ANSWER, 0, 0, _KILL)]
    return [*lines, (_ANSWER, 0, 0, _REFUSE)]


def _guard(name: str, socket: int, pid: int) -> Iterator[_Line]:
    """Allow a call for one value of its first argument, or for memory that no code can be run in."""
    if name in ("mmap", "mprotect"):
        yield (_LOAD, 0, 0, _ARGUMENT[2])
        yield (_ANY_BIT, 0, 1, _PROT_EXEC)
        yield (_ANSWER, 0, 0, _REFUSE)
        yield (_ANSWER, 0, 0, _ALLOW)
        return
    yield (_LOAD, 0, 0, _ARGUMENT[0])
    yield (_EQUAL, 0, 1, {"tgkill": pid, "prlimit64": 0}.get(name, socket))
    yield (_ANSWER, 0, 0, _ALLOW)
    yield (_ANSWER, 0, 0, _REFUSE)
