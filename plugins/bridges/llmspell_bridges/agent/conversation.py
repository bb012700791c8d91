"""A conversation with an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_bridges.agent.failures import Busy
from llmspell_bridges.agent.memory import Keep, Memory
from llmspell_bridges.agent.messages import as_records
from llmspell_bridges.agent.performing import silent
from llmspell_bridges.agent.records import MessageRecord
from llmspell_bridges.llm.records import Content, as_message
from llmspell_core.bridge import Handle, expose

if TYPE_CHECKING:
    from llmspell_bridges.agent.agent import Agent
    from llmspell_bridges.llm.models import Message

__all__ = ["Conversation"]


class Conversation(Handle):
    """A conversation with an agent, which gives one answer at a time."""

    def __init__(self, agent: Agent, history: list[Message]) -> None:
        self._agent, self._history = agent, history
        self._memory = Memory(agent.profile.keep or Keep())
        self._is_answering = False
        self._note()

    @expose(redo=True)
    async def send(self, text: Content) -> str:
        """Say something and return the agent's answer; both are remembered, unless it fails.

        :param text: what to say; a text, or a list of parts: texts, images, files
        """
        # Waiting would never end where a tool of the agent is what asks.
        if self._is_answering:
            raise Busy
        self._is_answering = True
        try:
            self._note(text)
            done = await self._agent.perform_on(as_message("user", text), list(self._history), self._memory, {}, silent)
            self._history += done.course.added
            return done.course.text
        finally:
            self._is_answering = False

    @expose
    def history(self) -> list[MessageRecord]:
        """Return what was said so far, with the calls of tools, oldest first."""
        return as_records(self._history)

    @expose(redo=True)
    def clear(self) -> None:
        """Forget what was said."""
        self._history, self._memory = [], Memory(self._agent.profile.keep or Keep())
        self._note()

    def _note(self, *more: object) -> None:
        self._agent.home.calls.held.note(self, self._history, *more)
