"""What a model call may take of the run's budget, set aside before each request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_bridges.llm.failures import NoPrice
from llmspell_core.errors import BudgetSpent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.llm.models import Attachment, Message, Model, Settings, Tool
    from llmspell_core.budget import Budget, Purse, Reservation

__all__ = ["ANSWER_TOKENS", "Spending"]

ANSWER_TOKENS = 4096
"""How many tokens an answer may have where tokens or cost are bounded and the call does not say."""
_ENVELOPE = 16
"""Tokens around a message or a tool, at the most: its role, its ends, what a provider puts before the first."""
_IMAGE, _FILE = 8192, 200_000
"""Tokens that an image is read as, and a file that only its provider will see; more than any provider counts."""


class Spending:
    """Asks the purse of a run for each request, and bounds the answer so that it cannot pass the budget.

    :param run: the purse of the run; a share of it pays where there is one
    :param answer_tokens: how many tokens an answer may have where the call does not say
    """

    def __init__(self, run: Purse, answer_tokens: int = ANSWER_TOKENS) -> None:
        self._run, self._answer_tokens = run, answer_tokens

    @property
    def _purse(self) -> Purse:
        return self._run.paying()

    async def reserve(
        self, model: Model, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool], *, brief: bool
    ) -> tuple[Reservation, Settings]:
        """Return what is set aside for one request, and the settings that keep its answer within.

        While calls under way may give back enough, it waits for them.

        :param brief: the request ends by itself, whatever the spell does
        :raises BudgetSpent: when the request could pass the budget
        """
        if not self._purse.is_bounded:
            return self._purse.reserve(brief=brief), settings
        reads, writes = _most_tokens(messages, settings, tools), settings.max_tokens or self._answer_tokens
        try:
            reserved = await self._taken(model, reads, writes, brief)
        except BudgetSpent:
            writes = 0 if settings.max_tokens else _affordable(model, reads, writes, self._purse.left())
            if not writes:
                raise
            reserved = self._take(model, reads, writes, brief)
        return reserved, replace(settings, max_tokens=writes)

    async def reserve_reading(self, model: Model, messages: Sequence[Message]) -> Reservation:
        """Return what is set aside for a request that is read and not answered in words; otherwise as ``reserve``."""
        if not self._purse.is_bounded:
            return self._purse.reserve(brief=True)
        return await self._taken(model, _most_tokens(messages, None, ()), 0, True)

    async def _taken(self, model: Model, reads: int, writes: int, brief: bool) -> Reservation:
        while True:
            try:
                return self._take(model, reads, writes, brief)
            except BudgetSpent as spent:
                if spent.what == "requests" or spent.wanted is None or not await self._purse.freed():
                    raise

    def _take(self, model: Model, reads: int, writes: int, brief: bool) -> Reservation:
        cost, left = model.price(reads, writes), self._purse.left().cost
        if cost is None and left is not None:
            raise NoPrice(model.name, left)
        return self._purse.reserve(1, reads, writes, cost, brief=brief)


def _most_tokens(messages: Sequence[Message], settings: Settings | None, tools: Sequence[Tool]) -> int:
    """Return how many tokens a request can be read as: a token stands for one byte of text, or more."""
    texts = [message.content for message in messages]
    texts += [f"{dict(settings.schema)!r}"] if settings is not None and settings.schema else []
    texts += [f"{call.name}{dict(call.arguments)!r}" for message in messages for call in message.tool_calls]
    texts += [f"{tool.name}{tool.description}{dict(tool.schema)!r}" for tool in tools]
    attached = sum(_most_attached(each) for message in messages for each in message.attachments)
    return attached + sum(len(text.encode()) + _ENVELOPE for text in texts)


def _most_attached(attachment: Attachment) -> int:
    if attachment.kind == "image":
        return _IMAGE
    return _FILE if attachment.data is None else _IMAGE + len(attachment.data)


def _affordable(model: Model, reads: int, writes: int, left: Budget) -> int:
    """Return the most tokens of an answer, up to ``writes``, that what is left pays for."""
    if left.requests == 0:
        return 0
    most = writes if left.tokens is None else min(writes, left.tokens - reads)
    if left.cost is None or most <= 0:
        return max(0, most)
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        cost = model.price(reads, middle)
        if cost is not None and cost <= left.cost:
            least = middle
        else:
            most = middle - 1
    return least
