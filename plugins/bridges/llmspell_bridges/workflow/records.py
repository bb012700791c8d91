"""The records that spells pass to the workflow bridge and get from it."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias

# What spells pass is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

from llmspell_core.values import Function, ScriptValue  # noqa: TC001 - read where calls are checked

__all__ = [
    "Checkpoint",
    "CreateOptions",
    "Event",
    "EventName",
    "Fault",
    "MapOptions",
    "NamedOptions",
    "ParallelOptions",
    "Question",
    "State",
    "StateRecord",
    "StatusRecord",
    "StepOptions",
    "Validation",
    "VersionRecord",
    "WorkflowRecord",
]

State: TypeAlias = Literal["created", "running", "waiting", "paused", "compensating", "done", "failed", "cancelled"]
EventName: TypeAlias = Literal[
    "*",
    "started",
    "step_started",
    "step_done",
    "step_failed",
    "step_skipped",
    "step_retry",
    "approval",
    "paused",
    "resumed",
    "compensated",
    "compensation_failed",
    "rolled_back",
    "done",
    "failed",
    "cancelled",
]


class CreateOptions(TypedDict, total=False):
    """What else may be said of a workflow.

    :param version: a number that is not taken yet when left out; an older version is found by ``get``
    :param description: what it is good for
    :param parameters: a JSON Schema by the name of each parameter that a run takes
    :param timeout: seconds that a run may take
    :param max_concurrent: how many steps run at the same time at the most; 16 when left out
    """

    version: str
    description: str
    parameters: dict[str, ScriptValue]
    timeout: float
    max_concurrent: int


class NamedOptions(TypedDict, total=False):
    """What may be said of a step whose name is told apart.

    :param description: for people
    :param when: it is skipped unless this holds: a function, or a JMESPath query
    :param input: what it gets in the place of what the step before it made: data with places, or a function
    :param retry: attempts, or ``{attempts, delay, strategy, max_delay, on}``
    :param timeout: seconds that an attempt may take
    :param compensate: a function or step that undoes it, given its output
    :param on_error: ``fail``, ``continue``, a function or a step in its place
    :param save: the key of the state under which its output is kept
    :param breaker: true, or ``{name, threshold, reset}``: it is left alone after failures in a row
    """

    description: str
    when: ScriptValue
    input: ScriptValue
    retry: ScriptValue
    timeout: float
    compensate: ScriptValue
    on_error: ScriptValue
    save: str
    breaker: ScriptValue


class StepOptions(NamedOptions, total=False):
    """What may be said of every step.

    :param name: by which other steps find its output; each has one of its own
    """

    name: str


class ParallelOptions(StepOptions, total=False):
    """What may be said of steps at the same time.

    :param merge: ``all`` for a map by name, ``collect`` for a list, ``first``, ``last``, or a function of the list
    :param on_failure: ``fail`` stops the others, ``continue`` has them go on
    :param max_concurrent: how many at the same time; 8 when left out
    """

    merge: Literal["all", "first", "last", "collect"] | Function
    on_failure: Literal["fail", "continue"]
    max_concurrent: int


class MapOptions(StepOptions, total=False):
    """What may be said of a step for each item of a list.

    :param over: the list, when it is not the step's input: data with places, or a function
    :param on_failure: ``fail`` stops the others, ``continue`` has them go on
    :param max_concurrent: how many at the same time; 8 when left out
    """

    over: ScriptValue
    on_failure: Literal["fail", "continue"]
    max_concurrent: int


class Event(TypedDict):
    """What happens in a run.

    :param path: of the step, in the definition
    :param error: ``{kind, message, data}``
    """

    event: str
    workflow: NotRequired[str]
    step: NotRequired[str]
    path: NotRequired[str]
    attempt: NotRequired[int]
    error: NotRequired[dict[str, ScriptValue]]
    time: float


class Question(TypedDict):
    """An approval that a run waits for."""

    step: str
    question: str


class StatusRecord(TypedDict):
    """How far a run has come.

    :param current: the steps that are being taken
    :param approvals: what it waits to be told
    :param steps: how many were taken, each attempt counted
    :param checkpoints: how many there are to roll back to
    :param error: why it failed: ``{kind, message, data}``
    """

    name: str
    version: str
    state: State
    current: list[str]
    approvals: list[Question]
    steps: int
    checkpoints: int
    error: dict[str, ScriptValue] | None


class StateRecord(TypedDict):
    """What a run has made so far.

    :param input: what it was given
    :param values: what was kept with ``save``, or written here
    :param outputs: of its steps, by name
    """

    input: ScriptValue
    params: dict[str, ScriptValue]
    values: dict[str, ScriptValue]
    outputs: dict[str, ScriptValue]


class Checkpoint(TypedDict):
    """A step that has ended, to which a run can be rolled back.

    :param number: from 1, the oldest
    :param key: tells it from other times that the step was taken
    """

    number: int
    step: str
    path: str
    key: str
    output: ScriptValue


class WorkflowRecord(TypedDict):
    """What is known of a workflow.

    :param steps: how many it is defined with, those of nested ones among them
    """

    name: str
    version: str
    description: str
    steps: int
    state: State
    parameters: dict[str, ScriptValue] | None


class VersionRecord(TypedDict):
    """A version of a workflow; the current one is found by the name alone."""

    version: str
    current: bool
    steps: int


class Fault(TypedDict):
    """What is wrong in a definition, and where."""

    path: str
    message: str


class Validation(TypedDict):
    """Whether data is the definition of a workflow."""

    valid: bool
    errors: list[Fault]
