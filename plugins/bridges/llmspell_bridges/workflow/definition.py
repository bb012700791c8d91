"""What a workflow is: a tree of steps, checked, that an interpreter runs."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_bridges.structured.schema import Schema
    from llmspell_core.values import Function, Handle

__all__ = [
    "Agent",
    "Approval",
    "Breaker",
    "Cases",
    "Condition",
    "Definition",
    "Each",
    "Handling",
    "Llm",
    "Loop",
    "Merge",
    "Nested",
    "Parallel",
    "Retry",
    "Run",
    "Sequence",
    "Spells",
    "Step",
    "Tool",
    "Wait",
    "What",
    "every",
]

Condition: TypeAlias = "Function | str | bool"
"""A function of the spell, a JMESPath query of what a step sees, or the answer itself."""
Merge: TypeAlias = "Literal['all', 'first', 'last', 'collect'] | Function"
OnFailure: TypeAlias = Literal["fail", "continue"]


@fact
class Retry(Fact):
    """How often a step is tried, and how long is waited before it is tried again.

    :param on: the kinds of errors after which it is; empty for all that may pass
    """

    attempts: int = 1
    delay: float = 0.0
    strategy: Literal["constant", "linear", "exponential"] = "constant"
    max_delay: float = 60.0
    on: tuple[str, ...] = ()

    def pause(self, attempt: int) -> float:
        """Return the seconds to wait after an attempt, the first being 1."""
        factor = {"constant": 1.0, "linear": float(attempt), "exponential": 2.0 ** min(attempt - 1, 60)}[self.strategy]
        return min(self.delay * factor, self.max_delay)


@fact
class Breaker(Fact):
    """After how many failures in a row a step is left alone, and for how long; steps may share one by its name."""

    name: str
    threshold: int = 5
    reset: float = 30.0


@fact
class Handling(Fact):
    """What stands in the place of a step that has failed: nothing, what a function says, or another step."""

    function: Function | None = None
    step: Step | None = None


@fact
class Run(Fact):
    """A function of the spell, called with the step's input and what the step sees."""

    function: Function


@fact
class Llm(Fact):
    """A prompt, and the options of the call; with a schema the answer is data."""

    prompt: Any
    options: Mapping[str, Any]
    schema: Any = None


@fact
class Tool(Fact):
    """A tool of the run by name, and its arguments; None for the step's input."""

    name: str
    args: Any = None


@fact
class Agent(Fact):
    """An agent of the run, by name or itself, and its task; None for the step's input."""

    agent: str | Handle
    task: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)


@fact
class Spells(Fact):
    """A spell of any language: the path of its file, or its source and the name of an engine."""

    path: str | None = None
    source: str | None = None
    engine: str | None = None
    params: Any = None


@fact
class Nested(Fact):
    """Another workflow, with its own outputs and state, undone by itself when it fails."""

    definition: Definition
    params: Any = None


@fact
class Wait(Fact):
    """Seconds, or a text with a place for them."""

    seconds: float | str


@fact
class Approval(Fact):
    """A question that somebody says yes or no to.

    :param by: who: a person, the spell, or whoever is there
    """

    question: str
    by: Literal["anyone", "person", "script"] = "anyone"


@fact
class Sequence(Fact):
    """Steps, each given what the one before it made."""

    steps: tuple[Step, ...]


@fact
class Parallel(Fact):
    """Steps at the same time, all given the same."""

    steps: tuple[Step, ...]
    merge: Merge = "all"
    on_failure: OnFailure = "fail"
    most: int = 8


@fact
class Cases(Fact):
    """The first of several steps whose condition holds."""

    cases: tuple[tuple[Condition, Step], ...]
    default: Step | None = None


@fact
class Loop(Fact):
    """A step again and again, each time given what it made the last time.

    :param most: how often; None for as often as a loop may that does not say
    """

    step: Step
    while_: Condition | None = None
    until: Condition | None = None
    most: int | None = None
    collect: bool = False


@fact
class Each(Fact):
    """A step for each item of a list; None for the step's input."""

    step: Step
    over: Any = None
    on_failure: OnFailure = "fail"
    most: int = 8


What: TypeAlias = (
    Run | Llm | Tool | Agent | Spells | Nested | Wait | Approval | Sequence | Parallel | Cases | Loop | Each
)


@fact
class Step(Fact):
    """One step.

    :param kind: the word it is defined by, ``tool``
    :param path: where it stands in the definition, ``steps[2].parallel[0]``
    :param given: what it is given in the place of what the step before it made
    :param compensate: undoes it
    :param save: under which key of the state its output is kept
    """

    name: str
    kind: str
    path: str
    what: What
    description: str = ""
    when: Condition | None = None
    given: Any = None
    retry: Retry = Retry()
    timeout: float | None = None
    compensate: Step | None = None
    on_error: Handling | None = None
    save: str | None = None
    breaker: Breaker | None = None


def every(step: Step) -> Iterator[Step]:
    """Yield a step and all in it: those of nested workflows, what undoes them, what stands in their places."""
    yield step
    what = step.what
    found = [step.compensate, step.on_error.step if step.on_error is not None else None]
    if isinstance(what, Sequence | Parallel):
        found += what.steps
    elif isinstance(what, Cases):
        found += [*(each for _, each in what.cases), what.default]
    elif isinstance(what, Loop | Each):
        found.append(what.step)
    elif isinstance(what, Nested):
        found.append(what.definition.root)
    for each in found:
        if each is not None:
            yield from every(each)


@fact
class Definition(Fact):
    """A whole workflow.

    :param parameters: what it takes when it is run; None for nothing that is checked
    :param source: as it was given, in plain words
    :param size: steps in it, those of nested workflows among them
    :param depth: how deep they nest
    """

    name: str
    root: Step
    version: str = ""
    description: str = ""
    parameters: Schema | None = None
    timeout: float | None = None
    most: int = 16
    source: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0
    depth: int = 0
