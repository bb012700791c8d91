"""Starts a zygote, and speaks with it. The messages are in ``zygote.py``."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, finalize

from llmspell_core.errors import NotLocked
from llmspell_core.facts import Fact, fact
from llmspell_core.isolation import headstart
from llmspell_core.isolation.spawning import spawn_zygote

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

__all__ = ["Cradle", "Exit", "check_platform", "reap"]

_MESSAGE = 4096
_PATIENCE = 1.0
"""Seconds that a zygote may take to tell how a worker ended: it knows at once."""


@fact
class Exit(Fact):
    """How a worker ended.

    :param status: as ``waitpid`` has it
    :param cpu: CPU seconds it used in all
    :param grown: bytes of memory that it had at most, beside those it began with
    :param unforked: why there never was one
    """

    status: int
    cpu: float
    grown: int
    unforked: str = ""


class Cradle:
    """A running zygote, from the parent's side.

    :param engine: ``installed:NAME``, or ``MODULE:CLASS``
    :param without: layers of the lock that its workers leave out, for tests of the others
    """

    def __init__(self, engine: str, without: Sequence[str] = ()) -> None:
        self._pid, self._control = _adopted(engine, without) or _started(engine, without)
        # Who drops a runner without closing it would collect zombies; at the end of the program nobody does.
        self._dropped = finalize(self, reap, self._pid, 0)
        self._dropped.atexit = False
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Event] = WeakKeyDictionary()
        self._pids: dict[int, int] = {}
        self._exits: dict[int, Exit] = {}
        self._asked: set[int] = set()
        self.living: set[int] = set()
        """The numbers of the workers that were asked for and have not ended."""
        self.forks = 0
        self.used_cpu = 0.0
        """CPU seconds of the workers that have ended."""
        self.most_memory = 0
        """The most bytes that one of them took beside those it began with."""
        self.ready = False
        self.gone = False
        self.broken: str | None = None
        """Why the engine does not load there."""

    def fork(self, number: int, idle: float = 0.0) -> socket.socket:
        """Ask for a worker and return the socket to it, without waiting for either.

        :param idle: seconds after which the worker ends itself when it has not been told anything; 0 for never
        :raises OSError: when this process may have no more sockets
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        if idle > 0:
            import struct

            wait = struct.pack("@ll", int(idle), int(idle % 1 * 1e6))
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
        # Where the zygote is gone, the end of file on its socket tells it to the worker's taker.
        with theirs, suppress(OSError):
            socket.send_fds(self._control, [f"fork {number}".encode()], [theirs.fileno()])
        self.forks += 1
        self.living.add(number)
        self._asked.add(number)
        return ours

    def kill(self, number: int) -> None:
        """End a worker, if it has not ended by itself; nobody will ask how."""
        self._asked.discard(number)
        self._exits.pop(number, None)
        if number in self.living and not self.gone:
            with suppress(OSError):
                self._control.send(f"kill {number}".encode())

    def has_forked(self, number: int) -> bool:
        """Tell whether a worker is known to be there."""
        return number in self._pids

    def cpu(self, number: int) -> float:
        """Return the CPU seconds that a worker has used so far; 0 when it has ended or not begun."""
        self.hear()
        pid = self._pids.get(number)
        if pid is None:
            return 0.0
        try:
            return time.clock_gettime(_cpu_clock(pid))
        except (OSError, OverflowError, TypeError):
            return 0.0  # of a number that no process has, 3.13 says that it is no integer

    def memory(self, number: int) -> int | None:
        """Return the bytes of memory that a worker holds, or None when it has ended or the system does not say."""
        self.hear()
        pid = self._pids.get(number)
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return None

    def hear(self) -> None:
        """Take what the zygote has said, without waiting."""
        while not self.gone:
            try:
                said = self._control.recv(_MESSAGE, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except ConnectionResetError:
                continue  # it ended without reading all; what it said is still to be had
            except OSError:
                self.gone = True  # another thread has closed this meanwhile
                return
            try:
                self._note(*said.decode().partition(" ")[::2])
            except (ValueError, OverflowError):
                self.gone = True  # its end, or what is no message: nothing can be had of it any more

    def exit_of(self, number: int) -> Exit | None:
        """Wait until it is known how a worker ended; return None when it does not become known."""
        deadline = time.monotonic() + _PATIENCE
        while self._is_unknown(number) and (left := deadline - time.monotonic()) > 0:
            self._wait(left)
        return self._exits.pop(number, None)

    async def aexit_of(self, number: int) -> Exit | None:
        """As :meth:`exit_of`, in the running event loop."""
        import asyncio

        # Another thread may hear what is said, and nothing wakes this one: then it is known when the time is up.
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while self._is_unknown(number):
                    await self._said()
        return self._exits.pop(number, None)

    def close(self, deadline: float) -> None:
        """End the zygote, and with it every worker; kill it after so many seconds."""
        if self._pid == 0:
            return
        self.hear()
        self.gone = True  # before it is so: another thread may be about to hear
        self._control.close()
        self._dropped.detach()
        # One that has no worker yet, or none any more, has nothing to end but itself.
        reap(self._pid, deadline if self.ready and self.living else 0)
        self._pid = 0

    def forked(self) -> None:
        """Leave the zygote to the process that this one was forked from."""
        self._control.close()
        self._dropped.detach()
        self._pid, self.gone = 0, True

    def _is_unknown(self, number: int) -> bool:
        self.hear()
        return number in self.living and not self.gone

    def _wait(self, seconds: float) -> None:
        """Wait until something is said, or another thread has closed this."""
        poll = select.poll()
        with suppress(ValueError):
            poll.register(self._control, select.POLLIN)
            poll.poll(seconds * 1000)

    async def _said(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        if loop not in self._waiting:
            self._waiting[loop] = asyncio.Event()
            loop.add_reader(self._control, self._wake, loop)
        await self._waiting[loop].wait()

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._control)
        self._waiting.pop(loop).set()

    def _note(self, verb: str, rest: str) -> None:
        if verb == "ready":
            self.ready = True
        elif verb == "broken":
            self.broken = rest
        elif verb == "forked":
            number, pid = map(int, rest.split())
            self._pids[number] = pid
        elif verb == "unforked":
            number, code = map(int, rest.split())
            self._end(number, Exit(0, 0.0, 0, os.strerror(code)))
        else:
            number, status, milliseconds, grown = map(int, rest.split())
            self.used_cpu += milliseconds / 1000
            self.most_memory = max(self.most_memory, grown)
            self._end(number, Exit(status, milliseconds / 1000, grown))

    def _end(self, number: int, ended: Exit) -> None:
        self._pids.pop(number, None)
        self.living.discard(number)
        if number in self._asked:
            self._exits[number] = ended


def check_platform() -> None:
    """:raises NotLocked: where no process can be locked."""
    if sys.platform != "linux":
        raise NotLocked({"process": f"it needs Linux, and this is {sys.platform}"})
    if not sys.executable:
        raise NotLocked({"process": "it needs a Python to start, and sys.executable names none"})


def reap(pid: int, deadline: float) -> None:
    """Wait for a process to end, and kill it after so many seconds."""
    try:
        if not _ends_within(pid, deadline):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ChildProcessError, ProcessLookupError):
        return  # the host reaps its children itself


def _ends_within(pid: int, seconds: float) -> bool:
    """Wait for a process to end, for so long; where there is no descriptor to wait with, not at all."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(fd)


def _adopted(engine: str, without: Sequence[str]) -> tuple[int, socket.socket] | None:
    found = None if without else headstart.adopt(engine)
    return found and (found[0], socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=found[1]))


def _started(engine: str, without: Sequence[str]) -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, ExitStack() as undo:
        undo.callback(ours.close)
        pid = spawn_zygote(engine, without, theirs.fileno())
        undo.pop_all()
    return pid, ours


def _cpu_clock(pid: int) -> int:
    """Return the number of the clock that counts a process's CPU time, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2
