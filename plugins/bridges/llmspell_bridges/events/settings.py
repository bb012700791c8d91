"""The settings of the bridge ``events``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_bridges.events.bus import Bounds
from llmspell_core.errors import UsageError, closest
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings"]


@fact
class Settings(Fact):
    """What a runner may set by ``options={"events": {...}}``.

    :param url: which bus; where it is not set, that of the variable ``LLMSPELL_EVENTS``, else ``memory:``
    :param space: keeps those apart who share a server; letters, digits, ``_`` and ``-``
    :param max_data: bytes that the data of one event may have
    :param max_subscriptions: how many a run may have at once
    :param queue: how many events may wait for one subscription
    :param queue_bytes: how much what waits, or was recorded, may take in one run
    :param history: how many of the last events are kept
    :param history_bytes: how much these may take
    """

    url: str = "memory:"
    space: str = "default"
    max_data: int = 256 * 2**10
    max_subscriptions: int = 1000
    queue: int = 1000
    queue_bytes: int = 16 * 2**20
    history: int = 10_000
    history_bytes: int = 16 * 2**20

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """Return the settings that a runner has; :raises UsageError: naming the one that is wrong."""
        given = {name: value for name, value in options.items() if value is not None}
        if "url" not in given and (url := os.environ.get("LLMSPELL_EVENTS")):
            given["url"] = url
        for name, value in given.items():
            _check(name, value)
        return cls(**given)

    @property
    def bounds(self) -> Bounds:
        """How much of the past is kept."""
        return Bounds(self.history, self.history_bytes)


def _check(name: str, value: Any) -> None:
    where = f"the setting {name!r} of the bridge events"
    if name not in Settings.__match_args__:
        known = closest(name, Settings.__match_args__) or f"; there are {', '.join(Settings.__match_args__)}"
        raise UsageError(f"{where} is unknown{known}")
    if name == "url":
        if not isinstance(value, str) or ":" not in value:
            raise UsageError(f"{where} is a URL, not {value!r}; write memory:, sqlite:///FILE or nats://HOST:PORT")
    elif name == "space":
        if not isinstance(value, str) or not 0 < len(value) <= 64 or not _is_word(value):
            raise UsageError(f"{where} is 1 to 64 letters, digits, '_' and '-', not {value!r}")
    elif type(value) is not int or value < (name not in ("history", "history_bytes")):
        raise UsageError(f"{where} is a whole number of at least 1 (0 keeps no history), not {value!r}")


def _is_word(text: str) -> bool:
    return text.isascii() and text.replace("_", "a").replace("-", "a").isalnum()
