"""An HTTP server on loopback that speaks OpenAI's chat completions, from the standard library alone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ROLES = {"system", "user", "assistant", "tool"}


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """What to send back; ``stalls`` leaves the connection open without an end."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    events: list[Any] | None = None
    stalls: bool = False


def text(said: str, *, finish: str = "stop", usage: tuple[int, int] | None = (11, 7)) -> Answer:
    """Return an answer with one text."""
    return _completion({"role": "assistant", "content": said}, finish, usage)


def tool_call(name: str, arguments: Any) -> Answer:
    """Return an answer that calls a tool."""
    call = {"id": "call_9", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return _completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls", (5, 3))


def chunks(*said: str, stalls: bool = False, usage: tuple[int, int] | None = (11, 7)) -> Answer:
    """Return a streamed answer."""
    events = [_chunk([{"index": 0, "delta": {"content": each}, "finish_reason": None}]) for each in said]
    if not stalls:
        events.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        if usage:
            events.append({**_chunk([]), "usage": _usage(usage)})
        events.append("[DONE]")
    return Answer(events=events, stalls=stalls, headers={"content-type": "text/event-stream"})


def failure(status: int, message: str, **headers: str) -> Answer:
    """Return an error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": None}})
    return Answer(status, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def raw(body: bytes) -> Answer:
    """Return whatever bytes, said to be JSON."""
    return Answer(200, body)


def stalled() -> Answer:
    """Return no answer, and keep the connection open."""
    return Answer(stalls=True)


class FakeOpenAI:
    """Answers requests in order; requests that OpenAI would refuse are kept as ``problems``.

    :param answers: each an answer, or a function that makes one of the request
    """

    def __init__(self, *answers: Answer | Callable[[Request], Answer]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.hung_up = asyncio.Event()
        self.received = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FakeOpenAI:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def all_closed(self) -> None:
        """Return when no client is connected."""
        await asyncio.gather(*self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                self.received.set()
                await self._answer(request, reader, writer)
        except ConnectionError:
            self.hung_up.set()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if request.method == "GET":
            listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in ("small", "big")]
            answer = Answer(200, json.dumps({"object": "list", "data": listed}).encode())
        else:
            found = _problems(request)
            self.problems += found
            next_answer = failure(400, "; ".join(found)) if found else self.answers.pop(0)
            answer = next_answer(request) if callable(next_answer) else next_answer
        if answer.events is None and not answer.stalls:
            headers = {"content-type": "application/json", "content-length": str(len(answer.body)), **answer.headers}
            writer.write(_head(answer.status, headers) + answer.body)
            await writer.drain()
            return
        if answer.events is not None:
            writer.write(_head(answer.status, {"transfer-encoding": "chunked", **answer.headers}))
            for event in answer.events:
                data = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
                writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
        if answer.stalls:
            assert await reader.read() == b""
            self.hung_up.set()
            raise ConnectionError
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, json.loads(body) if body else None)


def _problems(request: Request) -> list[str]:
    body, wrong = request.body, []
    if request.path != "/v1/chat/completions":
        wrong.append(f"no such path: {request.path}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        wrong.append("model is missing")
    if not body.get("messages") or any(message.get("role") not in _ROLES for message in body["messages"]):
        wrong.append("messages are missing or have no role")
    if not isinstance(body.get("stream", False), bool):
        wrong.append("stream is no boolean")
    if not 0 <= body.get("temperature", 0) <= 2:
        wrong.append("temperature is out of range")
    return wrong


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


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
