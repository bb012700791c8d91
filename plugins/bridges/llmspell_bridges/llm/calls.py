"""Model calls of one run: opened, timed, counted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from llmspell_bridges.llm.failures import NoModel, ProviderFailed
from llmspell_bridges.llm.records import Completion, Options, UsageRecord
from llmspell_bridges.llm.text_stream import TextStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from llmspell_bridges.llm.models import Message, Model, Reply
    from llmspell_bridges.llm.registry import Models
    from llmspell_core.budget import Purse, Reservation

__all__ = ["Calls"]


class Calls:
    """Calls the models of a run, and counts what they use.

    A request counts when it is made, even if it fails; its tokens and cost when they are known.
    """

    def __init__(self, models: Models, purse: Purse) -> None:
        self.models = models
        self._purse = purse
        self._streams: set[TextStream] = set()

    async def complete(self, messages: Sequence[Message], options: Options) -> Completion:
        """Return a model's whole answer."""
        model = await self._open(options)
        with self._purse.reserve() as reserved:
            async with deadline(model.name, options.timeout):
                reply = await model.request(messages, options.settings())
            return self._counted(model, reply, reserved)

    async def stream(self, messages: Sequence[Message], options: Options) -> TextStream:
        """Return a model's answer on its way."""
        model = await self._open(options)
        reserved = self._purse.reserve()
        async with deadline(model.name, options.timeout):
            stream = await model.stream(messages, options.settings())

        def settle(reply: Reply) -> Completion:
            self._streams.discard(opened)
            return self._counted(model, reply, reserved)

        opened = TextStream(stream, settle, lambda: deadline(model.name, options.timeout))
        self._streams.add(opened)
        return opened

    async def close(self) -> None:
        """Stop what is still on its way and close every connection."""
        for stream in list(self._streams):
            await stream.close()
        await self.models.close()

    async def _open(self, options: Options) -> Model:
        if options.model is None:
            raise NoModel
        return await self.models.open(options.model)

    def _counted(self, model: Model, reply: Reply, reserved: Reservation) -> Completion:
        reserved.settle(reply.input_tokens, reply.output_tokens, reply.cost)
        if not reply.text and reply.finish_reason == "content_filter":
            raise ProviderFailed(model.name, "refusal", "the provider refused to answer")
        return Completion(
            text=reply.text,
            model=model.name,
            usage=UsageRecord(
                requests=1, input_tokens=reply.input_tokens, output_tokens=reply.output_tokens, cost=reply.cost
            ),
            estimated=reply.estimated,
            finish_reason=reply.finish_reason,
        )


@asynccontextmanager
async def deadline(model: str, seconds: float | None) -> AsyncIterator[None]:
    """Cancel what runs inside after so many seconds, and raise :class:`ProviderFailed`."""
    import asyncio

    timer = asyncio.timeout(seconds)
    try:
        async with timer:
            yield
    except TimeoutError:
        if not timer.expired():
            raise
        problem = f"no answer within {seconds} seconds; pass a longer timeout, or a shorter prompt"
        raise ProviderFailed(model, "timeout", problem) from None
