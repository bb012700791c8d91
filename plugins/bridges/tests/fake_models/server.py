"""What the fake servers have in common: requests in, prepared answers out, and what was seen of the client."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """What to send back.

    :param events: of a stream: the data of each, or ``(name, data)``
    :param pause: seconds before each event
    :param stalls: leaves the connection open without an end
    :param cut: closes the connection in the middle
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    events: list[Any] | None = None
    pause: float = 0.0
    stalls: bool = False
    cut: bool = False


def raw(body: bytes) -> Answer:
    """Return whatever bytes, said to be JSON."""
    return Answer(200, body)


def stalled() -> Answer:
    """Return no answer, and keep the connection open."""
    return Answer(stalls=True)


class FakeServer(ABC):
    """Answers requests in order; requests that the provider would refuse are kept as ``problems``.

    :param answers: each an answer, or a function that makes one of the request
    :param together: how many requests are to be in flight before the first is answered
    """

    def __init__(self, *answers: Answer | Callable[[Request], Answer], together: int = 0) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.in_flight = self.peak = 0
        self.hung_up = asyncio.Event()
        self.received = asyncio.Event()
        self._together, self._all_here = together, asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FakeServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def all_closed(self) -> None:
        """Return when no client is connected."""
        await asyncio.gather(*self._connections)

    @abstractmethod
    def listed(self) -> Any:
        """Return the answer to a question for models."""

    @abstractmethod
    def problems_of(self, request: Request) -> list[str]:
        """Return why the provider would refuse a request."""

    @abstractmethod
    def refused(self, problems: list[str]) -> Answer:
        """Return the provider's refusal."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                self.in_flight += 1
                self.peak = max(self.peak, self.in_flight)
                self.received.set()
                try:
                    await self._answer(request, reader, writer)
                finally:
                    self.in_flight -= 1
        except ConnectionError:
            self.hung_up.set()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = self._chosen(request)
        if self.in_flight >= self._together:
            self._all_here.set()
        await self._all_here.wait()
        if answer.events is None and not answer.stalls:
            headers = {"content-type": "application/json", "content-length": str(len(answer.body)), **answer.headers}
            writer.write(_head(answer.status, headers) + answer.body[: len(answer.body) // 2 if answer.cut else None])
        if answer.events is not None:
            writer.write(_head(answer.status, {"transfer-encoding": "chunked", **answer.headers}))
            await self._send(answer, reader, writer)
        await writer.drain()
        if answer.cut:
            raise ConnectionError
        if answer.stalls:
            assert await reader.read() == b""
            self.hung_up.set()
            raise ConnectionError
        if answer.events is not None:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    async def _send(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for event in answer.events or ():
            if answer.pause:
                await asyncio.sleep(answer.pause)
            if reader.at_eof():
                raise ConnectionError
            data = _event(event)
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()

    def _chosen(self, request: Request) -> Answer:
        if request.method == "GET":
            return Answer(200, json.dumps(self.listed()).encode())
        if found := self.problems_of(request):
            self.problems += found
            return self.refused(found)
        answer = self.answers.pop(0)
        return answer(request) if callable(answer) else answer


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


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _event(event: Any) -> bytes:
    name, data = event if isinstance(event, tuple) else ("", event)
    said = f"event: {name}\n" if name else ""
    return f"{said}data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()
