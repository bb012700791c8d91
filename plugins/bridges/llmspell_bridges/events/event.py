"""An event: what happened, when, and who said so. Its data are text, so that nobody changes those of another."""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from llmspell_bridges.events.records import EventRecord
from llmspell_bridges.state.scopes import refuse_objects
from llmspell_core.errors import ConversionError, LimitExceeded, ProtocolError
from llmspell_core.subjects import fault
from llmspell_core.wire import decode_value, encode_value

__all__ = ["Event", "correlated", "new_id", "sealed"]

correlated: ContextVar[str] = ContextVar("llmspell_correlated", default="")
"""What the event belongs to that is being handled; empty when none is."""


@dataclass(frozen=True)
class Event:
    """One event.

    :param body: its data, as text
    :param time: Unix seconds
    :param source: who emitted it
    :param correlation: what it belongs to: the same in all events that one thing has led to
    """

    name: str
    body: str
    id: str
    time: float
    source: str
    correlation: str

    @cached_property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.text())

    @property
    def data(self) -> Any:
        """Its data as a script value, a new one each time."""
        return decode_value(self.body)

    def as_map(self) -> EventRecord:
        """Return it as spells see it."""
        return EventRecord(
            name=self.name,
            data=self.data,
            id=self.id,
            time=self.time,
            source=self.source,
            correlation=self.correlation,
        )

    def text(self) -> bytes:
        """Return it as it travels between processes."""
        return orjson.dumps([self.name, self.body, self.id, self.time, self.source, self.correlation])

    @classmethod
    def read(cls, text: bytes | str) -> Event:
        """Return the event that a text stands for; :raises ValueError: when it is none that a spell may be given."""
        fields = orjson.loads(text)
        kinds = [type(field) for field in fields] if isinstance(fields, list) else []
        if kinds != [str, str, str, float, str, str]:
            raise ValueError("not an event")
        event = cls(*fields)
        if problem := fault(event.name, pattern=False):
            raise ValueError(problem)
        _check_plain(event.body)
        try:
            decode_value(event.body)
        except ProtocolError as error:
            raise ValueError(str(error)) from error
        return event


def new_id() -> str:
    """Return an id that no other event has."""
    return secrets.token_hex(12)


def sealed(data: Any, most: int) -> str:
    """Return the data of an event as text.

    :param most: how many bytes it may have
    :raises ConversionError: when there is a function or a handle in it
    :raises LimitExceeded: when it is too large
    """
    refuse_objects(data)
    try:
        text = encode_value(data)
    except TypeError as error:
        raise ConversionError("a handle belongs to its run and is no data of an event", "$") from error
    try:
        _check_plain(text)
    except ValueError as error:
        raise ConversionError(str(error)) from error
    size = len(text) if text.isascii() else len(text.encode())
    if size > most:
        message = f"the data of an event may have {most} bytes, not {size}; keep it elsewhere and emit where it is"
        raise LimitExceeded("event", most, message, used=size)
    return text


def _check_plain(body: str) -> None:
    """Do nothing for a value that any run may be given; :raises ValueError: for one of a run, or that says so."""
    # What a text says itself has its quotes escaped, so these are tags.
    for what in ("function", "handle"):
        if f'"$":["{what}"' in body:
            raise ValueError(f"a {what} belongs to its run and is no data of an event")
