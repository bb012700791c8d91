"""Texts with places for values, as ``{{input.city}}``, anywhere in what a step is defined by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.messages import as_text
from llmspell_bridges.llm.templates import MissingVariable, Text
from llmspell_bridges.state.memory import size_of
from llmspell_core.errors import CallError, LimitExceeded, closest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ROOTS", "bound", "faults_in", "filled"]

ROOTS = ("input", "start", "steps", "state", "params", "item", "number", "error", "output")
"""What a step sees."""
_MOST = 64 * 2**20
_WHOLE = re.compile(r"\{\{\s*([^\W\d][\w-]*(?:\.[\w-]+)*)\s*\}\}")
_PLACE = re.compile(rf"\\\{{\{{|{_WHOLE.pattern}")


def filled(value: Any, seen: Mapping[str, Any]) -> Any:
    """Return data with values in the places of its texts; a text that is one place becomes the value itself.

    :raises MissingVariable: when there is no such value
    :raises LimitExceeded: when the values take too much: a place takes a few letters, and what it stands for any number
    """
    return _Filling(seen).filled(value)


def faults_in(value: Any, path: str) -> list[tuple[str, str]]:
    """Return path and problem of each place in data that cannot be filled."""
    if isinstance(value, str) and "{{" in value:
        try:
            roots = [name.partition(".")[0] for name in Text(value).variables]
        except CallError as error:
            return [(path, str(error))]
        hints = {
            root: closest(root, ROOTS) or f"; there are {', '.join(ROOTS)}" for root in roots[:10] if root not in ROOTS
        }
        return [(path, f"{root!r} is nothing that a step sees{hint}") for root, hint in hints.items()]
    if isinstance(value, list):
        return [fault for i, item in enumerate(value) for fault in faults_in(item, f"{path}[{i}]")]
    if isinstance(value, dict):
        return [fault for key, item in value.items() for fault in faults_in(item, f"{path}.{key}")]
    return []


def bound(value: Any, params: Mapping[str, Any]) -> Any:
    """Return data in which each text that is but a place for a parameter is the parameter's value.

    Places within a text are left: they are filled when the step runs, so that no value brings places of its own.
    """
    return _Filling(params).bound(value)


class _Filling:
    """Puts values in their places, and counts what they take."""

    def __init__(self, seen: Mapping[str, Any]) -> None:
        self._seen, self._used = seen, 0

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            whole = _WHOLE.fullmatch(value)
            return self._taken(_found(whole[1], self._seen)) if whole else _PLACE.sub(self._shown, value)
        return _each(value, self.filled)

    def bound(self, value: Any) -> Any:
        if not isinstance(value, str):
            return _each(value, self.bound)
        whole = _WHOLE.fullmatch(value)
        root, _, name = whole[1].partition(".") if whole else ("", "", "")
        return _escaped(self._taken(_found(name, self._seen))) if root == "params" and name else value

    def _shown(self, place: re.Match[str]) -> str:
        text: str = self._taken(as_text(_found(place[1], self._seen))) if place[1] else "{{"
        return text

    def _taken(self, value: Any) -> Any:
        self._used += size_of(value)
        if self._used > _MOST:
            message = (
                f"what stands in the places of a step takes more than {_MOST} bytes; hand on less, or a part of it"
            )
            raise LimitExceeded("workflow_places", _MOST, message)
        return value


def _each(value: Any, made: Callable[[Any], Any]) -> Any:
    """Return a list or a map with what is made of its items; anything else is itself."""
    if isinstance(value, list):
        return [made(item) for item in value]
    return {key: made(item) for key, item in value.items()} if isinstance(value, dict) else value


def _found(name: str, seen: Mapping[str, Any]) -> Any:
    value: Any = seen
    for part in name.split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            raise MissingVariable(name, seen)
    return value


def _escaped(value: Any) -> Any:
    return value.replace("{{", "\\{{") if isinstance(value, str) else _each(value, _escaped)
