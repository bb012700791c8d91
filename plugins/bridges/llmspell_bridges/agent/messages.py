"""Messages of conversations and values that agents are given, as records and as text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.records import CallRecord, MessageRecord
from llmspell_bridges.llm.models import Message, ToolCall
from llmspell_bridges.llm.records import Part, as_message
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_bridges.llm.models import Attachment

__all__ = ["as_asked", "as_messages", "as_records", "as_text", "between", "content_of"]

_PARTS = ("text", "image", "file")


def as_records(messages: Iterable[Message]) -> list[MessageRecord]:
    """Return messages as spells see them."""
    return [_record(message) for message in messages]


def as_messages(records: Iterable[MessageRecord]) -> list[Message]:
    """Return the messages that records stand for."""
    return [
        Message(
            record["role"],
            said.content,
            tuple(_call(each) for each in record.get("tool_calls") or ()),
            None if record.get("tool_call") is None else _call(record["tool_call"]),
            said.attachments,
        )
        for record in records
        for said in [_said(record["role"], record["content"])]
    ]


def as_asked(value: Any) -> Message:
    """Return what an agent is given as a user's message: a text, parts of one, or all else as JSON."""
    if isinstance(value, Message):
        return value
    return _said("user", value) if _is_parts(value) else Message("user", as_text(value))


def between(before: str, message: Message, after: str = "") -> Message:
    """Return a message with more text around it."""
    moved = tuple(replace(each, at=each.at + len(before)) for each in message.attachments)
    return replace(message, content=f"{before}{message.content}{after}", attachments=moved)


def content_of(message: Message) -> Any:
    """Return what a message says as spells see it: a text, or parts where something is attached."""
    return [_part(each) for each in message.parts()] if message.attachments else message.content


def as_text(value: Any) -> str:
    """Return a value as a model reads it: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=lambda other: f"({type(other).__name__})")


def _record(message: Message) -> MessageRecord:
    made = MessageRecord(role=message.role, content=content_of(message))
    if message.tool_calls:
        made["tool_calls"] = [_call_record(call) for call in message.tool_calls]
    if message.tool_call is not None:
        made["tool_call"] = _call_record(message.tool_call)
    return made


def _is_parts(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(each, dict) and each.get("type") in _PARTS for each in value)


def _said(role: Any, content: Any) -> Message:
    return Message(role, content) if isinstance(content, str) else as_message(role, _read(content))


def _read(content: Any) -> list[Part]:
    from pydantic import TypeAdapter, ValidationError

    if all(isinstance(each, Part) for each in content):
        return list(content)
    try:
        return TypeAdapter(list[Part]).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at, *field = first["loc"]
        problem = f"{'.'.join(map(str, field)) or 'it'} is wrong: {first['msg'].lower()}"
        raise BadArgument("agent", None, f"part {int(at) + 1} of the input", problem) from None


def _part(part: str | Attachment) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    held = {"data": part.data, "path": part.path, "url": part.url, "media_type": part.media_type}
    return {"type": part.kind, **{name: value for name, value in held.items() if value}}


def _call_record(call: ToolCall) -> CallRecord:
    return CallRecord(id=call.id, name=call.name, arguments=dict(call.arguments))


def _call(record: CallRecord) -> ToolCall:
    return ToolCall(record["id"], record["name"], record["arguments"])
