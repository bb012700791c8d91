"""What is said of events in maps."""

from __future__ import annotations

from typing import Any, NotRequired

# Not typing's: pydantic asks for these before Python 3.12.
from typing_extensions import TypedDict

__all__ = ["BatchBounds", "EventRecord", "Recorded", "RecordingRecord", "StatusRecord"]


class EventRecord(TypedDict):
    """An event.

    :param name: what happened
    :param data: what there is to say of it
    :param id: no other event has it
    :param time: when it was emitted
    :param source: who emitted it: the spell and its run
    :param correlation: what it belongs to: the run, or whatever was given when it was emitted
    :param missed: how many events before it found no room; left out when there were none
    """

    name: str
    data: Any
    id: str
    time: float
    source: str
    correlation: str
    missed: NotRequired[int]


class Recorded(TypedDict):
    """An event to be emitted again.

    :param name: what happened
    :param data: what there is to say of it
    :param id: is not looked at
    :param time: when it was emitted, for the pauses between events
    :param source: is not looked at
    :param correlation: what it belongs to
    :param missed: is not looked at
    """

    name: str
    data: NotRequired[Any]
    id: NotRequired[str]
    time: NotRequired[float]
    source: NotRequired[str]
    correlation: NotRequired[str]
    missed: NotRequired[int]


class RecordingRecord(TypedDict):
    """What was recorded.

    :param pattern: which events
    :param events: the events, in the order they came
    :param missed: how many there was no room for
    """

    pattern: str
    events: list[Recorded]
    missed: int


class BatchBounds(TypedDict):
    """When a batch is whole; at least one is needed.

    :param size: when it has so many events
    :param within: so many seconds after its first event
    """

    size: NotRequired[int]
    within: NotRequired[float]


class StatusRecord(TypedDict):
    """How a subscription fares.

    :param pattern: what it is to
    :param active: it was not ended
    :param waiting: how many events wait for the callback
    :param handled: how often the callback has come back
    :param failed: how often it has raised
    :param missed: how many events there was no room for
    """

    pattern: str
    active: bool
    waiting: int
    handled: int
    failed: int
    missed: int
