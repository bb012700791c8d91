"""Protocol messages and script values as JSON text, for sessions that are not Python.

An inbox is ``[now, [event, ...]]``, an outbox ``[request, ...]``; each message is an array that begins with its
name. What JSON has no form for is an object with the single key ``$``: ``{"$": ["bytes", "base64"]}``. The
whole notation is in ``docs/protocol.md``.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any

import orjson

from llmspell_core.errors import ProtocolError
from llmspell_core.protocol import (
    Abort,
    Call,
    Cancel,
    Event,
    Fail,
    Finish,
    Forget,
    Inbox,
    Invoke,
    Outbox,
    Ran,
    Reject,
    Release,
    Request,
    Resolve,
    Return,
    Start,
    Tell,
    Throw,
)
from llmspell_core.values import SAFE_INT, ErrorValue, Function, HandleRef

__all__ = ["decode_inbox", "decode_outbox", "decode_value", "encode_inbox", "encode_outbox", "encode_value"]

_TAG = '"$":'
_read = orjson.loads


def encode_inbox(inbox: Inbox) -> str:
    """Return the inbox as text."""
    value = _as_is if inbox.plain else _tagged
    return _write([inbox.now, [_EVENTS[type(event)](event, value) for event in inbox.events]])


def decode_inbox(text: str) -> Inbox:
    """Read an inbox; :raises ProtocolError: when the text is none."""
    try:
        now, events = _parse(text)
        return Inbox(now, tuple(_EVENT_READERS[event[0]](*event[1:]) for event in events), _TAG not in text)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ProtocolError(f"not an inbox: {error}") from error


def encode_outbox(outbox: Outbox) -> str:
    """Return the outbox as text."""
    value = _as_is if outbox.plain else _tagged
    return _write([_REQUESTS[type(request)](request, value) for request in outbox.requests])


def decode_outbox(text: str) -> Outbox:
    """Read an outbox; :raises ProtocolError: when the text is none."""
    try:
        return Outbox(tuple([_REQUEST_READERS[row[0]](*row[1:]) for row in _parse(text)]), _TAG not in text)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ProtocolError(f"not an outbox: {error}") from error


def encode_value(value: Any) -> str:
    """Return a script value as text."""
    return _write(_tagged(value))


def decode_value(text: str) -> Any:
    """Read a script value; :raises ProtocolError: when the text is none."""
    try:
        return _parse(text)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ProtocolError(f"not a script value: {error}") from error


_Encode = Callable[[Any], Any]

_EVENTS: dict[type[Event], Callable[[Any, _Encode], list[Any]]] = {
    Start: lambda m, v: ["start", v(m.params), m.seed, list(m.bridges)],
    Resolve: lambda m, v: ["resolve", m.id, v(m.value)],
    Reject: lambda m, v: ["reject", m.id, _error_fields(m.error)],
    Invoke: lambda m, v: ["invoke", m.invocation, m.function, v(m.args)],
    Abort: lambda m, v: ["abort", m.invocation],
    Forget: lambda m, v: ["forget", list(m.functions)],
    Cancel: lambda m, v: ["cancel", m.reason],
}
_REQUESTS: dict[type[Request], Callable[[Any, _Encode], list[Any]]] = {
    Call: lambda m, v: ["call", m.id, m.target, m.method, v(m.args), *([m.within] if m.within else ())],
    Tell: lambda m, v: ["tell", m.target, m.method, v(m.args)],
    Return: lambda m, v: ["return", m.invocation, v(m.value)],
    Throw: lambda m, v: ["throw", m.invocation, _error_fields(m.error)],
    Finish: lambda m, v: ["finish", v(m.value)],
    Fail: lambda m, v: ["fail", _error_fields(m.error), *([True] if m.from_session else [])],
    Release: lambda m, v: ["release", list(m.handles)],
    Ran: lambda m, v: ["ran", m.file, list(m.lines)],
}


def _error(fields: dict[str, Any]) -> ErrorValue:
    kind, message, cause = str(fields["kind"]), str(fields["message"]), fields.get("cause")
    return ErrorValue(
        kind,
        message,
        fields.get("data"),
        _error(cause) if isinstance(cause, dict) else cause if isinstance(cause, ErrorValue) else None,
        fields.get("file"),
        fields.get("line"),
        fields.get("traceback"),
    )


_EVENT_READERS: dict[str, Callable[..., Event]] = {
    "start": lambda params, seed, bridges: Start(params, seed, tuple(bridges)),
    "resolve": Resolve,
    "reject": lambda call, error: Reject(call, _error(error)),
    "invoke": Invoke,
    "abort": Abort,
    "forget": lambda functions: Forget(tuple(functions)),
    "cancel": Cancel,
}
_REQUEST_READERS: dict[str, Callable[..., Request]] = {
    "call": lambda call, target, method, args, within=0: Call(call, target, method, args, within),
    "tell": Tell,
    "return": Return,
    "throw": lambda invocation, error: Throw(invocation, _error(error)),
    "finish": Finish,
    "fail": lambda error, from_session=False: Fail(_error(error), from_session),
    "release": lambda handles: Release(tuple(handles)),
    "ran": lambda file, lines: Ran(file, tuple(lines)),
}


def _write(value: Any) -> str:
    return orjson.dumps(value).decode()


def _as_is(value: Any) -> Any:
    return value


def _tagged(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        if "$" in value:
            return {"$": ["map", [[key, _tagged(item)] for key, item in value.items()]]}
        return {key: _tagged(item) for key, item in value.items()}
    if kind is list:
        return [_tagged(item) for item in value]
    if kind is int:
        return value if -SAFE_INT <= value <= SAFE_INT else {"$": ["int", str(value)]}
    if kind is float:
        return value if value - value == 0.0 else {"$": ["float", repr(value)]}
    if kind is bytes:
        return {"$": ["bytes", binascii.b2a_base64(value, newline=False).decode()]}
    if kind is Function:
        return {"$": ["function", value.id]}
    if kind is HandleRef:
        return {"$": ["handle", value.id, value.type, value.iterable]}
    if kind is ErrorValue:
        return {"$": ["error", _error_fields(value)]}
    return value


def _error_fields(error: ErrorValue) -> dict[str, Any]:
    fields: dict[str, Any] = {"kind": error.kind, "message": error.message}
    if error.data is not None:
        fields["data"] = _tagged(error.data)
    if error.cause is not None:
        fields["cause"] = _error_fields(error.cause)
    for name in ("file", "line", "traceback"):
        if (value := getattr(error, name)) is not None:
            fields[name] = value
    return fields


def _parse(text: str) -> Any:
    value = _read(text)
    return _untagged(value) if _TAG in text else value


def _untagged(value: Any) -> Any:
    if type(value) is list:
        return [_untagged(item) for item in value]
    if type(value) is dict:
        if "$" in value:
            name, *rest = value["$"]
            return _TAG_READERS[name](*rest)
        return {key: _untagged(item) for key, item in value.items()}
    return value


_TAG_READERS: dict[str, Callable[..., Any]] = {
    "map": lambda pairs: {key: _untagged(item) for key, item in pairs},
    "int": int,
    "float": float,
    "bytes": lambda text: binascii.a2b_base64(text, strict_mode=True),
    "function": Function,
    "handle": HandleRef,
    "error": lambda fields: _error(_untagged(fields)),
}
