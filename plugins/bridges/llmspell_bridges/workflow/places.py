"""Texts with places for values, as ``{{input.city}}``, anywhere in what a step is defined by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.messages import as_text
from llmspell_bridges.llm.templates import MissingVariable, Text
from llmspell_core.errors import CallError, closest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROOTS", "bound", "faults_in", "filled"]

ROOTS = ("input", "start", "steps", "state", "params", "item", "number", "error", "output")
"""What a step sees."""
_WHOLE = re.compile(r"\{\{\s*([^\W\d][\w-]*(?:\.[\w-]+)*)\s*\}\}")
_PLACE = re.compile(rf"\\\{{\{{|{_WHOLE.pattern}")


def filled(value: Any, seen: Mapping[str, Any]) -> Any:
    """Return data with values in the places of its texts; a text that is one place becomes the value itself.

    :raises MissingVariable: when there is no such value
    """
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value)
        return _found(whole[1], seen) if whole else _PLACE.sub(lambda place: _shown(place, seen), value)
    if isinstance(value, list):
        return [filled(item, seen) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, seen) for key, item in value.items()}
    return value


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
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value)
        name = whole[1].partition(".") if whole else ("", "", "")
        if name[0] != "params" or not name[2]:
            return value
        found = _found(name[2], params)
        return _escaped(found)
    if isinstance(value, list):
        return [bound(item, params) for item in value]
    if isinstance(value, dict):
        return {key: bound(item, params) for key, item in value.items()}
    return value


def _shown(place: re.Match[str], seen: Mapping[str, Any]) -> str:
    return as_text(_found(place[1], seen)) if place[1] else "{{"


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
    if isinstance(value, str):
        return value.replace("{{", "\\{{")
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return value
