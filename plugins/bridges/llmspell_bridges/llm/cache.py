"""Answers that are kept for those who ask the same again."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from llmspell_bridges.llm.models import Message, Model, Reply, Settings, Tool
    from llmspell_core.policy import Policy

__all__ = ["Answers", "key_of"]

Kept: TypeAlias = tuple[float, "Reply"]

_MOST, _MOST_BYTES = 1000, 32 * 2**20


class Answers:
    """Answers by what was asked; when there are too many, those that were not wanted for the longest time go.

    :param most: how many are kept
    :param most_bytes: of text, in all of them
    """

    def __init__(
        self, most: int = _MOST, most_bytes: int = _MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._most_bytes, self._clock = most, most_bytes, clock
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, seconds: float) -> Reply | None:
        """Return the answer that is not older than so many seconds, or None."""
        found = self._kept.get(key)
        if found is None or self._clock() - found[0] > seconds:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, reply: Reply) -> None:
        """Keep an answer, in the place of an older one."""
        self._drop(key)
        self._kept[key] = (self._clock(), reply)
        self._bytes += _size(reply)
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= _size(found[1])


def key_of(
    model: Model, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool], policy: Policy
) -> Hashable:
    """Return what two requests have in common that may share an answer: all that is asked, by whom it may be asked."""
    from hashlib import sha256

    # The text of what is asked can be long, and is kept once, with the answer's key, for as long as the answer.
    asked: tuple[Any, ...] = (model.name, messages, settings, tools, policy)
    attached = [each.data for message in messages for each in message.attachments]
    made = sha256(repr(asked).encode(errors="surrogatepass"))
    for data in attached:
        made.update(sha256(data or b"").digest())
    return made.digest()


def _size(reply: Reply) -> int:
    calls = sum(len(repr(call)) for call in reply.tool_calls)
    return len(reply.text.encode(errors="surrogatepass")) + calls
