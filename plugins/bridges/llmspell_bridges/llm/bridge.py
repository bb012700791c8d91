"""The bridge ``llm``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, overload

from llmspell_bridges.llm.batch import complete_all
from llmspell_bridges.llm.calls import calls_of
from llmspell_bridges.llm.forms import Forms
from llmspell_bridges.llm.records import (
    BatchFailure,
    BatchSuccess,
    CallOptions,
    Completion,
    Options,
    Prompt,
    SessionRecord,
    as_messages,
)
from llmspell_bridges.llm.session import ChatSession
from llmspell_bridges.llm.settings import LlmSettings
from llmspell_bridges.llm.text_stream import TextStream
from llmspell_core.bridge import expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["LlmBridge"]


class LlmBridge(Forms):
    """Call language models."""

    name = "llm"
    settings = LlmSettings
    asks = ("llm",)

    def __init__(self, context: Context) -> None:
        self._calls = calls_of(context)
        super().__init__(context, self._calls.models)

    @expose(aliases=("generate", "generate_message"))
    async def complete(
        self,
        prompt: Prompt,
        **options: Unpack[CallOptions],
    ) -> Completion:
        """Return a model's answer, with what it used.

        :param prompt: what to ask, or a whole conversation
        """
        wanted = self._options(Options(**options))
        return await self._calls.complete(as_messages(prompt, wanted.system), wanted)

    @expose(aliases=("quick_prompt",))
    async def chat(
        self,
        prompt: Prompt,
        **options: Unpack[CallOptions],
    ) -> str:
        """Return the text of a model's answer.

        :param prompt: what to ask, or a whole conversation
        """
        wanted = self._options(Options(**options))
        return (await self._calls.complete(as_messages(prompt, wanted.system), wanted))["text"]

    @overload
    async def stream(self, prompt: Prompt, **options: Unpack[CallOptions]) -> TextStream: ...
    @overload
    async def stream(self, prompt: Prompt, callback: Function, **options: Unpack[CallOptions]) -> Completion: ...
    @expose(aliases=("streaming_response", "stream_chat"))
    async def stream(
        self,
        prompt: Prompt,
        callback: Function | None = None,
        **options: Unpack[CallOptions],
    ) -> TextStream | Completion:
        """Return a model's answer piece by piece, to iterate over; with a callback, the whole answer at its end.

        :param prompt: what to ask, or a whole conversation
        :param callback: called with each piece of text; when it returns false, the answer stops there
        """
        wanted = self._options(Options(**options))
        opened = await self._calls.stream(as_messages(prompt, wanted.system), wanted)
        return opened if callback is None else await opened.drive(callback)

    @expose
    def chat_session(self, system: str | None = None, /, **options: Unpack[CallOptions]) -> ChatSession:
        """Return a conversation that remembers what was said.

        :param system: what the model is told before the conversation
        """
        told = Options(system=system).over(Options(**options))
        return ChatSession(self._calls, told, self._options)

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
        **options: Unpack[CallOptions],
    ) -> list[BatchSuccess | BatchFailure]:
        """Return the answers to many prompts in their order; one that failed is ``{ok = false, error}`` in its place.

        :param prompts: what to ask; each a text or a whole conversation
        :param max_concurrent: the most requests at once
        :param on_progress: called with the number of prompts done, and of all, after each
        """
        if max_concurrent < 1:
            raise BadArgument("llm.batch", None, "max_concurrent", f"must be at least 1, not {max_concurrent}")
        wanted = self._options(Options(**options))

        async def complete(prompt: Prompt) -> Completion:
            return await self._calls.complete(as_messages(prompt, wanted.system), wanted)

        return await complete_all(prompts, complete, max_concurrent, on_progress)
