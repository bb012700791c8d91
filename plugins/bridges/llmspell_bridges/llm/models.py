"""What every language model looks like from the bridge: messages in, a reply or a stream of it out."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "EMBEDDED",
    "Attachment",
    "FinishReason",
    "Message",
    "Model",
    "PreparedStream",
    "Reply",
    "ReplyStream",
    "Role",
    "Settings",
    "Tool",
    "ToolCall",
    "Vectors",
    "estimate_tokens",
]

EMBEDDED = ("demo", "mock")
"""The providers that need nothing."""

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "error", "cancelled"]

# Blanks are taken whatever follows, or each of them would be a place to look from again.
_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|\s+[^\sA-Za-z\d]?|[^\sA-Za-z\d]")


@dataclass(frozen=True)
class ToolCall:
    """A tool that the model wants called."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Attachment:
    """An image or a file that goes with a message.

    :param at: where in the message's text it stands
    :param data: what it holds; None as long as only its ``url`` or its ``path`` is known
    """

    kind: Literal["image", "file"]
    at: int = 0
    media_type: str = ""
    data: bytes | None = field(default=None, repr=False)
    url: str | None = None
    path: str | None = None


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    :param content: all its text
    :param tool_calls: of an assistant's message: what it wants called
    :param tool_call: of a tool's message: the call that it answers
    """

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call: ToolCall | None = None
    attachments: tuple[Attachment, ...] = ()

    def parts(self) -> list[str | Attachment]:
        """Return texts and attachments in the order in which the model is to see them."""
        found: list[str | Attachment] = []
        begun = 0
        for attachment in self.attachments:
            found += [self.content[begun : attachment.at], attachment]
            begun = max(begun, attachment.at)
        return [part for part in (*found, self.content[begun:]) if part]


@dataclass(frozen=True)
class Tool:
    """What a model is told of a tool; ``schema`` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """How a model is to answer; None leaves it to the model.

    :param schema: the JSON Schema that the answer is to fit; None for any text
    :param idempotency_key: tells a provider that the request is the same as before, where it takes one
    """

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    schema: Mapping[str, Any] | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Reply:
    """What a model answered.

    :param model: the model that answered, as it names itself
    :param cost: in US dollars, None where no price is known
    :param estimated: the provider did not count the tokens
    :param cached: it is an earlier answer, kept; this one took nothing
    """

    text: str
    model: str
    tool_calls: tuple[ToolCall, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    estimated: bool = False
    finish_reason: FinishReason = "stop"
    cached: bool = False


@dataclass(frozen=True, kw_only=True)
class Vectors(Reply):
    """What a model made of texts: a vector for each, in their order."""

    vectors: tuple[Sequence[float], ...]


class ReplyStream(ABC):
    """A reply on its way."""

    @abstractmethod
    async def next(self) -> str | None:
        """Return the next piece of text, or None after the last."""

    @abstractmethod
    def reply(self) -> Reply:
        """Return what has come so far; the whole reply once ``next`` gave None."""

    @abstractmethod
    async def close(self) -> None:
        """Stop the provider, if it is not done. A second call does nothing."""


class Model(ABC):
    """A language model, opened for one run."""

    name: str
    """What spells and callers call it: ``provider:model``."""

    @abstractmethod
    async def request(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> Reply:
        """Return the model's answer to a conversation; cancelling the call cancels the request."""

    @abstractmethod
    async def stream(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> ReplyStream:
        """Return the answer as it is made."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a vector for each text; :raises ProviderFailed: when the model makes none."""
        from llmspell_bridges.llm.failures import ProviderFailed

        problem = "it makes no vectors of texts; name an embedding model, as openai:text-embedding-3-small"
        raise ProviderFailed(self.name, "bad_request", problem)

    def refusal(self, attachment: Attachment) -> str | None:
        """Return why the model takes no such attachment, or None when it does."""
        return f"the model takes no {attachment.kind}s; choose one that does, or send text alone"

    def keeps(self, schema: Mapping[str, Any]) -> bool:
        """Tell whether the model takes a schema beside the conversation, so that it need not be told in it."""
        return False

    def price(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return what so many tokens cost at the most, in dollars, or None where no price is known."""
        return None


class PreparedStream(ReplyStream):
    """Hands out a reply that is known from the start, in pieces, with a pause before each."""

    def __init__(self, reply: Reply, chunks: Iterable[str], pause: float = 0.0) -> None:
        self._reply, self._chunks, self._pause = reply, list(chunks), pause
        self._given = 0
        self._stopped = False

    async def next(self) -> str | None:
        """Return the next piece of text, or None after the last."""
        if self._stopped or self._given == len(self._chunks):
            return None
        if self._pause:
            import asyncio

            await asyncio.sleep(self._pause)
        self._given += 1
        return self._chunks[self._given - 1]

    def reply(self) -> Reply:
        """Return what has been handed out so far."""
        if self._given == len(self._chunks):
            return self._reply
        text = "".join(self._chunks[: self._given])
        reason: FinishReason = "cancelled" if self._stopped else "stop"
        return replace(self._reply, text=text, output_tokens=self._given, finish_reason=reason)

    async def close(self) -> None:
        """Hand out nothing more."""
        self._stopped = True


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a model makes of a text; within a fifth or so for English prose."""
    return sum(1 + (len(piece) - 1) // 8 for piece in _PIECE.findall(text) if not piece.isspace())
