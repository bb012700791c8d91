"""What every language model looks like from the bridge: messages in, a reply or a stream of it out."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EMBEDDED",
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
    "estimate_tokens",
]

EMBEDDED = ("demo", "mock")
"""The providers that need nothing."""

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "error", "cancelled"]

_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|\s*[^\sA-Za-z\d]")


@dataclass(frozen=True)
class ToolCall:
    """A tool that the model wants called."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    :param tool_calls: of an assistant's message: what it wants called
    :param tool_call: of a tool's message: the call that it answers
    """

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call: ToolCall | None = None


@dataclass(frozen=True)
class Tool:
    """What a model is told of a tool; ``schema`` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """How a model is to answer; None leaves it to the model."""

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True)
class Reply:
    """What a model answered.

    :param model: the model that answered, as it names itself
    :param cost: in US dollars, None where no price is known
    :param estimated: the provider did not count the tokens
    """

    text: str
    model: str
    tool_calls: tuple[ToolCall, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    estimated: bool = False
    finish_reason: FinishReason = "stop"


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
    return sum(1 + (len(piece) - 1) // 8 for piece in _PIECE.findall(text))
