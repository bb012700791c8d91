"""The events and requests of the step protocol: all that host and session ever say to each other.

``docs/protocol.md`` gives each message its rules; conformance cases cite them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from llmspell_core.values import ErrorValue, ScriptValue

__all__ = [
    "Call",
    "Cancel",
    "Event",
    "Fail",
    "Finish",
    "Forget",
    "Inbox",
    "Invoke",
    "Outbox",
    "Reject",
    "Release",
    "Request",
    "Resolve",
    "Return",
    "Start",
    "Tell",
    "Throw",
]


@dataclass(frozen=True)
class Start:
    """Begin the spell. ``seed`` (53 bits) feeds all randomness; ``bridges`` are names to bind."""

    params: dict[str, ScriptValue]
    seed: int
    bridges: tuple[str, ...]


@dataclass(frozen=True)
class Resolve:
    """The call ``id`` came back with a value."""

    id: int
    value: Any


@dataclass(frozen=True)
class Reject:
    """The call ``id`` failed."""

    id: int
    error: ErrorValue


@dataclass(frozen=True)
class Invoke:
    """Call a function of the script; answered by :class:`Return` or :class:`Throw`."""

    invocation: int
    function: int
    args: list[Any]


@dataclass(frozen=True)
class Forget:
    """The host no longer holds these functions of the script."""

    functions: tuple[int, ...]


@dataclass(frozen=True)
class Cancel:
    """End now: no more of the spell's code runs, and the outbox ends in :class:`Fail`."""

    reason: str


Event: TypeAlias = Start | Resolve | Reject | Invoke | Forget | Cancel


@dataclass(frozen=True)
class Call:
    """The script wants an answer from a bridge (by name) or a handle (by number)."""

    id: int
    target: str | int
    method: str
    args: list[Any]


@dataclass(frozen=True)
class Tell:
    """The script wants something done and no answer."""

    target: str | int
    method: str
    args: list[Any]


@dataclass(frozen=True)
class Return:
    """An invoked function came back with a value."""

    invocation: int
    value: Any


@dataclass(frozen=True)
class Throw:
    """An invoked function raised."""

    invocation: int
    error: ErrorValue


@dataclass(frozen=True)
class Finish:
    """The spell has ended, and all its tasks with it. Nothing follows."""

    value: Any


@dataclass(frozen=True)
class Fail:
    """The spell has failed. Nothing follows."""

    error: ErrorValue


@dataclass(frozen=True)
class Release:
    """The script no longer holds these handles."""

    handles: tuple[int, ...]


Request: TypeAlias = Call | Tell | Return | Throw | Finish | Fail | Release


@dataclass(frozen=True)
class Inbox:
    """What the host feeds a session in one step.

    :param now: the event clock, Unix seconds
    :param plain: every value in it satisfies :func:`llmspell_core.values.is_plain`, so that encoders need not look
    """

    now: float
    events: tuple[Event, ...]
    plain: bool = False


@dataclass(frozen=True)
class Outbox:
    """What a session asks of the host after one step; ``plain`` as in :class:`Inbox`."""

    requests: tuple[Request, ...]
    plain: bool = False
