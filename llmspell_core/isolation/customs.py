"""Believes nothing that a worker says: a worker is as untrusted as its spell.

Whatever is not exactly a message of the protocol, at a moment when it may come, is a :class:`ProtocolError` of its run.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from llmspell_core.engine import Program
from llmspell_core.errors import (
    ConversionError,
    IncompleteSource,
    LimitExceeded,
    LlmspellError,
    ProtocolError,
    SpellSyntaxError,
    UsageError,
)
from llmspell_core.protocol import Call, Fail, Finish, Invoke, Outbox, Ran, Release, Return, Tell, Throw
from llmspell_core.values import ErrorValue, Function, HandleRef, is_plain, lower
from llmspell_core.wire import decode_outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_core.protocol import Inbox

__all__ = ["PROGRAM", "Customs", "read_layers", "read_program"]

PROGRAM = '{"program":'
"""How what a worker says of its program begins."""

MAX_NODES = 2_000_000
"""How many values one outbox may have: each takes far more room in memory than in its text."""
MAX_NAME = 200
"""Characters of the name of a bridge or a method."""
MAX_CAUSES = 100
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ID = 2**53


class Customs:
    """Reads the outboxes of one run, and knows what the run may say next.

    :param lengths: how many lines each file of the spell has, where it is to tell which of them run
    """

    def __init__(self, lengths: Mapping[str, int] | None = None) -> None:
        self._lengths = lengths or {}
        self._calls = 0
        self._invocations: set[int] = set()

    def sent(self, inbox: Inbox) -> None:
        """Note what the worker may answer from now on."""
        self._invocations.update(event.invocation for event in inbox.events if type(event) is Invoke)

    def outbox(self, text: str) -> Outbox:
        """Return the outbox that a text holds.

        :raises ProtocolError: when it is none, or says what it may not
        :raises LlmspellError: when the worker tells that the session did not come about
        """
        if text.startswith("{"):
            raise _failure(text)
        _check_nodes(text)
        outbox = decode_outbox(text)
        try:
            for position, request in enumerate(outbox.requests):
                if type(request) in (Finish, Fail) and position + 1 < len(outbox.requests):
                    raise ProtocolError("a request follows the end of the session")
                _CHECKS[type(request)](self, request)
        except (ConversionError, RecursionError) as error:
            raise ProtocolError(f"a worker sent what is no script value: {error}") from error
        return outbox

    def _call(self, call: Call) -> None:
        if not (_is_id(call.id) and call.id > self._calls):
            raise ProtocolError(f"a call has the number {_brief(call.id)}, and {self._calls} was the last")
        self._calls = call.id
        if call.within != 0 and not _is_id(call.within):
            raise ProtocolError(f"a call is made within {_brief(call.within)}, which is no invocation")
        self._tell(call)

    def _tell(self, request: Call | Tell) -> None:
        if not (_is_name(request.target) or _is_id(request.target)):
            raise ProtocolError(f"{_brief(request.target)} is no bridge and no handle")
        if not _is_name(request.method):
            raise ProtocolError(f"{_brief(request.method)} is no method's name")
        if type(request.args) is not list:
            raise ProtocolError("the arguments of a call are no list")
        _check_value(request.args)

    def _return(self, request: Return) -> None:
        self._settle(request.invocation)
        _check_value(request.value)

    def _throw(self, request: Throw) -> None:
        self._settle(request.invocation)
        _check_error(request.error)

    def _finish(self, request: Finish) -> None:
        _check_value(request.value)

    def _fail(self, request: Fail) -> None:
        if type(request.from_session) is not bool:
            raise ProtocolError(f"{_brief(request.from_session)} does not tell who has ended the spell")
        _check_error(request.error)

    def _release(self, request: Release) -> None:
        if not all(map(_is_id, request.handles)):
            raise ProtocolError("a worker releases what is no handle")

    def _ran(self, request: Ran) -> None:
        length = self._lengths.get(request.file) if type(request.file) is str else None
        if length is None:
            raise ProtocolError(f"a worker tells of lines of {_brief(request.file)}, which nobody asked it for")
        if not all(type(line) is int and 0 < line <= length for line in request.lines):
            raise ProtocolError(f"a worker tells of lines that {request.file} does not have")

    def _settle(self, invocation: Any) -> None:
        if not _is_id(invocation) or invocation not in self._invocations:
            raise ProtocolError(f"the invocation {_brief(invocation)} is not open")
        self._invocations.remove(invocation)


_CHECKS: dict[type, Callable[[Customs, Any], None]] = {
    Call: Customs._call,
    Tell: Customs._tell,
    Return: Customs._return,
    Throw: Customs._throw,
    Finish: Customs._finish,
    Fail: Customs._fail,
    Release: Customs._release,
    Ran: Customs._ran,
}


def read_program(text: str) -> tuple[Program, float] | None:
    """Return what a worker says that its engine has made of the spell, and the seconds it took; None when it says else.

    What it says goes to no spell but the one that this worker runs.

    :raises ProtocolError: when it is no program
    """
    if not text.startswith(PROGRAM):
        return None
    _check_nodes(text)
    match _object(text):
        case {"program": [str(entry), dict(files)], "seconds": float(seconds)} if entry in files:
            if all(isinstance(file, str) for file in files.values()):
                return Program(entry, files), seconds
    raise ProtocolError("a worker told of a program that is none")


def read_layers(text: str) -> dict[str, str]:
    """Return what a worker says of its lock."""
    layers = _object(text)
    if not all(type(value) is str for value in layers.values()):
        raise ProtocolError("a worker did not say which layers hold")
    return layers


def _failure(text: str) -> LlmspellError:
    """Return the error that a worker sent in place of an outbox."""
    told = _object(text)
    kind, message = told.get("kind"), told.get("message")
    if type(kind) is not str or type(message) is not str:
        raise ProtocolError("a worker failed without a kind and a message")
    if kind in ("syntax", "incomplete"):
        return _syntax(kind, message, told.get("file"), told.get("line"))
    limit, allowed = told.get("limit"), told.get("allowed")
    if kind == "limit" and type(limit) is str and (allowed is None or type(allowed) in (int, float)):
        return LimitExceeded(limit[:MAX_NAME], allowed or 0, message)
    if kind in ("protocol", "usage"):
        return (ProtocolError if kind == "protocol" else UsageError)(message)
    return LlmspellError(message)


def _syntax(kind: str, message: str, file: Any, line: Any) -> SpellSyntaxError:
    if type(file) is not str or not (line is None or type(line) is int):
        raise ProtocolError("a syntax error has no file or no line")
    return (IncompleteSource if kind == "incomplete" else SpellSyntaxError)(message, file, line)


def _object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not an object: {error}") from error
    if type(told) is not dict or not is_plain(told):
        raise ProtocolError("not an object of plain values")
    return told


def _check_nodes(text: str) -> None:
    if _nodes(text) > MAX_NODES and _nodes(_TEXT.sub("", text)) > MAX_NODES:
        raise ProtocolError(f"an outbox of more than {MAX_NODES} values")


def _nodes(text: str) -> int:
    return text.count(",") + text.count("[") + text.count("{")


def _check_value(value: Any) -> None:
    if is_plain(value):
        return
    _check_references(value)
    lower(value, _refuse)


def _check_references(value: Any, depth: int = 0) -> None:
    """Look into what :func:`lower` takes as it stands."""
    kind = type(value)
    if depth > MAX_CAUSES:
        raise ConversionError("nested too deeply")
    if kind is list:
        for item in value:
            _check_references(item, depth + 1)
    elif kind is dict:
        for item in value.values():
            _check_references(item, depth + 1)
    elif kind is ErrorValue:
        _check_error(value, depth + 1)
    elif (kind is Function or kind is HandleRef) and not _is_id(value.id):
        raise ProtocolError("a reference has no number")


def _check_error(error: ErrorValue, depth: int = 0) -> None:
    if depth > MAX_CAUSES:
        raise ProtocolError("an error has too many causes")
    lower([error.kind, error.message, error.file, error.traceback], _refuse)
    texts = all(type(text) is str for text in (error.kind, error.message))
    places = all(place is None or type(place) is str for place in (error.file, error.traceback))
    if not (texts and places and (error.line is None or _is_id(error.line))):
        raise ProtocolError("an error has fields that are none")
    _check_references(error.data, depth + 1)
    lower(error.data, _refuse)
    if error.cause is not None:
        _check_error(error.cause, depth + 1)


def _refuse(value: object, path: str) -> NoReturn:
    raise ConversionError(f"{type(value).__name__} is no script value", path)


def _brief(value: object) -> str:
    return repr(value)[:40]


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value < _ID


def _is_name(value: Any) -> bool:
    return type(value) is str and len(value) <= MAX_NAME and is_plain(value)
