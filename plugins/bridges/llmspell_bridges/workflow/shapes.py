"""Steps as data, as they are written in a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.errors import CallError
from llmspell_core.values import Function, Handle

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["a_choice", "a_loop", "a_map", "a_parallel", "a_sequence", "a_step"]


def a_step(step: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step with more said of it.

    :raises CallError: when it is no step
    """
    if isinstance(step, Function):
        step = {"run": step}
    elif isinstance(step, Handle):
        from llmspell_bridges.agent.agent import Agent

        step = {"agent": step} if isinstance(step, Agent) else {"workflow": step}
    elif isinstance(step, list):
        step = {"sequence": step}
    if not isinstance(step, dict):
        raise CallError(
            "a step is a function, a workflow, an agent, a list of steps, or a map as {tool = 'calculator'}"
        )
    return {**step, **_said(options)}


def a_sequence(steps: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step of steps in order."""
    return {"sequence": steps, **_said(options)}


def a_parallel(steps: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step of steps at the same time."""
    return {"parallel": steps, **_said(options)}


def a_choice(cases: Any, default: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step that is one of several."""
    return {"conditional": cases, **_said({"default": default}), **_said(options)}


def a_loop(
    step: Any, while_: Any, until: Any, most: int | None, collect: bool, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a step that is taken again and again."""
    own = {"while": while_, "until": until, "max": most, "collect": collect or None}
    return {"loop": step, **_said(own), **_said(options)}


def a_map(step: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step that is taken for each item of a list."""
    return {"map": step, **_said(options)}


def _said(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
