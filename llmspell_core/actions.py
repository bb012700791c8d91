"""What passes the points of a run, and who is told of it.

spell           a spell is cast; named after the spell
agent           an agent is given something to do; named after the agent
agent_turn      an agent asks its model once more; named after the agent
workflow_step   a step of a workflow runs; named after the step
llm             a model is asked; named ``openai:gpt-4o``
tool            a tool runs; named after the tool
bridge_call     a spell calls a bridge; named ``fs.read``
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeAlias

from llmspell_core.facts import Record, record

__all__ = ["POINTS", "Action", "Hook", "Watcher", "suits"]

POINTS = ("spell", "agent", "agent_turn", "workflow_step", "llm", "tool", "bridge_call")
"""Their names."""


def _as_it_is(value: Any) -> Any:
    return value


@record
class Action(Record):
    """Something that a run is about to do, or has done.

    :param run: the run's id
    :param point: one of :data:`POINTS`, or a name that a spell gave to a point of its own
    :param name: what exactly is done
    :param arguments: by name; what is done is done with them, so a hook may change them
    :param number: counts the actions of the run from 1; 0 is the run itself
    :param parent: the number of the action that this one is a part of; 0 for what the spell itself does
    :param result: what came of it, which a hook may change; None before its end and when it failed
    :param error: why it failed
    :param began: Unix seconds
    :param duration: seconds; 0 before its end
    :param within: the action that this one is a part of, which for a run is one of the run that cast it
    :param facts: what whoever does it says of it beside: what a model used, where a spell runs
    :param clean: takes the secrets out of a value, for whoever shows it
    :param secret: the arguments, and fields of them, that nobody is shown
    :param again: a run goes on, and this is of its past: what was done is not done again, but passes the hooks again
    """

    run: str
    point: str
    name: str
    arguments: dict[str, Any]
    number: int
    parent: int
    began: float
    duration: float = 0.0
    result: Any = None
    error: BaseException | None = None
    answered: bool = False
    within: Action | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    clean: Callable[[Any], Any] = _as_it_is
    secret: tuple[str, ...] = ()
    again: bool = False

    def answer(self, result: Any) -> None:
        """Have this as the result, and the thing itself not done."""
        self.result, self.answered = result, True


Hook: TypeAlias = Callable[[Action], object]
"""Is called with what passes a point."""


class Watcher:
    """Looks at all that a run does, and changes nothing. Each method must come back at once."""

    def began(self, action: Action) -> None:
        """Called before anything else is done with an action."""

    def ended(self, action: Action) -> None:
        """Called when all else has been done with an action."""

    def told(self, fact: object) -> None:
        """Called with what a bridge makes known of a run besides: a measurement, say."""


def suits(where: str, point: str, name: str) -> bool:
    """Tell whether what passes a point is meant by ``point``, or by ``point:names`` with ``*`` for any text."""
    wanted, _, names = where.partition(":")
    if wanted != point or not names:
        return wanted == point
    from fnmatch import fnmatchcase

    return fnmatchcase(name, names)
