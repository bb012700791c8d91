"""One Lua VM running one spell: inboxes in and outboxes out, as JSON text."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from llmspell_core.engine import Session
from llmspell_core.errors import LimitExceeded, ProtocolError
from llmspell_core.protocol import Fail, Finish, Outbox
from llmspell_core.values import ErrorValue
from llmspell_core.wire import decode_outbox, encode_inbox

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_core.protocol import Inbox
    from llmspell_lua.sandbox import Vm

__all__ = ["LuaSession"]

_ROOM = 64 * 1024
"""Bytes that a step needs beside its inbox."""


class LuaSession(Session):
    """A session of any of the Lua engines."""

    def __init__(self, vm: Vm, limits: Limits, lua_error: type[Exception], bounded: bool) -> None:
        self._vm: Vm | None = vm
        self._allowed = limits.memory
        self._memory = limits.memory if bounded else None
        self._message = limits.message
        self._wall = limits.wall
        self._lua_error = lua_error
        self._ended = False

    def step(self, inbox: Inbox) -> Outbox:
        """Feed events and run until every task of the spell waits, or the spell has ended."""
        if self._vm is None or self._ended:
            raise ProtocolError("the session has ended; open another one")
        text = encode_inbox(inbox)
        if self._is_too_large(text):
            return self._exceed("message", self._message)
        if self._memory is not None and not self._fits(self._vm, text, self._memory):
            return self._exceed("memory", self._memory)
        try:
            answer = self._vm.step(text, self._left())
        except self._lua_error as error:
            return self._broken(error)
        if self._is_too_large(answer):
            return self._exceed("message", self._message)
        outbox = decode_outbox(answer)
        if outbox.requests and type(outbox.requests[-1]) in _ENDS:
            self._ended = True
        return outbox

    def close(self) -> None:
        """Drop the VM."""
        self._vm = None

    def memory(self) -> int | None:
        """Return the bytes that the VM holds, or None where lupa does not count them."""
        if self._vm is None:
            return None
        counted: int | None = self._vm.runtime.get_memory_used()
        return counted

    def _left(self) -> float:
        """Return the seconds that the run still has."""
        if self._wall is None:
            return math.inf
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        return self._wall - (now - self.began)

    def _is_too_large(self, text: str) -> bool:
        # A character takes one to four bytes; only near the limit are they counted.
        size = self._message
        return size is not None and 4 * len(text) > size and len(text.encode()) > size

    def _fits(self, vm: Vm, text: str, memory: int) -> bool:
        # lupa cannot recover when the inbox itself does not fit into the VM.
        needed = 4 * len(text) + _ROOM
        used: int = vm.runtime.get_memory_used()
        if used + needed <= memory:
            return True
        vm.runtime.gccollect()
        return int(vm.runtime.get_memory_used()) + needed <= memory

    def _broken(self, error: Exception) -> Outbox:
        """Return the end of a session whose driver itself failed, which only a lack of memory brings about."""
        if self._allowed is not None and (isinstance(error, MemoryError) or _tells_of_memory(str(error))):
            return self._exceed("memory", self._allowed)
        return self._fail(ErrorValue("internal", f"the Lua VM failed: {error}"))

    def _exceed(self, name: str, allowed: int | None) -> Outbox:
        limit = LimitExceeded(name, allowed or 0)
        return self._fail(ErrorValue(limit.kind, str(limit), limit.data), from_session=True)

    def _fail(self, error: ErrorValue, *, from_session: bool = False) -> Outbox:
        self._ended = True
        return Outbox((Fail(error, from_session),))


def _tells_of_memory(message: str) -> bool:
    # LuaJIT has not always room for words when it has room for nothing.
    return not message or "memory" in message or message == "error in error handling"


_ENDS = (Finish, Fail)
