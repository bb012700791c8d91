"""The model of requests that a hook answers, whatever they are: nothing is needed to call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.models import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.llm.models import Message, Settings, Tool

__all__ = ["Answered"]


class Answered(Model):
    """A model that is not opened, as it is not going to be asked: no key, no library and no grant are missed.

    :param name: what the spell calls it
    """

    def __init__(self, name: str) -> None:
        self.name = name

    async def request(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> NoReturn:
        """Fail: the hook has gone meanwhile."""
        raise ProviderFailed(self.name, "not_found", "what answered in its place was taken away; ask again")

    async def stream(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> NoReturn:
        """Fail: the hook has gone meanwhile."""
        await self.request(messages, settings, tools)
