"""OpenAI's chat completions and embeddings."""

from __future__ import annotations

import json
import re
from typing import Any

from .server import Answer, FakeServer, Request

_CHAT = {
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "reasoning_effort",
    "response_format",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
}
_PARTS = {"text": "text", "image_url": "image_url", "file": "file", "input_audio": "input_audio"}
_NAME = re.compile(r"[\w-]{1,64}")


class FakeOpenAI(FakeServer):
    """Speaks OpenAI's API."""

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def listed(self) -> Any:
        listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in ("small", "big")]
        return {"object": "list", "data": listed}

    def problems_of(self, request: Request) -> list[str]:
        if request.path == "/v1/embeddings":
            return list(_embedding_problems(request.body))
        if request.path != "/v1/chat/completions":
            return [f"no such path: {request.path}"]
        return list(_chat_problems(request.body))

    def refused(self, problems: list[str]) -> Answer:
        return failure(400, "; ".join(problems))


def text(said: str, *, finish: str = "stop", usage: tuple[int, int] | None = (11, 7)) -> Answer:
    """Return an answer with one text."""
    return _completion({"role": "assistant", "content": said}, finish, usage)


def tool_call(name: str, arguments: Any) -> Answer:
    """Return an answer that calls a tool."""
    call = {"id": "call_9", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return _completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls", (5, 3))


def tool_calls(*calls: tuple[str, Any], text: str | None = None) -> Answer:
    """Return an answer that calls several tools."""
    made = [
        {"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for i, (name, arguments) in enumerate(calls)
    ]
    return _completion({"role": "assistant", "content": text, "tool_calls": made}, "tool_calls", (5, 3))


def tool_chunks(name: str, arguments: Any) -> Answer:
    """Return a streamed answer that calls a tool, its arguments in two pieces."""
    text = json.dumps(arguments)
    call = {"index": 0, "id": "call_9", "type": "function", "function": {"name": name, "arguments": text[:3]}}
    rest = {"index": 0, "function": {"arguments": text[3:]}}
    deltas = [{"role": "assistant", "tool_calls": [call]}, {"tool_calls": [rest]}]
    events: list[Any] = [_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    events.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]))
    events += [{**_chunk([]), "usage": _usage((5, 3))}, "[DONE]"]
    return Answer(events=events, headers={"content-type": "text/event-stream"})


def chunks(
    *said: str,
    stalls: bool = False,
    cut: bool = False,
    pause: float = 0.0,
    usage: tuple[int, int] | None = (11, 7),
) -> Answer:
    """Return a streamed answer."""
    events: list[Any] = [_chunk([{"index": 0, "delta": {"content": each}, "finish_reason": None}]) for each in said]
    if not stalls and not cut:
        events.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        if usage:
            events.append({**_chunk([]), "usage": _usage(usage)})
        events.append("[DONE]")
    return Answer(events=events, pause=pause, stalls=stalls, cut=cut, headers={"content-type": "text/event-stream"})


def vectors(request: Request) -> Answer:
    """Return a vector for each text that was sent: its number, and its length."""
    given = request.body["input"]
    made = [[float(i), float(len(each))] for i, each in enumerate([given] if isinstance(given, str) else given)]
    # A provider may answer in any order; the index says which is which, and all of them keep the order.
    data = [{"object": "embedding", "index": i, "embedding": each} for i, each in enumerate(made)]
    usage = {"prompt_tokens": 3 * len(made), "total_tokens": 3 * len(made)}
    body = {"object": "list", "data": data, "model": request.body["model"], "usage": usage}
    return Answer(200, json.dumps(body).encode())


def failure(status: int, message: str, **headers: str) -> Answer:
    """Return an error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": None}})
    return Answer(status, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def _chat_problems(body: Any) -> Any:
    if not isinstance(body, dict):
        yield "the body is no object"
        return
    yield from (f"unknown field {name!r}" for name in sorted(body.keys() - _CHAT))
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield "model is missing"
    if not isinstance(body.get("stream", False), bool):
        yield "stream is no boolean"
    if body.get("stream_options") and not body.get("stream"):
        yield "stream_options without stream"
    if not 0 <= body.get("temperature", 0) <= 2:
        yield "temperature is out of range"
    if len(body["stop"]) > 4 if isinstance(body.get("stop"), list) else False:
        yield "more than four stops"
    yield from _message_problems(body.get("messages"))
    for tool in body.get("tools") or ():
        if tool.get("type") != "function" or not _NAME.fullmatch(tool["function"].get("name", "")):
            yield f"a tool is none: {tool}"
    if (form := body.get("response_format")) is not None:
        yield from _form_problems(form)


def _message_problems(messages: Any) -> Any:
    if not isinstance(messages, list) or not messages:
        yield "messages are missing"
        return
    called: set[str] = set()
    for message in messages:
        role, content = message.get("role"), message.get("content")
        if role not in ("system", "developer", "user", "assistant", "tool"):
            yield f"no such role: {role!r}"
        if called and role != "tool":
            yield f"tool calls were not answered: {sorted(called)}"
            called = set()
        if role == "tool" and message.get("tool_call_id") not in called:
            yield "a tool message answers no call"
        called.discard(message.get("tool_call_id", ""))
        called |= {call["id"] for call in message.get("tool_calls") or ()}
        if content is None and not message.get("tool_calls"):
            yield f"a message of {role!r} has no content"
        for part in content if isinstance(content, list) else ():
            if _PARTS.get(part.get("type")) not in part:
                yield f"a part is none: {part}"
            url = part.get("image_url", {}).get("url", "https://")
            if not url.startswith(("https://", "http://", "data:image/")):
                yield f"no image: {url[:40]}"
    if called:
        yield f"tool calls were not answered: {sorted(called)}"


def _form_problems(form: Any) -> Any:
    if form.get("type") not in ("text", "json_object", "json_schema"):
        yield f"no such response_format: {form}"
    if form.get("type") != "json_schema":
        return
    told = form.get("json_schema") or {}
    if not _NAME.fullmatch(told.get("name", "")):
        yield "the schema has no name"
    schema = told.get("schema") or {}
    if schema.get("type") != "object":
        yield f"the schema's root is no object: {schema}"
    if told.get("strict") and set(schema.get("properties", {})) != set(schema.get("required", ())):
        yield "a strict schema requires all fields"
    if told.get("strict") and schema.get("additionalProperties") is not False:
        yield "a strict schema allows no other fields"


def _embedding_problems(body: Any) -> Any:
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not texts or len(texts) > 2048 or any(not isinstance(each, str) or not each for each in texts):
        yield "input is empty, too long, or no text"
    if not body.get("model"):
        yield "model is missing"
    if body.get("encoding_format") not in (None, "float", "base64"):
        yield "no such encoding_format"


def _completion(message: dict[str, Any], finish: str, usage: tuple[int, int] | None) -> Answer:
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        **({"usage": _usage(usage)} if usage else {}),
    }
    return Answer(200, json.dumps(body).encode())


def _chunk(choices: list[Any]) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini", "choices": choices}


def _usage(usage: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
