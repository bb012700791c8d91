"""Messages of conversations and values that agents are given, as records and as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.records import CallRecord, MessageRecord
from llmspell_bridges.llm.models import Message, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["as_messages", "as_records", "as_text"]


def as_records(messages: Iterable[Message]) -> list[MessageRecord]:
    """Return messages as spells see them."""
    return [_record(message) for message in messages]


def as_messages(records: Iterable[MessageRecord]) -> list[Message]:
    """Return the messages that records stand for."""
    return [
        Message(
            record["role"],
            record["content"],
            tuple(_call(each) for each in record.get("tool_calls") or ()),
            None if record.get("tool_call") is None else _call(record["tool_call"]),
        )
        for record in records
    ]


def as_text(value: Any) -> str:
    """Return a value as a model reads it: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=lambda other: f"({type(other).__name__})")


def _record(message: Message) -> MessageRecord:
    made = MessageRecord(role=message.role, content=message.content)
    if message.tool_calls:
        made["tool_calls"] = [_call_record(call) for call in message.tool_calls]
    if message.tool_call is not None:
        made["tool_call"] = _call_record(message.tool_call)
    return made


def _call_record(call: ToolCall) -> CallRecord:
    return CallRecord(id=call.id, name=call.name, arguments=dict(call.arguments))


def _call(record: CallRecord) -> ToolCall:
    return ToolCall(record["id"], record["name"], record["arguments"])
