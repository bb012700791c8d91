"""The bridge ``llm``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.llm.batch import complete_all
from llmspell_bridges.llm.calls import Calls
from llmspell_bridges.llm.records import (
    BatchFailure,
    BatchSuccess,
    Completion,
    Options,
    Prompt,
    SessionRecord,
    as_messages,
)
from llmspell_bridges.llm.registry import Models
from llmspell_bridges.llm.selection import Selection
from llmspell_bridges.llm.session import ChatSession
from llmspell_bridges.llm.text_stream import TextStream
from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["LlmBridge"]


class LlmBridge(Selection):
    """Call language models."""

    name = "llm"

    def __init__(self, context: Context) -> None:
        super().__init__(context, Models(context.options, context.model))
        self._calls = Calls(self.models, context.usage)

    async def close(self) -> None:
        """Stop what is still on its way and close every connection."""
        await self._calls.close()

    @expose(aliases=("generate", "generate_message"))
    async def complete(
        self,
        prompt: Prompt,
        *,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system: str | None = None,
        stop: str | list[str] | None = None,
        seed: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - an option of the call
    ) -> Completion:
        """Return a model's answer, with what it used.

        :param prompt: what to ask, or a whole conversation
        :param model: which model, ``provider:model``
        :param temperature: from 0, the same answer each time, upwards
        :param max_tokens: the most tokens to answer with
        :param system: what the model is told before the conversation
        :param stop: texts that end the answer where they would appear
        :param seed: for the same answer each time, where the provider can
        :param timeout: seconds the answer may take
        """
        options = self._options(Options(model, temperature, max_tokens, system, stop, seed, timeout))
        return await self._calls.complete(as_messages(prompt, options.system), options)

    @expose(aliases=("quick_prompt",))
    async def chat(
        self,
        prompt: str,
        *,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system: str | None = None,
        stop: str | list[str] | None = None,
        seed: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - an option of the call
    ) -> str:
        """Return the text of a model's answer.

        :param prompt: what to ask
        :param model: which model, ``provider:model``
        :param temperature: from 0, the same answer each time, upwards
        :param max_tokens: the most tokens to answer with
        :param system: what the model is told before the prompt
        :param stop: texts that end the answer where they would appear
        :param seed: for the same answer each time, where the provider can
        :param timeout: seconds the answer may take
        """
        options = self._options(Options(model, temperature, max_tokens, system, stop, seed, timeout))
        return (await self._calls.complete(as_messages(prompt, options.system), options))["text"]

    @expose(aliases=("streaming_response", "stream_chat"))
    async def stream(
        self,
        prompt: Prompt,
        callback: Function | None = None,
        *,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system: str | None = None,
        stop: str | list[str] | None = None,
        seed: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - an option of the call
    ) -> TextStream | Completion:
        """Return a model's answer piece by piece, to iterate over; with a callback, the whole answer at its end.

        :param prompt: what to ask, or a whole conversation
        :param callback: called with each piece of text; when it returns false, the answer stops there
        :param model: which model, ``provider:model``
        :param temperature: from 0, the same answer each time, upwards
        :param max_tokens: the most tokens to answer with
        :param system: what the model is told before the conversation
        :param stop: texts that end the answer where they would appear
        :param seed: for the same answer each time, where the provider can
        :param timeout: seconds to wait for each piece
        """
        options = self._options(Options(model, temperature, max_tokens, system, stop, seed, timeout))
        opened = await self._calls.stream(as_messages(prompt, options.system), options)
        return opened if callback is None else await opened.drive(callback)

    @expose
    def chat_session(
        self,
        system: str | None = None,
        *,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: str | list[str] | None = None,
        seed: int | None = None,
        timeout: float | None = None,
    ) -> ChatSession:
        """Return a conversation that remembers what was said.

        :param system: what the model is told before the conversation
        :param model: which model, ``provider:model``
        :param temperature: from 0, the same answer each time, upwards
        :param max_tokens: the most tokens of each answer
        :param stop: texts that end an answer where they would appear
        :param seed: for the same answers each time, where the provider can
        :param timeout: seconds that each answer may take
        """
        options = Options(model, temperature, max_tokens, system, stop, seed, timeout)
        return ChatSession(self._calls, options, self._options)

    @expose
    def import_session(self, data: SessionRecord) -> ChatSession:
        """Return a conversation that goes on where an exported one was.

        :param data: what ``export`` returned
        """
        return ChatSession(self._calls, data.options, self._options, data.messages)

    @expose(aliases=("batch_process",))
    async def batch(
        self,
        prompts: list[Prompt],
        *,
        max_concurrent: int = 4,
        on_progress: Function | None = None,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        system: str | None = None,
        stop: str | list[str] | None = None,
        seed: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - an option of the call
    ) -> list[BatchSuccess | BatchFailure]:
        """Return the answers to many prompts in their order; one that failed is ``{ok = false, error}`` in its place.

        :param prompts: what to ask; each a text or a whole conversation
        :param max_concurrent: the most requests at once
        :param on_progress: called with the number of prompts done, and of all, after each
        :param model: which model, ``provider:model``
        :param temperature: from 0, the same answer each time, upwards
        :param max_tokens: the most tokens of each answer
        :param system: what the model is told before each prompt
        :param stop: texts that end an answer where they would appear
        :param seed: for the same answers each time, where the provider can
        :param timeout: seconds that each answer may take
        """
        if max_concurrent < 1:
            raise BadArgument("llm.batch", None, "max_concurrent", f"must be at least 1, not {max_concurrent}")
        options = self._options(Options(model, temperature, max_tokens, system, stop, seed, timeout))

        async def complete(prompt: Prompt) -> Completion:
            return await self._calls.complete(as_messages(prompt, options.system), options)

        return await complete_all(prompts, complete, max_concurrent, on_progress)
