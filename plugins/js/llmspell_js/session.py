"""A session: one realm, fed with events as JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

# The package `quickjs` around it imports thread pools that a session never uses.
import _quickjs  # type: ignore[import-not-found]  # it has no type information

from llmspell_core.engine import Session
from llmspell_core.errors import ProtocolError
from llmspell_core.protocol import Cancel, Fail, Finish, Outbox
from llmspell_core.values import ErrorValue
from llmspell_core.wire import decode_outbox, encode_inbox
from llmspell_js.meter import Meter, TimeSpent
from llmspell_js.sandbox import BASE, Blank, Enter, Realm, open_realm

if TYPE_CHECKING:
    from llmspell_core.engine import Program
    from llmspell_core.limits import Limits
    from llmspell_core.protocol import Inbox, Request

__all__ = ["JsSession"]

_LAST_WORDS = 1.0
"""Seconds that a stopped spell's requests may take to be read."""


class JsSession(Session):
    """Runs one program in a context of its own.

    :param realm: one that was made ahead; None makes one
    """

    def __init__(self, program: Program, limits: Limits, realm: Blank | None = None) -> None:
        self._limits = limits
        self._cpu_left = limits.cpu
        self._ended = False
        self._broken: ErrorValue | None = None
        self._enter: Enter | None = None
        self._context: Realm = _quickjs.Context() if realm is None else realm.context
        if limits.memory is not None:
            self._context.set_memory_limit(limits.memory)
        try:
            self._enter = self._load(program, open_realm(self._context) if realm is None else realm.enter)
        except (_quickjs.JSException, MemoryError) as error:
            self._broken = self._told(error)

    def step(self, inbox: Inbox) -> Outbox:
        """Feed events and run until every task of the spell waits, or the spell has ended."""
        if self._ended:
            raise ProtocolError("the session has ended; open another one")
        for event in inbox.events:
            if type(event) is Cancel:
                return self._end(ErrorValue("cancelled", event.reason))
        if self._enter is None:
            return self._end(self._broken or ErrorValue("internal", "the session did not open"))
        text = encode_inbox(inbox)
        if self._is_too_large(text):
            return self._end(_limit("message", self._limits.message))
        return self._run(self._enter, text)

    def close(self) -> None:
        """Drop the VM. A second call does nothing."""
        self._ended = True
        self._context = self._enter = None

    def _load(self, program: Program, enter: Enter) -> Enter:
        files, line = [], BASE
        for name, text in program.files.items():
            files.append([name, line])
            line += text.count("\n") + 1
        table = self._context.eval("\n" * (BASE - 1) + "[" + ",\n".join(program.files.values()) + "]")
        entry = list(program.files).index(program.entry)
        facts = {"starts": files, "entry": entry, "memory": self._limits.memory, "message": self._limits.message}
        enter("load", table, json.dumps(facts))
        return enter

    def _run(self, enter: Enter, text: str) -> Outbox:
        meter = Meter(self._context, self._cpu_left, self._limits)
        try:
            enter("feed", text, '"$":' in text)
            meter.run_jobs()
            answer: str = enter("drain")
        except TimeSpent:
            return self._end(_limit(*meter.limit))
        except (_quickjs.JSException, MemoryError) as error:
            return self._end(_limit(*meter.limit) if "interrupted" in str(error) else self._told(error))
        if self._is_too_large(answer):
            return self._end(_limit("message", self._limits.message))
        outbox = decode_outbox(f"[{answer}]")
        if self._cpu_left is not None:
            self._cpu_left -= meter.used()
        if outbox.requests and type(outbox.requests[-1]) in (Finish, Fail):
            self.close()
        return outbox

    def _is_too_large(self, text: str) -> bool:
        # A character takes one to four bytes; only near the limit are they counted.
        size = self._limits.message
        return size is not None and 4 * len(text) > size and len(text.encode()) > size

    def _end(self, error: ErrorValue) -> Outbox:
        said = () if self._enter is None or error.kind == "cancelled" else self._said(self._enter)
        self.close()
        return Outbox((*said, Fail(error)))

    def _said(self, enter: Enter) -> tuple[Request, ...]:
        """Return what the spell asked for before it was stopped: its last words are what people look for."""
        self._context.set_time_limit(_LAST_WORDS)
        try:
            return decode_outbox(f"[{enter('take')}]").requests
        except (_quickjs.JSException, MemoryError):
            return ()

    def _told(self, error: Exception) -> ErrorValue:
        message = str(error).partition("\n")[0]
        # The VM throws null when there is no memory left for an error; a spell's own null never gets here.
        if isinstance(error, MemoryError) or message == "null" or "out of memory" in message:
            return _limit("memory", self._limits.memory)
        return ErrorValue("syntax" if message.startswith("SyntaxError") else "runtime", message)


def _limit(name: str, allowed: float | None) -> ErrorValue:
    return ErrorValue("limit", f"limit {name} of {allowed or 0:g} was reached", {"limit": name, "allowed": allowed})
