"""One frame there and one back: waiting in the event loop where one runs, and in the kernel where none does."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

from llmspell_core.errors import LlmspellError
from llmspell_core.isolation.frames import CHUNK, Gone, Incoming

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

__all__ = ["Exchange"]


class Exchange:
    """The parent's end of a worker's socket.

    :param allowed: bytes that a frame from the worker may have
    :param look: called when its last answer's seconds have passed, and at once; tells in how many seconds to look
        again, or None for never; raises what ends the wait
    """

    def __init__(self, socket: socket.socket, allowed: int, look: Callable[[], float | None]) -> None:
        self._socket, self._look = socket, look
        self._out = memoryview(b"")
        self._in = Incoming(allowed)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiter: asyncio.Future[str] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def put(self, frame: bytes) -> None:
        """Have this sent by the next :meth:`get`, before it waits."""
        self._out = memoryview(bytes(self._out) + frame) if self._out else memoryview(frame)

    def get(self) -> str:
        """Send what was put and return the next frame's text.

        :raises Gone: when the worker has ended
        :raises ProtocolError: when it sends what is no frame
        """
        poll = select.poll()
        self._send()
        while (text := self._receive()) is None:
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._out else 0))
            again = self._look()
            poll.poll(None if again is None else again * 1000 + 1)
            self._send()
        return text

    async def aget(self, loop: asyncio.AbstractEventLoop) -> str:
        """As :meth:`get`, in that event loop."""
        if self._loop is None:
            self._loop = loop
            loop.add_reader(self._socket, self._readable)
        self._send()
        if (text := self._in.take()) is not None:
            return text
        if self._out:
            loop.add_writer(self._socket, self._writable)
        self._waiter = loop.create_future()
        if self._timer is None:
            self._watch()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Close the socket."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        if self._timer is not None:
            self._timer.cancel()
        self._loop = None
        self._socket.close()

    def _watch(self) -> None:
        """Look now, and again when it is time; end the wait with what that raises.

        The timer outlives the wait that it was set in: a worker has its time in one wait or in many.
        """
        self._timer = None
        if self._waiter is None or self._waiter.done() or self._loop is None:
            return
        try:
            again = self._look()
        except LlmspellError as error:
            self._waiter.set_exception(error)
        else:
            self._timer = None if again is None else self._loop.call_later(again, self._watch)

    def _readable(self) -> None:
        if self._waiter is None:
            # It says something that nobody asked for; what it is will be seen when something is.
            if self._loop is not None:
                self._loop.remove_reader(self._socket)
                self._loop = None
        elif not self._waiter.done():
            try:
                text = self._receive()
            except (Gone, LlmspellError) as error:
                self._waiter.set_exception(error)
            else:
                if text is not None:
                    self._waiter.set_result(text)

    def _writable(self) -> None:
        self._send()
        if not self._out and self._loop is not None:
            self._loop.remove_writer(self._socket)

    def _send(self) -> None:
        """Send what can be sent without waiting."""
        while self._out:
            try:
                self._out = self._out[self._socket.send(self._out) :]
            except BlockingIOError:
                return
            except OSError:
                self._out = memoryview(b"")  # what it said before it closed its end is still to be read

    def _receive(self) -> str | None:
        """Take what has come; return a frame's text when it is whole."""
        while (text := self._in.take()) is None:
            try:
                part = self._socket.recv(CHUNK)
            except BlockingIOError:
                return None
            except OSError as error:
                raise Gone from error
            if not part:
                raise Gone
            self._in.add(part)
        return text
