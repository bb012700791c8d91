"""The records that spells pass to the llm bridge and get from it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypedDict

from llmspell_bridges.guardrails.attached import Attached
from llmspell_bridges.llm.models import Attachment, FinishReason, Message, Settings
from llmspell_core.errors import BadArgument
from llmspell_core.from_map import FromMap

__all__ = [
    "BatchFailure",
    "BatchSuccess",
    "CallOptions",
    "ChatMessage",
    "Completion",
    "Content",
    "CurrentProvider",
    "FailureRecord",
    "Left",
    "ModelRecord",
    "Options",
    "Part",
    "Prompt",
    "ProviderRecord",
    "RunUsage",
    "SessionRecord",
    "TokenCounts",
    "UsageRecord",
    "as_message",
    "as_messages",
]


@dataclass(frozen=True)
class Part(FromMap):
    """A part of a message: a text, or an image or a file by one of ``data``, ``path`` and ``url``.

    :param text: of a text
    :param data: what the image or file holds
    :param path: the file to read, which needs ``read:`` as any other
    :param url: where the provider finds it, which needs ``net:``; it is passed on as it is
    :param media_type: as ``image/png``; known from the name's ending when left out
    """

    type: Literal["text", "image", "file"]
    text: str | None = None
    data: bytes | None = None
    path: str | None = None
    url: str | None = None
    media_type: str | None = None

    def __post_init__(self) -> None:
        wanted = ("text",) if self.type == "text" else ("data", "path", "url")
        given = [name for name in ("text", "data", "path", "url") if getattr(self, name) is not None]
        if len(given) != 1 or given[0] not in wanted:
            problem = f"of type {self.type!r} has one of {', '.join(wanted)}, not {', '.join(given) or 'none'}"
            raise BadArgument("llm", None, "part of a message", problem)


Content = str | list[Part]


@dataclass(frozen=True)
class ChatMessage(FromMap):
    """One message of a conversation.

    :param content: a text, or a list of parts: texts, images, files
    """

    role: Literal["system", "user", "assistant"]
    content: Content


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
    :param cache: take an earlier answer to the same request, if it is not older than so many seconds; true: an hour
    :param guardrails: rules, or their names, that the messages and the answer have to keep; a stream's when it ends
    """

    model: str
    temperature: float
    max_tokens: int
    system: str
    stop: str | list[str]
    seed: int
    timeout: float
    cache: bool | float
    guardrails: Attached


@dataclass(frozen=True)
class Options(FromMap):
    """The options of a call: those of :class:`CallOptions`, nil where they were left out."""

    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    system: str | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    timeout: float | None = None
    cache: bool | float | None = None
    guardrails: Attached | None = None

    def __post_init__(self) -> None:
        for name, least in (("temperature", 0), ("max_tokens", 1), ("timeout", 0), ("cache", 0)):
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

    @property
    def cached_seconds(self) -> float:
        """How old an answer may be; 0 when none is to be taken."""
        return 3600.0 if self.cache is True else float(self.cache or 0)

    def plain(self) -> Options:
        """Return these options with the rules by their names alone."""
        named: Attached = [each if isinstance(each, str) else each.rail.name for each in self.guardrails or ()]
        return replace(self, guardrails=named or None)


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
    :param cached: it is an earlier answer; nothing was asked, so nothing was used
    """

    text: str
    model: str
    usage: UsageRecord
    estimated: bool
    finish_reason: FinishReason
    cached: bool


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
class SessionRecord(FromMap):
    """A conversation as plain values, to be kept and taken up again."""

    messages: list[ChatMessage] = field(default_factory=list)
    options: Options = field(default_factory=Options)


def as_messages(prompt: Prompt, system: str | None) -> list[Message]:
    """Return a prompt, or a conversation, as a model takes it."""
    told = [Message("system", system)] if system is not None else []
    if isinstance(prompt, str):
        return [*told, Message("user", prompt)]
    return [*told, *(as_message(message.role, message.content) for message in prompt)]


def as_message(role: Literal["system", "user", "assistant"], content: Content) -> Message:
    """Return a message as a model takes it; :raises BadArgument: when others than the user attach something."""
    if isinstance(content, str):
        return Message(role, content)
    text, attachments = "", []
    for part in content:
        if part.type == "text":
            text += ("\n" if text else "") + (part.text or "")
        else:
            attachments.append(Attachment(part.type, len(text), part.media_type or "", part.data, part.url, part.path))
    if attachments and role != "user":
        raise BadArgument("llm", None, "message", f"of the role {role!r} has text alone; attach to a user's message")
    return Message(role, text, attachments=tuple(attachments))
