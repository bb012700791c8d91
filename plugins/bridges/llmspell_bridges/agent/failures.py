"""The errors of agents, as spells see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import CallError, SpellFailed, closest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "AgentTimeout",
    "Busy",
    "HandoffsSpent",
    "NotConnected",
    "ToolCallsSpent",
    "TurnsSpent",
    "UnknownAgent",
    "WrongKind",
    "bound",
]


class _Ended(SpellFailed):
    """An agent was ended before it was done; ``data`` is ``{agent, allowed, text, messages, turns, usage}``.

    :param came: what there was by then
    """

    what = ""

    def __init__(self, agent: str, allowed: float, came: dict[str, Any]) -> None:
        self.agent, self.allowed = agent, allowed
        self.data = {"agent": agent, "allowed": allowed, **came}
        super().__init__(f"the agent {agent!r} {self.what.format(allowed)}")


class TurnsSpent(_Ended):
    """An agent asked its model as often as it may and has no answer."""

    kind = "turns"
    what = "has no answer after {} turns; allow more with max_turns, or give it a smaller task"


class ToolCallsSpent(_Ended):
    """An agent wanted more tool calls than it may make."""

    kind = "tool_calls"
    what = "wants more than {} tool calls; allow more with limits.tool_calls"


class HandoffsSpent(_Ended):
    """Agents handed a conversation around more often than they may."""

    kind = "handoffs"
    what = "wants to hand over once more after {} handoffs; allow more with limits.handoffs"


class AgentTimeout(_Ended):
    """An agent worked for as long as it may."""

    kind = "timeout"
    what = "worked for {:g} seconds and was stopped; allow more with limits.timeout"


class UnknownAgent(CallError):
    """No agent has that name; ``data`` is ``{agent}``."""

    kind = "agent_not_found"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.data = {"agent": name}
        super().__init__(f"no agent is named {name!r}{closest(name, known) or '; agent.list() tells which there are'}")


class NotConnected(CallError):
    """A tool is said to be of a server that the run is not connected to."""

    def __init__(self, server: str, known: Iterable[str]) -> None:
        self.server = server
        cure = closest(server, known) or "; connect to it and keep the connection, or leave 'server' out"
        super().__init__(f"the run is connected to no server {server!r}{cure}")


class Busy(CallError):
    """A conversation is still waiting for an answer."""

    def __init__(self) -> None:
        super().__init__("the conversation is still being answered; wait for that, or begin another")


class WrongKind(CallError):
    """An agent that is written in the spell has no model that could be set up."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the agent {name!r} is a function of the spell, so there is nothing to set up; register another"
        )


def bound(what: str) -> type[_Ended]:
    """Return the error of a bound that was reached."""
    return {"turns": TurnsSpent, "tool_calls": ToolCallsSpent, "handoffs": HandoffsSpent}[what]
