"""Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .server import Answer, FakeServer, Request

_FIELDS = {
    "cache_control",
    "container",
    "context_management",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "output_format",
    "service_tier",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
}
_BLOCKS = {"text": "text", "image": "source", "document": "source", "tool_use": "input", "tool_result": "tool_use_id"}
_USAGE = {"input_tokens": 12, "output_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}


class FakeAnthropic(FakeServer):
    """Speaks Anthropic's API."""

    @property
    def url(self) -> str:
        return self.address

    def listed(self) -> Any:
        one = {"id": "claude-x", "type": "model", "display_name": "X", "created_at": "2025-01-01T00:00:00Z"}
        return {"data": [one], "has_more": False, "first_id": "claude-x", "last_id": "claude-x"}

    def problems_of(self, request: Request) -> list[str]:
        if request.path.partition("?")[0] != "/v1/messages":
            return [f"no such path: {request.path}"]
        found = [] if {"x-api-key", "authorization"} & set(request.headers) else ["no x-api-key"]
        found += [] if request.headers.get("anthropic-version") else ["no anthropic-version"]
        return [*found, *_problems(request.body)]

    def refused(self, problems: list[str]) -> Answer:
        return self.failure(400, "; ".join(problems))

    @staticmethod
    def failure(status: int, message: str, **headers: str) -> Answer:
        """Return an error as Anthropic words it."""
        body = json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
        return Answer(status, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})

    @staticmethod
    def text(said: str) -> Callable[[Request], Answer]:
        """Return an answer with one text, streamed where that was asked for."""
        whole = _message([{"type": "text", "text": said}], "end_turn", _USAGE)
        return lambda asked: FakeAnthropic.chunks(said) if asked.body.get("stream") else _whole(whole)

    @staticmethod
    def tool_use(name: str, arguments: Any) -> Callable[[Request], Answer]:
        """Return an answer that calls a tool, streamed where that was asked for."""
        call = {"type": "tool_use", "id": "toolu_1", "name": name, "input": arguments}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
        streamed = _stream({**call, "input": {}}, [delta], "tool_use")
        whole = _message([call], "tool_use", _USAGE)
        return lambda asked: streamed if asked.body.get("stream") else _whole(whole)

    @staticmethod
    def chunks(*said: str, stalls: bool = False) -> Answer:
        """Return a streamed answer."""
        deltas = [{"type": "text_delta", "text": each} for each in said]
        return _stream({"type": "text", "text": ""}, deltas, None if stalls else "end_turn")


def _whole(message: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(message).encode())


def _stream(block: dict[str, Any], deltas: list[Any], reason: str | None) -> Answer:
    """Return a stream of one block; without a reason to end it stalls."""
    ended = {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}}
    events = [
        {"type": "message_start", "message": _message([], None, {**_USAGE, "output_tokens": 1})},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
    ]
    if reason is not None:
        stop = {"type": "content_block_stop", "index": 0}
        events += [stop, {**ended, "usage": {"output_tokens": 5}}, {"type": "message_stop"}]
    named = [(event["type"], event) for event in events]
    return Answer(events=named, stalls=reason is None, headers={"content-type": "text/event-stream"})


def _problems(body: Any) -> Any:
    yield from (f"unknown field {name!r}" for name in sorted(body.keys() - _FIELDS))
    if not isinstance(body.get("model"), str):
        yield "model is missing"
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        yield "max_tokens is missing"
    if not 0 <= body.get("temperature", 0) <= 1:
        yield "temperature is out of range"
    messages = body.get("messages") or []
    if not messages or messages[0].get("role") != "user":
        yield "the first message is not the user's"
    used: set[str] = set()
    for message in messages:
        if message.get("role") not in ("user", "assistant"):
            yield f"no such role: {message.get('role')!r}"
        content = message.get("content")
        if not content:
            yield "a message is empty"
        for block in content if isinstance(content, list) else ():
            if _BLOCKS.get(block.get("type")) not in block:
                yield f"a block is none: {block}"
            if block.get("type") == "tool_use":
                used.add(block["id"])
            if block.get("type") == "tool_result" and block["tool_use_id"] not in used:
                yield "a result of no tool_use"
            if block.get("type") == "text" and not block["text"].strip():
                yield "a text block is empty"
    for tool in body.get("tools") or ():
        if not tool.get("name") or tool.get("input_schema", {}).get("type") != "object":
            yield f"a tool is none: {tool}"


def _message(content: list[Any], reason: str | None, usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-6",
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": usage,
    }
