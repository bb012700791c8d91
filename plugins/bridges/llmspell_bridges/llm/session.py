"""A conversation with a model that remembers what was said."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_bridges.llm.records import ChatMessage, Content, Options, SessionRecord, as_messages
from llmspell_core.bridge import Handle, expose
from llmspell_core.errors import CallError
from llmspell_core.values import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from llmspell_bridges.llm.calls import Calls
    from llmspell_bridges.llm.models import Message

__all__ = ["ChatSession"]


class ChatSession(Handle):
    """A conversation with a model. It makes one answer at a time."""

    def __init__(
        self,
        calls: Calls,
        options: Options,
        defaults: Callable[[], Options],
        messages: Iterable[ChatMessage] = (),
    ) -> None:
        self._calls, self._options, self._defaults = calls, options, defaults
        self._messages = list(messages)
        self._is_answering = False
        self._calls.held.note(self, self._options, self._messages)

    @expose(redo=True)
    async def send(self, text: Content) -> str:
        """Say something and return the answer; both are remembered, unless it fails.

        :param text: what to say; a text, or a list of parts: texts, images, files
        """
        with self._turn():
            options = self._options.over(self._defaults())
            answer = await self._calls.complete(self._with(text, options), options)
            self._remember(text, answer["text"])
            return answer["text"]

    @expose(redo=True)
    async def send_stream(self, text: Content, callback: Function) -> str:
        """Say something, call a function with each piece of the answer, and return the whole.

        What was said up to a stop is remembered.

        :param text: what to say; a text, or a list of parts: texts, images, files
        :param callback: called with each piece of text; when it returns false, the answer stops there
        """
        with self._turn():
            options = self._options.over(self._defaults())
            stream = await self._calls.stream(self._with(text, options), options)
            answer = await stream.drive(callback)
            self._remember(text, answer["text"])
            return answer["text"]

    @expose(aliases=("get_history",))
    def history(self) -> list[ChatMessage]:
        """Return what was said so far, oldest first."""
        return list(self._messages)

    @expose(redo=True)
    def clear(self) -> None:
        """Forget what was said; the options and the system text stay."""
        self._messages.clear()
        self._calls.held.note(self, self._options)

    @expose
    def export(self) -> SessionRecord:
        """Return the conversation as plain values, for ``import_session``."""
        return SessionRecord(list(self._messages), self._options.plain())

    @expose
    def fork(self) -> ChatSession:
        """Return another conversation that begins with all that was said in this one."""
        return ChatSession(self._calls, self._options, self._defaults, self._messages)

    def _with(self, text: Content, options: Options) -> list[Message]:
        self._calls.held.note(self, self._options, self._messages, text)
        return as_messages([*self._messages, ChatMessage("user", text)], options.system)

    def _remember(self, text: Content, answer: str) -> None:
        self._messages += (ChatMessage("user", text), ChatMessage("assistant", answer))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Waiting for the other answer would never end where its own callback is what asks.
        if self._is_answering:
            raise CallError("the session is still answering; wait for that answer, or fork the session")
        self._is_answering = True
        try:
            yield
        finally:
            self._is_answering = False
