"""The end of a cast from outside: Ctrl-C, SIGTERM and the time limit, also while a VM is stuck in native code.

Python hands a signal to the main thread only between two of its own instructions, so a native loop never hears of it.
The watch is a thread that does, and that ends the process when the main thread has not done so in time.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from llmspell_core.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

__all__ = ["Watch"]

_SIGNAL_GRACE = 0.5
_LIMIT_GRACE = 1.0


class Watch:
    """While it is entered, a signal or the time limit ends the process.

    :param timeout: seconds until the main thread should have ended the cast itself
    :param cut_off: tells the outcome of that exit; False means that the main thread is telling it already
    """

    def __init__(self, timeout: float | None, cut_off: Callable[[Exit], bool]) -> None:
        self._timeout, self._cut_off = timeout, cut_off
        self._exit: Exit | None = None

    @property
    def exit(self) -> Exit:
        """The exit status that the signal asks for."""
        return self._exit or Exit.INTERRUPTED

    def __enter__(self) -> Watch:
        self._active = os.name == "posix" and threading.current_thread() is threading.main_thread()
        if self._active:
            reader, self._writer = os.pipe()
            os.set_blocking(self._writer, False)
            self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
            self._handler = signal.signal(signal.SIGTERM, self._terminate)
            threading.Thread(target=self._watch, args=(reader,), name="llmspell-watch", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active:
            signal.signal(signal.SIGTERM, self._handler)
            signal.set_wakeup_fd(self._wakeup)
            os.close(self._writer)

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self._exit = Exit.TERMINATED
        # Whatever knows how to end the cast on Ctrl-C, an event loop say, ends it now too.
        interrupt: Any = signal.getsignal(signal.SIGINT)
        (interrupt if callable(interrupt) else signal.default_int_handler)(number, frame)

    def _watch(self, reader: int) -> None:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout + _LIMIT_GRACE
        pressed = None
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([reader], [], [], left)[0]:
                if self._cut_off(pressed or Exit.LIMIT):
                    os._exit(pressed or Exit.LIMIT)
                deadline = None
            elif not (numbers := os.read(reader, 64)):
                os.close(reader)
                return
            elif pressed is None and (found := [_EXITS[number] for number in numbers if number in _EXITS]):
                pressed, deadline = found[0], time.monotonic() + _SIGNAL_GRACE


_EXITS: dict[int, Exit] = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}
