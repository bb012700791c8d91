"""What runs in a worker: it locks itself, is told what to run, and answers inboxes with outboxes until the end.

The parent sends ``open`` (limits), the spell or its program, then inboxes; the worker sends ``ready`` (which layers
hold), the program if it was asked for and took long to make, then an outbox for each inbox, or once an error object in
place of one.
"""

from __future__ import annotations

import json
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_core.engine import Program, TextSession, opened, stepped
from llmspell_core.errors import LimitExceeded, LlmspellError, ProtocolError, SpellSyntaxError
from llmspell_core.isolation import frames
from llmspell_core.isolation.lockdown import SOCKET, bound, lock_down
from llmspell_core.limits import Limits
from llmspell_core.programs import CacheSize
from llmspell_core.protocol import Fail, Finish
from llmspell_core.spells import Spell
from llmspell_core.wire import decode_inbox, encode_outbox

if TYPE_CHECKING:
    from collections.abc import Container

    from llmspell_core.engine import Engine, Session

__all__ = ["TRUSTED", "run"]

TRUSTED = 2**31
"""Bytes that a frame from the parent may have: the parent has counted them."""
_ROOM = 64 * 2**20
"""Bytes of address space beside what the VM may hold and what messages take."""
_COSTLY = CacheSize().costly
_MESSAGES = 6
"""How often a message is in memory at once, in one form or another."""


def run(engine: Engine, zygote: int, base: int, without: Container[str]) -> None:
    """Serve one run on the socket that is descriptor ``SOCKET``.

    :param zygote: the process that forked this one
    :param base: bytes of address space that were taken before
    """
    held = lock_down(zygote, without)
    try:
        frames.write(SOCKET, json.dumps(held))
        _serve(engine, base, held)
    except (frames.Gone, BrokenPipeError, ConnectionResetError):
        pass  # nobody wants this run any more


def _serve(engine: Engine, base: int, held: dict[str, str]) -> None:
    incoming = frames.Incoming(TRUSTED)
    order = json.loads(frames.read(SOCKET, incoming, patient=False))
    limits = Limits(**order["limits"])
    missing = [name for name in order["required"] if held.get(name) != "held"]
    # Made while there is memory.
    exhausted = _failure("limit", f"limit memory of {limits.memory} was reached", limit="memory", allowed=limits.memory)
    try:
        if missing:
            return  # the parent has been told of the layers, and says it
        bound(_address_space(base, limits), order["seconds"])
        session = opened(_open(engine, order, limits, incoming))
        session.began = order["began"]  # by the machine's clock, which is the parent's too
        _step_to_the_end(session, limits, incoming)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is told, and ends this process
        if _is_exhaustion(error):
            frames.write(SOCKET, exhausted)
        else:
            _say_failure(error, error.kind if isinstance(error, LlmspellError) else "internal")


def _open(engine: Engine, order: dict[str, Any], limits: Limits, incoming: frames.Incoming) -> Session:
    files = json.loads(frames.read(SOCKET, incoming))
    if order["program"]:
        return engine.open(Program(*files), limits)
    name, source, modules = files
    began = time.perf_counter()
    spell = Spell(source, name, modules=modules)
    program = engine.cover(spell) if order["covered"] else engine.compile(spell)
    took = time.perf_counter() - began
    if order["tell_program"] and took >= _COSTLY:
        _tell_program(program, took, limits.message)
    return engine.open(program, limits)


def _tell_program(program: Program, took: float, allowed: int | None) -> None:
    text = json.dumps({"program": [program.entry, dict(program.files)], "seconds": took}, separators=(",", ":"))
    if allowed is None or len(text) <= allowed:
        frames.write(SOCKET, text)


def _step_to_the_end(session: Session, limits: Limits, incoming: frames.Incoming) -> None:
    step = session.step_text if isinstance(session, TextSession) else partial(_step, session)
    while True:
        text, ended = step(frames.read(SOCKET, incoming))
        _say(text, limits.message)
        if ended:
            # What the VM holds goes with the process.
            os._exit(0)


def _step(session: Session, text: str) -> tuple[str, bool]:
    outbox = stepped(session.step(decode_inbox(text)))
    try:
        told = encode_outbox(outbox)
    except TypeError as error:
        raise ProtocolError(f"the session has handed over what is no script value: {error}") from error
    return told, bool(outbox.requests) and type(outbox.requests[-1]) in (Finish, Fail)


def _say(text: str, allowed: int | None) -> None:
    # A character takes one to four bytes; only near the limit are they counted.
    if allowed is not None and 4 * len(text) > allowed and len(text.encode()) > allowed:
        raise LimitExceeded("message", allowed)
    frames.write(SOCKET, text)


def _is_exhaustion(error: Exception) -> bool:
    if isinstance(error, MemoryError):
        return True
    # Where the parser of messages finds no memory, it says that the message is wrong.
    return isinstance(error, ProtocolError) and "not enough memory" in str(error).lower()


def _address_space(base: int, limits: Limits) -> int | None:
    if limits.memory is None:
        return None
    return base + limits.memory + _ROOM + _MESSAGES * min(limits.message or limits.memory, limits.memory)


def _say_failure(error: Exception, kind: str) -> None:
    message = str(error) if isinstance(error, LlmspellError) else _told(error)
    facts: dict[str, Any] = {}
    if isinstance(error, SpellSyntaxError):
        facts = {"file": error.file, "line": error.line}
    elif isinstance(error, LimitExceeded):
        facts = {"limit": error.limit, "allowed": error.allowed}
    frames.write(SOCKET, _failure(kind, message, **facts))


def _told(error: Exception) -> str:
    """Return what went wrong in an engine, and where: nobody sees this process's traceback."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_code.co_filename}:{place.tb_lineno})" if place is not None else ""
    return f"the engine failed: {type(error).__name__}: {error}{where}"


def _failure(kind: str, message: str, **facts: Any) -> str:
    return json.dumps({"kind": kind, "message": message} | facts)
