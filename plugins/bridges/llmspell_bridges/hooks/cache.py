"""Keep what came of actions, and answer with it when the same is wanted again."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from copy import deepcopy
from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.hooks.ready_made import ReadyMade, check
from llmspell_bridges.hooks.shown import Sealed, shown
from llmspell_bridges.state.memory import size_of
from llmspell_core.facts import Fact, fact
from llmspell_core.values import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_core.actions import Action
    from llmspell_core.standing import Rest

__all__ = ["Cache"]


class Cache(ReadyMade):
    """Answers with what came of the same action before, with the same arguments.

    Answers of models are shared by all runs, since each has its model granted first. All else is kept for its run
    alone: another may not be allowed it. What holds functions or objects is never kept, nor is a failure.

    :param seconds: how old an answer may be
    :param most: how many are kept, those that were used last
    :param bytes: how much they may take together, about
    """

    def __init__(
        self,
        at: str | Sequence[str] = "llm",
        *,
        seconds: float = 3600,
        most: int = 1000,
        bytes: int = 64 * 2**20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(at)
        check("cache", "seconds", seconds, more_than=0)
        check("cache", "most", most, least=1)
        self._seconds, self._most, self._bytes, self._clock = seconds, most, bytes, clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._used = 0
        self.hits = self.misses = 0

    async def around(self, action: Action, rest: Rest) -> Any:
        """Return what is kept of the same action, or what comes of it."""
        key = _key(action)
        if key is None:
            return await rest()
        kept = self._kept.get(key)
        if kept is not None and self._clock() - kept.time <= self._seconds:
            self._kept.move_to_end(key)
            self.hits += 1
            action.facts["cached"] = True
            return _again(kept.result)
        self.misses += 1
        result = await rest()
        if _is_plain(sight := shown(result)):
            self._keep(key, result, size_of(key) + size_of(sight))
        return result

    def _keep(self, key: str, result: Any, size: int) -> None:
        if (before := self._kept.pop(key, None)) is not None:
            self._used -= before.size
        if size > self._bytes:
            return
        self._kept[key] = _Kept(self._clock(), deepcopy(result), size)
        self._used += size
        while len(self._kept) > self._most or self._used > self._bytes:
            self._used -= self._kept.popitem(last=False)[1].size


@fact
class _Kept(Fact):
    time: float
    result: Any
    size: int


def _key(action: Action) -> str | None:
    """Return what an action and those that are the same have in common, or None when no other can be."""
    arguments = shown(action.arguments)
    if not _is_plain(arguments):
        return None
    run = "" if action.point == "llm" else action.run
    return json.dumps([run, action.point, action.name, arguments], sort_keys=True, default=repr)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return not isinstance(value, Sealed | Function)


def _again(result: Any) -> Any:
    """Return a kept result: an answer of a model took nothing this time."""
    if is_dataclass(result) and not isinstance(result, type) and hasattr(result, "cached"):
        return replace(deepcopy(result), cached=True, input_tokens=0, output_tokens=0, cost=0.0)
    return deepcopy(result)
