"""Whether two values are the same, where they differ, and what becomes of both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeAlias

__all__ = ["Clash", "Difference", "Strategy", "differences", "mark", "merged", "same"]

Strategy: TypeAlias = Literal["theirs", "ours", "shallow", "append", "union", "fail"]
Steps: TypeAlias = tuple[str | int, ...]
Settle: TypeAlias = Callable[[Steps, Any, Any], Awaitable[Any]]
"""Returns what is to be at a place where two values differ."""
Difference: TypeAlias = tuple[Steps, Literal["added", "removed", "changed"], Any, Any]
_NONE = object()


class Clash(Exception):
    """Two values differ where they must not."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        super().__init__("both say something else")


def same(one: Any, other: Any) -> bool:
    """Tell whether two values say the same: 1 and 1.0 do, 1 and true do not, and what is no number is itself."""
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict and type(other) is dict:
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    if type(one) in (int, float) and type(other) in (int, float):
        return bool(one == other) or (one != one and other != other)
    return type(one) is type(other) and bool(one == other)


def differences(one: Any, other: Any, steps: Steps = ()) -> list[Difference]:
    """Return where the second value differs from the first, in order."""
    if type(one) is dict and type(other) is dict:
        keys: list[Any] = sorted({*one, *other})
        pairs = [(key, one.get(key, _NONE), other.get(key, _NONE)) for key in keys]
    elif type(one) is list and type(other) is list:
        longest = range(max(len(one), len(other)))
        pairs = [(i, one[i] if i < len(one) else _NONE, other[i] if i < len(other) else _NONE) for i in longest]
    else:
        return [] if same(one, other) else [(steps, "changed", one, other)]
    found: list[Difference] = []
    for key, before, after in pairs:
        if before is _NONE:
            found.append(((*steps, key), "added", None, after))
        elif after is _NONE:
            found.append(((*steps, key), "removed", before, None))
        else:
            found += differences(before, after, (*steps, key))
    return found


async def merged(ours: Any, theirs: Any, strategy: Strategy | Settle, steps: Steps = ()) -> Any:
    """Return what becomes of two values: maps are merged key by key, what differs is settled by the strategy.

    :raises Clash: when the strategy is ``fail`` and something differs
    """
    if type(ours) is dict and type(theirs) is dict and (strategy != "shallow" or not steps):
        made = dict(ours)
        for key, item in theirs.items():
            made[key] = await merged(ours[key], item, strategy, (*steps, key)) if key in ours else item
        return made
    if same(ours, theirs) and strategy != "append":
        return ours
    if not isinstance(strategy, str):
        return await strategy(steps, ours, theirs)
    if strategy in ("append", "union") and type(ours) is list and type(theirs) is list:
        return [*ours, *theirs] if strategy == "append" else _union(ours, theirs)
    if strategy == "fail":
        raise Clash(steps)
    return ours if strategy == "ours" else theirs


def mark(item: Any) -> Any:
    """Return what tells a value from all that are not the same, whatever parts it has; it can be hashed."""
    if type(item) is list:
        return "list", tuple(map(mark, item))
    if type(item) is dict:
        return "map", frozenset((key, mark(each)) for key, each in item.items())
    if type(item) in (int, float):
        return "number", item if item == item else "nan"
    return (type(item), item) if item is None or type(item) in (str, bytes, bool) else ("object", id(item))


def _union(ours: list[Any], theirs: list[Any]) -> list[Any]:
    return list({mark(item): item for item in (*reversed(theirs), *reversed(ours))}.values())[::-1]
