"""The events and requests of the step protocol: all that host and session ever say to each other.

``docs/protocol.md`` gives each message its rules; conformance cases cite them.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, dataclass_transform

if TYPE_CHECKING:
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

_T = TypeVar("_T")


class _Message:
    """What all messages have in common: they do not change, and two of one kind that say the same are equal."""

    # Written once here: generated for each message, it would take a tenth of the time that a cast takes to start.
    def __init__(self, *args: Any, **named: Any) -> None:
        names: tuple[str, ...] = type(self).__match_args__  # type: ignore[attr-defined]
        vars(self).update(zip(names, args, strict=False), **named)
        if len(args) + len(named) != len(names) or len(vars(self)) != len(names):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


@dataclass_transform(frozen_default=True)
def _message(cls: type[_T]) -> type[_T]:
    return dataclass(init=False, repr=False, eq=False)(cls)


@_message
class Start(_Message):
    """Begin the spell. ``seed`` (53 bits) feeds all randomness; ``bridges`` are names to bind."""

    params: dict[str, ScriptValue]
    seed: int
    bridges: tuple[str, ...]


@_message
class Resolve(_Message):
    """The call ``id`` came back with a value."""

    id: int
    value: Any


@_message
class Reject(_Message):
    """The call ``id`` failed."""

    id: int
    error: ErrorValue


@_message
class Invoke(_Message):
    """Call a function of the script; answered by :class:`Return` or :class:`Throw`."""

    invocation: int
    function: int
    args: list[Any]


@_message
class Forget(_Message):
    """The host no longer holds these functions of the script."""

    functions: tuple[int, ...]


@_message
class Cancel(_Message):
    """End now: no more of the spell's code runs, and the outbox ends in :class:`Fail`."""

    reason: str


Event: TypeAlias = Start | Resolve | Reject | Invoke | Forget | Cancel


@_message
class Call(_Message):
    """The script wants an answer from a bridge (by name) or a handle (by number)."""

    id: int
    target: str | int
    method: str
    args: list[Any]


@_message
class Tell(_Message):
    """The script wants something done and no answer."""

    target: str | int
    method: str
    args: list[Any]


@_message
class Return(_Message):
    """An invoked function came back with a value."""

    invocation: int
    value: Any


@_message
class Throw(_Message):
    """An invoked function raised."""

    invocation: int
    error: ErrorValue


@_message
class Finish(_Message):
    """The spell has ended, and all its tasks with it. Nothing follows."""

    value: Any


@_message
class Fail(_Message):
    """The spell has failed. Nothing follows."""

    error: ErrorValue


@_message
class Release(_Message):
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
