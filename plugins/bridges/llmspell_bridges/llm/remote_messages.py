"""Conversations as pydantic-ai has them, and what it makes of streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_ai import messages as parts
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.tools import ToolDefinition

from llmspell_bridges.llm.models import Attachment, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmspell_bridges.llm.models import Message, Settings, Tool

__all__ = ["as_requests", "parameters", "text_of"]


def as_requests(messages: Sequence[Message]) -> Iterator[parts.ModelMessage]:
    """Yield a conversation as pydantic-ai has it."""
    for message in messages:
        match message.role:
            case "system":
                yield parts.ModelRequest([parts.SystemPromptPart(message.content)])
            case "user":
                content = [_part(part) for part in message.parts()] if message.attachments else message.content
                yield parts.ModelRequest([parts.UserPromptPart(content)])
            case "tool":
                call = message.tool_call or ToolCall("", "")
                yield parts.ModelRequest([parts.ToolReturnPart(call.name, message.content, call.id)])
            case "assistant":
                calls = [parts.ToolCallPart(c.name, dict(c.arguments), c.id) for c in message.tool_calls]
                said = [parts.TextPart(message.content)] if message.content else []
                yield parts.ModelResponse([*said, *calls])


def parameters(settings: Settings, tools: Sequence[Tool]) -> ModelRequestParameters:
    """Return what a model is told beside the conversation: tools, and the form of its answer."""
    told = [
        ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=dict(tool.schema))
        for tool in tools
    ]
    if settings.schema is None:
        return ModelRequestParameters(function_tools=told, allow_text_output=True)
    form = OutputObjectDefinition(json_schema=dict(settings.schema), name="answer")
    return ModelRequestParameters(function_tools=told, output_mode="native", output_object=form)


def text_of(event: object) -> str:
    """Return the text that an event of a stream brings, if any."""
    if isinstance(event, parts.PartStartEvent) and isinstance(event.part, parts.TextPart):
        return event.part.content
    if isinstance(event, parts.PartDeltaEvent) and isinstance(event.delta, parts.TextPartDelta):
        return event.delta.content_delta
    return ""


def _part(part: str | Attachment) -> parts.UserContent:
    if isinstance(part, str):
        return part
    if part.url is None:
        return parts.BinaryContent(part.data or b"", media_type=part.media_type)
    kind = parts.ImageUrl if part.kind == "image" else parts.DocumentUrl
    return kind(part.url, media_type=part.media_type)
