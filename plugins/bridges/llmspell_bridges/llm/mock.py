"""The model ``mock:FILE``: it answers from a YAML or JSON file, for tests and demonstrations.

    replies:
      - text: Hello!
      - match: weather          # a regular expression on the last message
        chunks: [It is , sunny.]
      - tool_calls: [{name: add, arguments: {a: 1, b: 2}}]
      - error: {reason: rate_limit, message: slow down, status: 429}
      - echo: true              # answers with the request, as JSON
        delay: 0.5
    usage: {input_tokens: 10, output_tokens: 5}

A list of replies alone will do, and a text alone is a reply. Each reply is used once: the first unused one whose
``match`` fits the last message, else the next one without ``match``.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_bridges.llm.mock_file import MockReply, read_replies
from llmspell_bridges.llm.models import (
    Attachment,
    FinishReason,
    Message,
    Model,
    PreparedStream,
    Reply,
    Settings,
    Tool,
    Vectors,
    estimate_tokens,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MockModel"]


class MockModel(Model):
    """Answers from a list of replies, each used once."""

    def __init__(self, file: str) -> None:
        self.name = f"mock:{file}"
        self._file = file
        self._replies = read_replies(file)
        self._unused = dict(enumerate(self._replies))

    async def request(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> Reply:
        """Return the reply whose turn it is."""
        return (await self._answer(messages, settings, tools))[0]

    async def stream(
        self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()
    ) -> PreparedStream:
        """Return the same in its ``chunks``, or word by word."""
        return PreparedStream(*await self._answer(messages, settings, tools))

    def price(self, input_tokens: int, output_tokens: int) -> float:
        """Return the cost of the dearest reply in the file."""
        return max((mock.usage.get("cost", 0.0) for mock in self._replies), default=0.0)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors that the model ``demo`` makes."""
        from llmspell_bridges.llm.vectors import vector

        asked = sum(map(estimate_tokens, texts))
        return Vectors(text="", model=self.name, input_tokens=asked, cost=0.0, vectors=tuple(map(vector, texts)))

    def refusal(self, attachment: Attachment) -> None:
        """Return nothing: it takes whatever it is sent."""

    async def _answer(
        self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool]
    ) -> tuple[Reply, list[str]]:
        mock = self._take(messages[-1].content if messages else "")
        if mock.delay:
            import asyncio

            await asyncio.sleep(mock.delay)
        if mock.error is not None:
            self._fail(mock.error)
        text = _echo(messages, settings, tools) if mock.echo else mock.text or "".join(mock.chunks)
        usage = {
            "input_tokens": sum(estimate_tokens(message.content) for message in messages),
            "output_tokens": estimate_tokens(text),
            "cost": 0.0,
            **mock.usage,
        }
        reason: FinishReason = "tool_calls" if mock.tool_calls else "stop"
        reply = Reply(text, self.name, mock.tool_calls, finish_reason=reason, **usage)
        return reply, list(mock.chunks) or _words(text)

    def _take(self, last: str) -> MockReply:
        matching = (i for i, mock in self._unused.items() if mock.match is not None and mock.match.search(last))
        plain = (i for i, mock in self._unused.items() if mock.match is None)
        index = next(matching, None)
        if index is None:
            index = next(plain, None)
        if index is not None:
            return self._unused.pop(index)
        count = len(self._replies)
        left = (
            f"{len(self._unused)} of its {count} replies are left, and none matches {_glimpse(last)!r}"
            if self._unused
            else ""
        )
        problem = left or f"all of its {count} replies are used"
        raise ProviderFailed(self.name, "exhausted", f"{problem}; add a reply to the file, or make fewer calls")

    def _fail(self, error: Mapping[str, Any]) -> NoReturn:
        raise ProviderFailed(
            self.name,
            error["reason"],
            error.get("message", "the mock file says so"),
            status=error.get("status"),
            retry_after=error.get("retry_after"),
        )


def _words(text: str) -> list[str]:
    """Return the words of a text, each with the blanks before it, the last with those after it."""
    ends = [found.end() for found in re.finditer(r"\S+", text)]
    return [text[begin:end] for begin, end in pairwise([0, *ends[:-1], len(text)])] if ends else []


def _glimpse(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:97]}..."


def _shown(message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {"role": message.role, "content": message.content}
    attached = [
        {
            "type": each.kind,
            "media_type": each.media_type,
            "at": each.at,
            "url": each.url,
            "size": len(each.data or b""),
        }
        for each in message.attachments
    ]
    return {**shown, "attached": attached} if attached else shown


def _echo(messages: Sequence[Message], settings: Settings, tools: Sequence[Tool]) -> str:
    asked = {
        "messages": [_shown(message) for message in messages],
        "settings": {
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "stop": list(settings.stop),
            "seed": settings.seed,
        },
        "tools": [tool.name for tool in tools],
    }
    return json.dumps(asked, ensure_ascii=False)
