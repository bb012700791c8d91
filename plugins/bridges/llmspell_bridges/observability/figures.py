"""What is measured of every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.observability import conventions as names
from llmspell_bridges.observability.measures import Instrument, Measurement
from llmspell_bridges.observability.naming import error_type, operation, provider_and_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_core.actions import Action

__all__ = ["BY_POINT", "INSTRUMENTS", "SHORT_CALLS", "SHORT_SECONDS", "at_begin", "at_end"]


def _duration(name: str, description: str, *labels: str) -> Instrument:
    return Instrument("histogram", name, description, "s", (*labels, names.ERROR_TYPE), names.BUCKETS)


_MODEL = (names.OPERATION, names.PROVIDER, names.REQUEST_MODEL)
_ACTIVE = Instrument("gauge", "llmspell.runs.active", "Runs that have begun and not ended.", "", (names.ENGINE,))
_RUN = _duration("llmspell.run.duration", "How long runs took.", names.WORKFLOW_NAME, names.ENGINE)
_AGENT = _duration("llmspell.agent.duration", "How long agents worked.", names.AGENT_NAME)
_TURN = _duration("llmspell.agent_turn.duration", "How long turns of agents took.", names.AGENT_NAME)
_STEP = _duration("llmspell.workflow_step.duration", "How long steps of workflows took.", names.STEP)
_TOOL = _duration("gen_ai.execute_tool.duration", "How long tools ran.", names.TOOL_NAME)
_CALL = _duration("llmspell.bridge_call.duration", "How long calls of bridges took.", names.CALL)
_ASKED = _duration("gen_ai.client.operation.duration", "How long models took to answer.", *_MODEL)
_TOKENS = Instrument(
    "histogram",
    "gen_ai.client.token.usage",
    "Tokens that requests to models took.",
    "{token}",
    (*_MODEL, names.TOKEN_TYPE),
    names.TOKEN_BUCKETS,
)
_COST = Instrument("counter", "llmspell.cost", "What requests to models cost.", "USD", _MODEL)
BY_POINT = {"agent": _AGENT, "agent_turn": _TURN, "workflow_step": _STEP, "tool": _TOOL, "bridge_call": _CALL}
"""What records how long an action took, under its name and the kind of its error, where no more is measured."""

SHORT_CALLS = Instrument("counter", names.SHORT_CALLS, "Calls of bridges too short to be timed.", "", (names.CALL,))
SHORT_SECONDS = Instrument(
    "counter",
    names.SHORT_SECONDS,
    "How long calls of bridges took together that are too short to be timed.",
    "s",
    (names.CALL,),
)
"""What is counted of calls that have no span; Prometheus times those too."""

INSTRUMENTS = (_ACTIVE, _RUN, *BY_POINT.values(), _ASKED, _TOKENS, _COST)


def at_begin(action: Action) -> Iterator[Measurement]:
    """Return what is measured of an action when it begins."""
    if action.point == "spell":
        yield Measurement(_ACTIVE, 1, (str(action.facts.get("engine", "")),))


def at_end(action: Action) -> Iterator[Measurement]:
    """Return what is measured of an action when it has ended, but for what :data:`BY_POINT` tells of."""
    name = action.clean(action.name)
    if action.point == "spell":
        engine = str(action.facts.get("engine", ""))
        yield Measurement(_ACTIVE, -1, (engine,))
        yield Measurement(_RUN, action.duration, (name, engine, error_type(action)))
    elif action.point == "llm":
        yield from _of_model(action, name)


def _of_model(action: Action, name: str) -> Iterator[Measurement]:
    model = (operation(action), *provider_and_model(name))
    yield Measurement(_ASKED, action.duration, (*model, error_type(action)))
    facts: dict[str, Any] = action.facts
    for sort in ("input", "output"):
        # Nothing was used where an answer was there already; and nobody knows where none came.
        if tokens := facts.get(f"{sort}_tokens"):
            yield Measurement(_TOKENS, tokens, (*model, sort))
    if cost := facts.get("cost"):
        yield Measurement(_COST, cost, model)
