"""What came of an attempt, as data that a journal can keep: a failed one is not made again either."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.scopes import refuse_objects
from llmspell_core.crossing import delivered_error, error_value
from llmspell_core.errors import BudgetSpent, ConversionError, LimitExceeded, LlmspellError, RateLimited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.workflow.definition import Retry
    from llmspell_core.values import ErrorValue

__all__ = ["FATAL", "came_of", "error_of", "may_retry", "outcome_of"]

FATAL = (LimitExceeded, BudgetSpent)
"""What no step may catch: it ends the workflow."""
_FINAL = ("denied", "argument", "validation", "workflow_not_found", "tool_not_found", "agent_not_found", "refused")
"""Kinds of errors that come again however often a step is tried."""


async def outcome_of(act: Callable[[], Awaitable[Any]], where: str) -> dict[str, Any]:
    """Return ``{ok, value}``, or ``{ok, error}`` when it failed."""
    try:
        return {"ok": True, "value": await act()}
    except FATAL:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a step raises is its outcome
        return {"ok": False, "error": error_of(error, where)}


def came_of(outcome: dict[str, Any]) -> Any:
    """Return the value of an outcome; :raises LlmspellError: its error."""
    if outcome["ok"]:
        return outcome["value"]
    error: ErrorValue = outcome["error"]
    raise delivered_error(error)


def error_of(error: BaseException, where: str) -> ErrorValue:
    """Return an error as a value without objects of the run in it."""
    value = error_value(error, where)
    try:
        refuse_objects(value.data)
    except ConversionError:
        return replace(value, data=None)
    return value


def may_retry(retry: Retry, error: Exception) -> bool:
    """Tell whether a step is worth another attempt."""
    kind = error.kind if isinstance(error, LlmspellError) else "internal"
    if retry.on:
        return kind in retry.on
    return kind not in _FINAL or isinstance(error, RateLimited)
