"""Places in a value: ``address.city``, ``items[0]["odd name"]``, ``$.a`` as they are told, or a list of steps."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from llmspell_core.values import path_key

__all__ = ["NoPlace", "Path", "at", "dropped", "found", "placed", "steps_of", "written"]

Path: TypeAlias = str | Sequence[str | int]
_STEP = re.compile(r"(?:^|(?!^)\.)([^.\[\]]+)|\[(-?\d{1,9})\]|\[(\"(?:[^\"\\]|\\.)*\")\]")
_WHOLE = re.compile(r"\$(?:\.|(?=\[)|\Z)")
_DEEPEST = 100


class NoPlace(Exception):
    """A path does not lead to anything that can be there."""


def steps_of(path: Path) -> tuple[str | int, ...]:
    """Return the keys and positions of a path; :raises NoPlace: when it is none."""
    if not isinstance(path, str):
        steps = tuple(path)
        if any(type(step) not in (str, int) for step in steps):
            raise NoPlace("a path is a text, or a list of keys and positions")
    else:
        inside = _WHOLE.sub("", path, count=1) if path.startswith("$") else path
        found = list(_STEP.finditer(inside))
        if "".join(match[0] for match in found) != inside:
            raise NoPlace(f"""{path!r} is no path; write a.b[0]["c d"], or a list of keys and positions""")
        try:
            steps = tuple(match[1] if match[1] is not None else json.loads(match[2] or match[3]) for match in found)
        except ValueError as error:
            raise NoPlace(f"{path!r} is no path: {error}") from None
    if len(steps) > _DEEPEST:
        raise NoPlace(f"a path has {_DEEPEST} steps at the most")
    return steps


def found(value: Any, steps: Sequence[str | int]) -> list[Any]:
    """Return what is at a place in a list of one, an empty list where nothing is."""
    for step in steps:
        if not _leads(value, step):
            return []
        value = value[step]
    return [value]


def at(value: Any, steps: Sequence[str | int], default: Any = None) -> Any:
    """Return what is at a place, or the default."""
    there = found(value, steps)
    return there[0] if there else default


def placed(value: Any, steps: Sequence[str | int], new: Any, way: Sequence[str | int] = ()) -> Any:
    """Return a value with something else at a place; maps on the way there are made, the rest is shared.

    :param way: where the value itself is
    :raises NoPlace: when the way leads through what is no map and no list, or beyond the end of a list
    """
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if type(value) is list and type(step) is int:
        return _placed_in_list(value, step, rest, new, way)
    if value is None:
        value = {}
    if type(value) is not dict or type(step) is not str:
        raise NoPlace(f"{written((*way, step))!r} leads into a {_word(value)}, which has no such place")
    return {**value, step: placed(value.get(step), rest, new, (*way, step))}


def dropped(value: Any, steps: Sequence[str | int]) -> Any:
    """Return a value without what is at a place; the same where nothing is."""
    if not steps or not found(value, steps):
        return value
    parent, step = at(value, steps[:-1]), steps[-1]
    if type(parent) is list and type(step) is int:
        step = step % len(parent)
        left: Any = parent[:step] + parent[step + 1 :]
    else:
        left = {key: item for key, item in parent.items() if key != step}
    return placed(value, steps[:-1], left)


def written(steps: Sequence[str | int]) -> str:
    """Return a path as text: ``$.a["b c"][0]``."""
    path = "$"
    for step in steps:
        path = f"{path}[{step}]" if isinstance(step, int) else path_key(path, step, len(step))
    return path


def _placed_in_list(
    value: list[Any], step: int, rest: Sequence[str | int], new: Any, way: Sequence[str | int]
) -> list[Any]:
    if step == len(value):
        return [*value, placed(None, rest, new, (*way, step))]
    if not -len(value) <= step < len(value):
        raise NoPlace(f"{written(way)!r} has {len(value)} items and no place [{step}]; one more than the last is added")
    step = step % len(value)
    return [*value[:step], placed(value[step], rest, new, (*way, step)), *value[step + 1 :]]


def _leads(value: Any, step: str | int) -> bool:
    if type(value) is list and type(step) is int:
        return -len(value) <= step < len(value)
    return type(value) is dict and step in value


def _word(value: Any) -> str:
    return {dict: "map", list: "list", str: "text", bytes: "bytes", bool: "boolean"}.get(type(value), "number")
