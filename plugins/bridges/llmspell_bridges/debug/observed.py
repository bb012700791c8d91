"""What is done while a function runs, noted within bounds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmspell_bridges.debug.records import CallRecord, ProfileRow
from llmspell_core.veils import veiled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_core.actions import Action
    from llmspell_core.secrets import Secrets

__all__ = ["MOST", "rows", "told", "waited"]

MOST = 1000
_LONGEST = 200
_FEW = 8


def told(action: Action, since: float, secrets: Secrets) -> CallRecord:
    """Return what a spell is told of an action."""
    given = veiled(action.arguments, action.secret)
    arguments = ", ".join(f"{name}={_short(value, secrets)}" for name, value in given.items())
    return CallRecord(
        point=action.point,
        name=action.name,
        arguments=secrets.redact(arguments[:_LONGEST]),
        result=None if action.error is not None else _short(action.result, secrets),
        error=None if action.error is None else secrets.redact(str(action.error))[:_LONGEST],
        began=round(action.began - since, 6),
        seconds=round(action.duration, 6),
    )


def rows(calls: Iterable[CallRecord]) -> list[ProfileRow]:
    """Return the calls summed up by name, the longest first."""
    by_name: dict[str, list[float]] = {}
    for call in calls:
        by_name.setdefault(call["name"], []).append(call["seconds"])
    made = [
        ProfileRow(name=name, count=len(times), seconds=round(sum(times), 6), longest=max(times))
        for name, times in by_name.items()
    ]
    return sorted(made, key=lambda row: (-row["seconds"], row["name"]))


def waited(calls: Iterable[CallRecord]) -> float:
    """Return the seconds in which at least one call was under way."""
    total, until = 0.0, 0.0
    for began, ended in sorted((call["began"], call["began"] + call["seconds"]) for call in calls):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return round(total, 6)


def _short(value: Any, secrets: Secrets) -> str:
    text = secrets.redact(_text(value, 2))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _text(value: Any, depth: int) -> str:
    """Return the beginning of a value as text; what is large is not made into text first."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_parts([_text(item, depth - 1) for item in value[:_FEW]], value))}]" if depth else "[...]"
    if isinstance(value, dict):
        first = [f"{name}: {_text(value[name], depth - 1)}" for name in list(value)[:_FEW]] if depth else ["..."]
        return "{" + ", ".join(_parts(first, value)) + "}"
    if value is None or isinstance(value, (bool, int, float, str)):
        return json.dumps(value[: 2 * _LONGEST] if isinstance(value, str) else value, ensure_ascii=False)
    return f"<{type(value).__name__}>"


def _parts(first: list[str], whole: Any) -> list[str]:
    return [*first, "..."] if len(whole) > _FEW else first
