"""What a drawing says of a step: its name and what it does, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.workflow.definition import (
    Agent,
    Approval,
    Each,
    Llm,
    Loop,
    Nested,
    Spells,
    Tool,
    Wait,
)
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_bridges.workflow.definition import Step

__all__ = ["condition", "label"]

_LONGEST = 40


def label(step: Step) -> str:
    """Return the name of a step, what it does, and how it is tried again."""
    if not step.name:
        return "steps"
    does = _does(step)
    marks = f" x{step.retry.attempts}" if step.retry.attempts > 1 else ""
    return f"{step.name}: {does}{marks}" if does else f"{step.name}: {step.kind}{marks}"


def condition(given: Any) -> str:
    """Return a condition in a few words."""
    return _short(str(given).lower() if isinstance(given, bool) else given)


def _does(step: Step) -> str:
    what = step.what
    if isinstance(what, Llm):
        return f"llm {_short(what.prompt)}"
    if isinstance(what, Tool):
        return f"tool {_short(what.name)}"
    if isinstance(what, Agent):
        return f"agent {_short(getattr(what.agent, 'name', what.agent))}"
    if isinstance(what, Spells):
        return f"spell {_short(what.path or what.engine or '')}"
    if isinstance(what, Nested):
        return f"workflow {_short(what.definition.name)}"
    if isinstance(what, Wait):
        return f"wait {what.seconds:g} s" if isinstance(what.seconds, float) else f"wait {_short(what.seconds)}"
    if isinstance(what, Approval):
        return f"approval {_short(what.question)}"
    if isinstance(what, Loop):
        parts = [("while", what.while_), ("until", what.until), ("max", what.most)]
        return "loop " + ", ".join(f"{word} {condition(value)}" for word, value in parts if value is not None)
    if isinstance(what, Each):
        return "map" if what.over is None else f"map {_short(what.over)}"
    return ""


def _short(value: Any) -> str:
    text = "function" if isinstance(value, Function) else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
