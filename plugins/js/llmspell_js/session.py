"""A session: one realm, fed with events as JSON text."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

# The package `quickjs` around it imports thread pools that a session never uses.
import _quickjs  # type: ignore[import-not-found]  # it has no type information

from llmspell_core.engine import Program, TextSession
from llmspell_core.errors import LimitExceeded, ProtocolError
from llmspell_core.protocol import Cancel, Fail, Finish, Outbox
from llmspell_core.values import ErrorValue
from llmspell_core.wire import decode_inbox, decode_outbox, encode_inbox, encode_outbox
from llmspell_js.library import texts_for
from llmspell_js.meter import Meter, TimeSpent
from llmspell_js.sandbox import BASE, Blank, Enter, Realm, open_realm

if TYPE_CHECKING:
    from llmspell_core.limits import Limits
    from llmspell_core.protocol import Inbox, Request

__all__ = ["LAST_WORDS", "JsSession"]

_OWN = ("limit", "cancelled")
"""What the session itself ends a spell with."""
_CANCEL, _ENDS = '["cancel",', ('["finish",', '["fail",')
"""How messages begin that are looked at closely; a value may look like one, and is then looked at for nothing."""
_SAFE_STACK = 2**20
_FRAME = re.compile(r"^\s+at (?:.*\()?(.+):(\d+)\)?$", re.MULTILINE)
_KEPT = 64 * 1024
"""Characters of inboxes up to which a deadlock is looked into."""
LAST_WORDS = 1.0
"""Seconds that a stopped spell's requests may take to be read."""


class JsSession(TextSession):
    """Runs one program in a context of its own.

    :param realm: one that was made ahead; None makes one
    """

    def __init__(self, program: Program, limits: Limits, realm: Blank | None = None) -> None:
        self._limits = limits
        self._cpu_left = limits.cpu
        self._ended = False
        self._program = program
        self._files = program.files
        self._fed: list[str] | None = []
        self._room = _KEPT
        self._broken: ErrorValue | None = None
        self._enter: Enter | None = None
        self._context: Realm = _quickjs.Context() if realm is None else realm.context
        if limits.memory is not None:
            self._context.set_memory_limit(limits.memory)
        self._stack = _stack(limits.stack)
        self._context.set_max_stack_size(self._stack)
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
        return self._read(self._run(self._enter, text))

    def step_text(self, text: str) -> tuple[str, bool]:
        """As :meth:`step`; the realm reads and writes such text itself."""
        if self._enter is None or _CANCEL in text or self._is_too_large(text):
            return encode_outbox(self.step(decode_inbox(text))), self._ended
        answer = self._run(self._enter, text)
        if isinstance(answer, str) and not any(mark in answer for mark in _ENDS):
            return answer, False
        outbox = self._read(answer)
        return encode_outbox(outbox), self._ended

    def close(self) -> None:
        """Drop the VM. A second call does nothing."""
        self._ended = True
        self._context = self._enter = None

    def memory(self) -> int | None:
        """Return the bytes that the VM holds."""
        return None if self._context is None else int(self._context.memory()["memory_used_size"])

    def _load(self, program: Program, enter: Enter) -> Enter:
        files, line = [], BASE
        for name, text in program.files.items():
            files.append([name, line])
            line += text.count("\n") + 1
        table = self._table(program)
        entry = list(program.files).index(program.entry)
        bounds = {name: getattr(self._limits, name) for name in ("memory", "message", "tasks")}
        facts = {"starts": files, "entry": entry, **bounds, "stack": self._stack}
        enter("load", table, json.dumps(facts), texts_for(program.files.values()))
        return enter

    def _table(self, program: Program) -> Any:
        """Return the files in the VM, each a function that has not run."""
        return self._context.eval("\n" * (BASE - 1) + "[" + ",\n".join(program.files.values()) + "]")

    def _run(self, enter: Enter, text: str) -> str | Outbox:
        """Feed the text of an inbox; return the outbox's, or the outbox of a spell that was stopped."""
        meter = Meter(self._context, self._cpu_left, self._wall_left(), self._limits)
        try:
            self._keep(text)
            left = enter("feed", text, '"$":' in text)
            is_over = meter.run_jobs(enter)
            while left and not is_over:
                left = enter("next")
                is_over = meter.run_jobs(enter)
            answer: str | None = enter("drain")
            while answer is None:
                meter.run_jobs(enter)
                answer = enter("drain")
        except TimeSpent:
            return self._end(_limit(*meter.limit, meter.spent()))
        except (_quickjs.JSException, MemoryError) as error:
            if "interrupted" not in str(error):
                return self._end(self._told(error))
            return self._end(_limit(*meter.limit, meter.spent(), self._place(str(error))))
        if self._is_too_large(answer):
            return self._end(_limit("message", self._limits.message))
        if self._cpu_left is not None:
            self._cpu_left -= meter.used()
        return f"[{answer}]"

    def _read(self, answer: str | Outbox) -> Outbox:
        """Return the outbox of an answer; after the last one the session is closed."""
        outbox = decode_outbox(answer) if isinstance(answer, str) else answer
        if outbox.requests and self._fed and _is_deadlock(outbox.requests[-1]):
            outbox = self._told_again(self._fed) or outbox
        if outbox.requests and type(outbox.requests[-1]) in (Finish, Fail):
            self.close()
        return outbox

    def _wall_left(self) -> float | None:
        """Return the seconds that the run still has."""
        if self._limits.wall is None:
            return None
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        return self._limits.wall - (now - self.began)

    def _keep(self, text: str) -> None:
        """Keep what is fed, as long as it is little: a deadlock is looked into by feeding it again."""
        if self._fed is not None:
            self._fed.append(text)
            self._room -= len(text)
            if self._room < 0:
                self._fed = None

    def _told_again(self, fed: list[str]) -> Outbox | None:
        """Return the last outbox of another session like this one, which notes where it waits; None if it cannot."""
        from llmspell_js.silent import trace_awaits

        files = {name: trace_awaits(text) for name, text in self._program.files.items()}
        with JsSession(Program(self._program.entry, files), self._limits) as again:
            if again._enter is None:
                return None
            enter, again._fed, outbox = again._enter, None, None
            enter("trace")
            for text in fed:
                outbox = again._read(again._run(enter, text))
        return outbox if outbox is not None and outbox.requests and _is_deadlock(outbox.requests[-1]) else None

    def _is_too_large(self, text: str) -> bool:
        # A character takes one to four bytes; only near the limit are they counted.
        size = self._limits.message
        return size is not None and 4 * len(text) > size and len(text.encode()) > size

    def _end(self, error: ErrorValue) -> Outbox:
        said = () if self._enter is None or error.kind == "cancelled" else self._said(self._enter)
        self.close()
        return Outbox((*said, Fail(error, error.kind in _OWN)))

    def _said(self, enter: Enter) -> tuple[Request, ...]:
        """Return what the spell asked for before it was stopped: its last words are what people look for."""
        self._context.set_time_limit(LAST_WORDS)
        try:
            return decode_outbox(f"[{enter('take')}]").requests
        except (_quickjs.JSException, MemoryError):
            return ()

    def _place(self, stack: str) -> tuple[str | None, int | None]:
        """Return the file and line of the innermost frame that lies in the spell."""
        places = ((found[1], int(found[2])) for found in _FRAME.finditer(stack))
        return next((place for place in places if place[0] in self._files), (None, None))

    def _told(self, error: Exception) -> ErrorValue:
        message = str(error).partition("\n")[0]
        # The VM throws null when there is no memory left for an error; a spell's own null never gets here.
        if (
            isinstance(error, MemoryError)
            or message.rstrip(": ") in ("null", "InternalError")
            or "out of memory" in message
        ):
            return _limit("memory", self._limits.memory)
        if "Maximum call stack size exceeded" in message:
            return _limit("stack", self._stack)
        return ErrorValue("syntax" if message.startswith("SyntaxError") else "runtime", message)


def _is_deadlock(request: Request) -> bool:
    return type(request) is Fail and request.error.kind == "deadlock"


def _limit(
    name: str,
    allowed: float | None,
    used: float | None = None,
    place: tuple[str | None, int | None] = (None, None),
) -> ErrorValue:
    file, line = place
    error = LimitExceeded(name, allowed or 0, used=used)
    return ErrorValue(error.kind, str(error), error.data, None, file, line)


def _stack(allowed: int | None) -> int:
    """Return how much of the thread's stack the VM may take: never more than half of it."""
    if allowed is not None and allowed <= _SAFE_STACK:
        return allowed
    try:
        from resource import RLIM_INFINITY, RLIMIT_STACK, getrlimit
    except ImportError:
        return _SAFE_STACK
    size = getrlimit(RLIMIT_STACK)[0]
    most = 4 * _SAFE_STACK if size == RLIM_INFINITY else max(size // 2, _SAFE_STACK)
    return most if allowed is None else min(allowed, most)
