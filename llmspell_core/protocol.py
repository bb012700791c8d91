"""The events and requests of the step protocol: all that host and session ever say to each other.

``docs/protocol.md`` gives each message its rules; conformance cases cite them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from llmspell_core.values import ErrorValue, ScriptValue

__all__ = [
    "Abort",
    "Call",
    "Cancel",
    "Event",
    "Fail",
    "Finish",
    "Forget",
    "Inbox",
    "Invoke",
    "Outbox",
    "Ran",
    "Reject",
    "Release",
    "Request",
    "Resolve",
    "Return",
    "Start",
    "Tell",
    "Throw",
]


@fact
class Start(Fact):
    """Begin the spell. ``seed`` (53 bits) feeds all randomness; ``bridges`` are names to bind."""

    params: dict[str, ScriptValue]
    seed: int
    bridges: tuple[str, ...]


@fact
class Resolve(Fact):
    """The call ``id`` came back with a value."""

    id: int
    value: Any


@fact
class Reject(Fact):
    """The call ``id`` failed."""

    id: int
    error: ErrorValue


@fact
class Invoke(Fact):
    """Call a function of the script; answered by :class:`Return` or :class:`Throw`."""

    invocation: int
    function: int
    args: list[Any]


@fact
class Abort(Fact):
    """Nobody waits for an invocation any more: it is stopped where it waits, with its calls, and not answered."""

    invocation: int


@fact
class Forget(Fact):
    """The host no longer holds these functions of the script."""

    functions: tuple[int, ...]


@fact
class Cancel(Fact):
    """End now: no more of the spell's code runs, and the outbox ends in :class:`Fail`."""

    reason: str


Event: TypeAlias = Start | Resolve | Reject | Invoke | Abort | Forget | Cancel
"""What the host feeds a session."""


@fact
class Call(Fact):
    """The script wants an answer from a bridge (by name) or a handle (by number).

    :param within: the invocation whose code asks; 0 for the main code's
    """

    id: int
    target: str | int
    method: str
    args: list[Any]
    within: int = 0


@fact
class Tell(Fact):
    """The script wants something done and no answer."""

    target: str | int
    method: str
    args: list[Any]


@fact
class Return(Fact):
    """An invoked function came back with a value."""

    invocation: int
    value: Any


@fact
class Throw(Fact):
    """An invoked function raised."""

    invocation: int
    error: ErrorValue


@fact
class Finish(Fact):
    """The spell has ended, and all its tasks with it. Nothing follows."""

    value: Any


@fact
class Fail(Fact):
    """The spell has failed. Nothing follows.

    :param from_session: the session itself has ended the spell, by a limit or as it was told to; what a spell has
        thrown is never said to be so
    """

    error: ErrorValue
    from_session: bool = False

    @property
    def out_of_time(self) -> bool:
        """True where the spell was stopped in its midst because its time was over: with more, it would have gone on."""
        data = self.error.data
        return self.from_session and self.error.kind == "limit" and type(data) is dict and data.get("limit") == "wall"


@fact
class Release(Fact):
    """The script no longer holds these handles."""

    handles: tuple[int, ...]


@fact
class Ran(Fact):
    """Lines of a file have run for the first time; only of a program that is covered."""

    file: str
    lines: tuple[int, ...]


Request: TypeAlias = Call | Tell | Return | Throw | Finish | Fail | Release | Ran
"""What a session asks of the host."""


@fact
class Inbox(Fact):
    """What the host feeds a session in one step.

    :param now: the event clock, Unix seconds
    :param plain: every value in it satisfies :func:`llmspell_core.values.is_plain`, so that encoders need not look
    """

    now: float
    events: tuple[Event, ...]
    plain: bool = False


@fact
class Outbox(Fact):
    """What a session asks of the host after one step; ``plain`` as in :class:`Inbox`."""

    requests: tuple[Request, ...]
    plain: bool = False
