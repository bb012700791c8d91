"""A process that has the engine loaded and warm, forks a worker for each request, kills and reaps.

It has one thread, an empty environment and one descriptor: the socket to the parent, a message at a time.

    from the parent            to the parent
    fork NUMBER + a socket     ready                    the engine is warm
    kill NUMBER                forked NUMBER PID
    (end of file)              exited NUMBER STATUS CPU GROWN
                                                        as ``waitpid`` has it, milliseconds, and the bytes it took
                               unforked NUMBER ERRNO    the machine has no process for it
                               broken WHY               the engine does not load
"""

from __future__ import annotations

import errno
import gc
import os
import select
import signal
import socket
from collections import deque
from typing import TYPE_CHECKING, NoReturn

from llmspell_core.isolation import worker
from llmspell_core.isolation.lockdown import SOCKET, prepare
from llmspell_core.isolation.warmth import load, warm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_core.engine import Engine

__all__ = ["MESSAGE", "main"]

MESSAGE = 4096
"""Bytes that a message has at most."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


def main(engine: str, without: Sequence[str]) -> None:
    """Serve the parent on descriptor ``SOCKET`` until it is gone.

    :param engine: ``installed:NAME``, or ``MODULE:CLASS``
    """
    os.setsid()
    gc.disable()  # what importing leaves behind is not worth looking for
    os.closerange(SOCKET + 1, os.sysconf("SC_OPEN_MAX"))
    control = socket.socket(fileno=SOCKET)
    try:
        loaded = load(engine)
        warm(loaded)
        prepare()
    except Exception as error:  # noqa: BLE001 - the parent is told whatever it was
        why = getattr(error, "cause", f"{type(error).__name__}: {error}")
        control.send(f"broken {why}"[:1000].encode())
        return
    gc.freeze()
    gc.enable()
    _Zygote(control, loaded, without).run()
    os._exit(0)


class _Zygote:
    def __init__(self, control: socket.socket, engine: Engine, without: Sequence[str]) -> None:
        self._control, self._engine, self._without = control, engine, without
        self._pid, (self._base, self._resident) = os.getpid(), _memory()
        self._workers: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._unsaid: deque[str] = deque(["ready"])
        self._orders: deque[tuple[list[str], list[int]]] = deque()
        self._gone = False

    def run(self) -> None:
        """Fork, kill and reap until the parent is gone; then end every worker."""
        self._control.setblocking(False)
        woken, wake = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        poll = select.poll()
        poll.register(woken, select.POLLIN)
        while not self._gone:
            self._say()
            poll.register(self._control, select.POLLIN | (select.POLLOUT if self._unsaid else 0))
            poll.poll(0 if self._orders else None)
            self._listen()
            self._obey()
            self._reap(woken)
        for pid in self._numbers:
            _kill(pid)
            os.waitpid(pid, 0)

    def _listen(self) -> None:
        """Take all that the parent has said, so that it never waits for a fork to be done."""
        while not self._gone:
            try:
                said, fds, _, _ = socket.recv_fds(self._control, MESSAGE, 1)
            except BlockingIOError:
                return
            except OSError:
                said, fds = b"", []
            if said:
                self._orders.append((said.decode().split(), fds))
            else:
                self._gone = True

    def _obey(self) -> None:
        if not self._orders:
            return
        (verb, number), fds = self._orders.popleft()
        if verb == "fork":
            self._fork(int(number), fds)
        elif int(number) in self._workers:
            _kill(self._workers[int(number)])

    def _fork(self, number: int, fds: list[int]) -> None:
        try:
            # The kernel leaves a descriptor out when the receiver has no number for it.
            pid = os.fork() if fds else _refuse(errno.EMFILE)
        except OSError as error:
            self._unsaid.append(f"unforked {number} {error.errno}")
        else:
            if pid == 0:
                self._become_worker(fds[0])
            self._workers[number], self._numbers[pid] = pid, number
            self._unsaid.append(f"forked {number} {pid}")
        for fd in fds:
            os.close(fd)

    def _become_worker(self, fd: int) -> None:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(fd, SOCKET, inheritable=False)
            worker.run(self._engine, self._pid, self._base, self._without)
            status = 0
        finally:
            os._exit(status)

    def _reap(self, woken: socket.socket) -> None:
        try:
            woken.recv(MESSAGE)
        except BlockingIOError:
            return
        while self._numbers:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            number = self._numbers.pop(pid)
            del self._workers[number]
            cpu, grown = round(1000 * (used.ru_utime + used.ru_stime)), 1024 * used.ru_maxrss - self._resident
            self._unsaid.append(f"exited {number} {status} {cpu} {grown}")

    def _say(self) -> None:
        while self._unsaid:
            try:
                self._control.send(self._unsaid[0].encode())
            except BlockingIOError:
                return
            except OSError:
                self._gone = True
                return
            self._unsaid.popleft()


def _refuse(code: int) -> NoReturn:
    raise OSError(code, os.strerror(code))


def _memory() -> tuple[int, int]:
    """Return the bytes of this process: of its addresses, and those in memory."""
    with open("/proc/self/statm") as file:
        size, resident = file.read().split()[:2]
    return int(size) * _PAGE, int(resident) * _PAGE


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        return  # it has no group of its own yet, or has ended
