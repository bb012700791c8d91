"""What of a long conversation a model is shown: all of it, its last exchanges, or those and a summary of the rest.

An exchange is what a user says and all that follows from it, so a tool call is never parted from its result.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeAlias

from llmspell_bridges.llm.models import Message
from llmspell_core.facts import Fact, fact

__all__ = ["Keep", "Memory", "View"]

Summarise: TypeAlias = Callable[[list[Message]], Awaitable[str]]

_TASK = (
    "Summarise a conversation for whoever goes on with it: facts, decisions, names, numbers, open questions. "
    "Answer with the summary alone, in at most {words} words."
)
_WORDS = 200


@fact
class Keep(Fact):
    """What is shown of a conversation.

    :param kind: ``full``, ``window`` or ``summary``
    :param size: how many of the last exchanges, the present one among them
    """

    kind: Literal["full", "window", "summary"] = "full"
    size: int = 10


@fact
class View(Fact):
    """What is shown: messages, and what was said before them in short."""

    messages: Sequence[Message]
    summary: str = ""


class Memory:
    """Shows a conversation that grows at its end. A summary is made once and then made longer."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._summary, self._covered = "", 0

    async def view(self, messages: Sequence[Message], began: int, summarise: Summarise) -> View:
        """Return what is shown of a conversation.

        :param began: how many of the messages were there when the present exchange began, its first one included
        :param summarise: asks a model
        """
        if self._keep.kind == "full":
            return View(messages)
        starts = _exchanges(messages[:began])
        at = starts[-self._keep.size] if len(starts) > self._keep.size else 0
        if self._keep.kind == "window":
            return View(messages[at:])
        # A summary is made anew for several exchanges at a time, since each one costs a request.
        if sum(self._covered <= start < at for start in starts) >= max(1, self._keep.size // 2):
            self._summary = await summarise(_request(self._summary, messages[self._covered : at]))
            self._covered = at
        return View(messages[self._covered :], self._summary)


def _exchanges(messages: Sequence[Message]) -> list[int]:
    """Return where exchanges begin."""
    return [i for i, message in enumerate(messages) if message.role == "user"]


def _request(summary: str, messages: Sequence[Message]) -> list[Message]:
    told = [f"(Before that, in short: {summary})"] if summary else []
    told += [_line(message) for message in messages]
    return [Message("system", _TASK.format(words=_WORDS)), Message("user", "\n".join(told))]


def _line(message: Message) -> str:
    calls = [
        f"[calls {call.name} {json.dumps(dict(call.arguments), ensure_ascii=False)}]" for call in message.tool_calls
    ]
    shown = [f"[{each.kind}]" for each in message.attachments]
    return f"{message.role}: {' '.join([message.content, *shown, *calls]).strip()}"
