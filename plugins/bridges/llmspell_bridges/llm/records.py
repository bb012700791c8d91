"""The records that spells pass to the llm bridge and get from it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypedDict

from llmspell_bridges.llm.models import FinishReason, Message, Settings
from llmspell_core.errors import BadArgument

__all__ = [
    "BatchFailure",
    "BatchSuccess",
    "CallOptions",
    "ChatMessage",
    "Completion",
    "CurrentProvider",
    "FailureRecord",
    "Left",
    "ModelRecord",
    "Options",
    "Prompt",
    "ProviderRecord",
    "RunUsage",
    "SessionRecord",
    "TokenCounts",
    "UsageRecord",
    "as_messages",
]


@dataclass(frozen=True)
class ChatMessage:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt = str | list[ChatMessage]


class CallOptions(TypedDict, total=False):
    """How a model is to be called; what is left out is left to the defaults, then to the model.

    :param model: which model, ``provider:model``
    :param temperature: from 0, the same answer each time, upwards
    :param max_tokens: the most tokens to answer with
    :param system: what the model is told before the conversation
    :param stop: texts that end the answer where they would appear
    :param seed: for the same answer each time, where the provider can
    :param timeout: seconds the answer may take; of a stream, its next piece
    """

    model: str
    temperature: float
    max_tokens: int
    system: str
    stop: str | list[str]
    seed: int
    timeout: float


@dataclass(frozen=True)
class Options:
    """The options of a call: those of :class:`CallOptions`, nil where they were left out."""

    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    system: str | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("temperature", 0), ("max_tokens", 1), ("timeout", 0)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise BadArgument("llm", None, name, f"must be at least {least}, not {value!r}")

    def over(self, base: Options) -> Options:
        """Return these options, and the base's where these have none."""
        return replace(base, **self.given())

    def given(self) -> dict[str, Any]:
        """Return what is not nil."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}

    def settings(self) -> Settings:
        """Return what the model itself is told."""
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        return Settings(self.temperature, self.max_tokens, stop, self.seed)


class UsageRecord(TypedDict):
    """What model calls have used.

    :param cost: in US dollars, nil where no price is known
    """

    requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None


class Left(TypedDict, total=False):
    """What is left of a run's budget; what is unbounded is left out.

    :param cost: US dollars
    """

    requests: int
    tokens: int
    cost: float


class RunUsage(UsageRecord):
    """What a run has used, and what is left of its budget."""

    left: Left


@dataclass(frozen=True)
class TokenCounts:
    """What a call has used, or is going to use; ``usage`` of a completion is one."""

    input_tokens: int
    output_tokens: int = 0
    requests: int = 1
    cost: float | None = None


class Completion(TypedDict):
    """A model's whole answer.

    :param model: the model that answered, ``provider:model``
    :param estimated: the provider did not count the tokens, so their number is estimated
    :param finish_reason: why it ended: by itself, at ``max_tokens``, by a filter, or ``cancelled`` by the spell
    """

    text: str
    model: str
    usage: UsageRecord
    estimated: bool
    finish_reason: FinishReason


class FailureRecord(TypedDict):
    """Why one request of a batch failed: the fields of the error."""

    kind: str
    message: str
    data: Any


class BatchSuccess(Completion):
    """The answer to one prompt of a batch."""

    ok: Literal[True]


class BatchFailure(TypedDict):
    """What stands in the place of an answer that failed."""

    ok: Literal[False]
    error: FailureRecord


class CurrentProvider(TypedDict):
    """The model that calls use when they name none."""

    provider: str
    model: str


class ProviderRecord(TypedDict):
    """A provider of models.

    :param ready: its models can be called now
    :param needs: what to do so that they can, where they cannot
    """

    name: str
    ready: bool
    needs: str | None


class ModelRecord(TypedDict):
    """A model that a provider offers; ``id`` is what the option ``model`` takes."""

    id: str
    provider: str


@dataclass(frozen=True)
class SessionRecord:
    """A conversation as plain values, to be kept and taken up again."""

    messages: list[ChatMessage] = field(default_factory=list)
    options: Options = field(default_factory=Options)


def as_messages(prompt: Prompt, system: str | None) -> list[Message]:
    """Return a prompt, or a conversation, as a model takes it."""
    told = [Message("system", system)] if system is not None else []
    if isinstance(prompt, str):
        return [*told, Message("user", prompt)]
    return [*told, *(Message(message.role, message.content) for message in prompt)]
