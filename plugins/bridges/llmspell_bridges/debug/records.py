"""What the debug bridge tells of a part of a spell."""

from __future__ import annotations

from typing import TypedDict

from llmspell_core.values import ErrorValue, ScriptValue

__all__ = ["CallRecord", "MemoryRecord", "ProfileRecord", "ProfileRow", "TraceRecord"]


class CallRecord(TypedDict):
    """One thing that was done: a bridge was called, a model asked, a tool run.

    :param point: ``bridge_call``, ``llm``, ``tool``, ``agent_turn`` or ``workflow_step``
    :param name: what exactly, as ``fs.read``
    :param arguments: in short, as text
    :param result: in short, as text; nil when it failed
    :param error: why it failed; nil when it did not
    :param began: seconds after the function was called
    :param seconds: how long it took
    """

    point: str
    name: str
    arguments: str
    result: str | None
    error: str | None
    began: float
    seconds: float


class TraceRecord(TypedDict):
    """What a function did.

    :param ok: whether it ended without an error
    :param result: what it returned; nil when it failed
    :param error: its error; nil when there was none
    :param calls: what was done meanwhile, in the order in which it ended; the first 1,000
    :param seconds: how long it took
    """

    ok: bool
    result: ScriptValue
    error: ErrorValue | None
    calls: list[CallRecord]
    seconds: float


class ProfileRow(TypedDict):
    """What was called under one name.

    :param name: what, as ``fs.read``
    :param count: how often
    :param seconds: how long all of it took; calls at the same time are added up
    :param longest: how long the longest took
    """

    name: str
    count: int
    seconds: float
    longest: float


class ProfileRecord(TypedDict):
    """Where the time of a function went.

    :param result: what it returned
    :param seconds: how long it took
    :param waiting: how long of that at least one call was under way
    :param own: the rest: what the spell's own code took
    :param calls: what it waited for, the longest first
    """

    result: ScriptValue
    seconds: float
    waiting: float
    own: float
    calls: list[ProfileRow]


class MemoryRecord(TypedDict):
    """How much memory is held.

    :param bytes: how much; nil when nobody knows
    :param of: ``vm``, or ``process`` where the spell runs in one of its own
    """

    bytes: int | None
    of: str
